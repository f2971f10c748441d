"""The order that readers expect, on both databases alike; the details are in tests/services/test_sortkey.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api.answers import ids, pages

if TYPE_CHECKING:
    from tests.client import Client
    from tests.factories import Factory


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
