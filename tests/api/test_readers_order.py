"""The order that readers expect, on both databases alike; the details are in tests/unit/domain/test_sort_keys.py."""
# ruff: noqa: RUF001  (titles as they are really written, look-alikes included)

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from app.domain.sort_keys import RULE, sort_key
from app.models import Author, Base, Book
from app.queries import authors, book_filters, facets
from tests.api.responses import ids, pages

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory


class TestOrder:
    TITLES = (
        "???",
        "2001: A Space Odyssey",
        "10,000 Days",
        "… And Justice for All",
        "Ecole",
        "École",
        "Ecolier",
        "¡Hola!",
        "Œuvres",
        "Øst",
        "Volume 2",
        "Volume 10",
        "Zebra",
        "Ёлка",
        "Ель",
        "«Война» и мир",
    )
    ORDER = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 13, 14)

    def test_of_titles(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member)["id"]
        for title in reversed(self.TITLES):
            make.book(member, title=title, author_id=author)
        in_order = [self.TITLES[place] for place in self.ORDER]
        for limit in (1, 3, 200):
            for sort, expected in (("title", in_order), ("-title", in_order[::-1])):
                walk = pages(client, f"/books?sort={sort}&limit={limit}")
                assert [book["title"] for page in walk for book in page.json()] == expected

    def test_of_a_title_that_changes(self, client: Client, member: Client, make: Factory) -> None:
        first, second = (make.book(member, title=title)["id"] for title in ("Eclat", "Ecole"))
        member.patch(f"/books/{first}", json={"title": "École"}).raise_for_status()
        assert ids(client.get("/books?sort=title").json()) == [second, first]

    def test_of_persons(self, client: Client, member: Client, make: Factory) -> None:
        names = ["Émile Zola", "Zoé Garcia", "Ana García Lorca", "Æmilia Ærø", "Şerife Öz", "José Saramago"]
        for name in names:
            make.author(member, name=name)
        make.author(member, name="F. García Lorca", sort_name="García Lorca, F.")
        walk = pages(client, "/authors?sort=name&limit=2")
        assert [author["sort_name"] for page in walk for author in page.json()] == [
            "Ærø, Æmilia",
            "Garcia, Zoé",
            "García Lorca, F.",
            "Lorca, Ana García",
            "Öz, Şerife",
            "Saramago, José",
            "Zola, Émile",
        ]

    def test_of_genres(self, client: Client, member: Client, make: Factory) -> None:
        make.book(member, genres=["Zoologie", "Œuvres", "Poésie", "poesie", "Ère 10", "Ere 2", "«Art»"])
        walk = pages(client, "/genres?limit=1")
        names = [genre["name"] for page in walk for genre in page.json()]
        assert names == ["«Art»", "Ere 2", "Ère 10", "Œuvres", "poesie", "Poésie", "Zoologie"]


class TestAnyTitles:
    LETTERS = "aAäÅbæeéEœzZßøıİжЁёйиІשمپกุเक猫がﬁＦ🐈𝔄  --..,'’«»!?#0123459½\N{COMBINING ACUTE ACCENT}\uffff\U0010ffff"
    ORDERS = ("title", "-title")

    @pytest.fixture
    def titles(self, database: DatabaseInside) -> dict[int, str]:
        """Titles of all kinds by id, many of them alike."""
        dice = Random(13)  # noqa: S311  (the same titles in every run)
        some = ["".join(dice.choices(self.LETTERS, k=dice.choice([1, 2, 3, 9]))) for _ in range(300)]
        long = [f"{letter * 499}{last}" for letter in "aж猫🐈" for last in "ab"]
        with database.transaction() as db:
            author = Author(name="Author", sort_name="Author")
            db.add(author)
            db.flush()
            books = [Book(title=title, author_id=author.id) for title in [*some, *some[::3], *long]]
            db.add_all(books)
            db.flush()
            return {book.id: book.title for book in books}

    @pytest.mark.parametrize("limit", [17, 200])
    def test_are_in_one_order_on_both_databases_and_each_is_seen_once(
        self, client: Client, titles: dict[int, str], limit: int
    ) -> None:
        expected = sorted(titles, key=lambda book_id: (sort_key(titles[book_id]), book_id))
        for sort, order in zip(self.ORDERS, (expected, expected[::-1]), strict=True):
            walk = pages(client, f"/books?sort={sort}&fields=id&limit={limit}")
            assert [book["id"] for page in walk for book in page.json()] == order

    def test_are_kept_as_they_were_computed(self, database: DatabaseInside, titles: dict[int, str]) -> None:
        with database.transaction() as db:
            kept = {book_id: key for book_id, key in db.execute(select(Book.id, Book.title_key))}  # noqa: C416
        assert kept == {book_id: sort_key(title) for book_id, title in titles.items()}


class TestEveryOrder:
    def test_by_a_key_names_the_rule_that_made_it(self) -> None:
        """Else a walk across a change of the rule would lose and repeat rows."""
        orders = [*book_filters.ORDERS.values(), *authors.ORDERS.values(), facets.BY_NAME]
        of_keys = [order for order in orders if any(str(column).endswith("_key") for column in order.columns)]
        assert len(of_keys) == 5
        assert {order.rule for order in of_keys} == {RULE}

    def test_compares_by_code_point(self) -> None:
        """PostgreSQL would compare by the rules of the server's locale."""
        names = {"title_key", "publisher_key", "series_key", "sort_key", "filter_key"}
        columns = [column for table in Base.metadata.tables.values() for column in table.columns]
        types = [column.type for column in columns if column.name in names]
        on_postgres = postgresql.dialect()  # type: ignore[no-untyped-call]
        assert [kind.compile(on_postgres) for kind in types] == ['TEXT COLLATE "C"'] * len(names)
