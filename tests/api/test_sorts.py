"""Lists in every order, walked page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest

from app.web.cursors import Cursors
from devtools.databases import SECRET
from tests.api.responses import faults, ids, next_cursor, pages, refusal

if TYPE_CHECKING:
    from app.queries.keyset import SortValues
    from tests.support.client import Client
    from tests.support.factories import Factory

SORTS = ["id", "title", "published_year", "created_at", "updated_at"]
EVERY_SORT = SORTS + [f"-{name}" for name in SORTS]
AUTHOR_SORTS = ["id", "-id", "name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]
BOOKS = [
    ("b", 1815),
    ("B", None),
    ("a", -750),
    ("Éa", 1815),
    ("z", None),
    ("ja\N{LATIN SMALL LETTER SHARP S}", 0),
    ("\N{CJK UNIFIED IDEOGRAPH-732B}", None),
]
PERSONS = ["Jane Austen", "Emily Brontë", "jane austen", "Homer", "JANE AUSTEN", "夏目漱石"]
BY_TITLE = [2, 0, 1, 3, 5, 4, 6]
BY_YEAR = [2, 5, 0, 3, 1, 4, 6]


@pytest.fixture
def shelf(member: Client, make: Factory) -> list[int]:
    """Books with ties, and some without a year; one was changed after the others were made."""
    author = make.author(member)["id"]
    made = [make.book(member, title=title, published_year=year, author_id=author)["id"] for title, year in BOOKS]
    member.put(f"/books/{made[2]}", json={"pages": 1}).raise_for_status()
    return made


@pytest.fixture
def persons(member: Client, make: Factory) -> list[int]:
    """Authors, two of them of one name."""
    return [make.author(member, name=name)["id"] for name in PERSONS]


def walked(client: Client, address: str) -> list[int]:
    """The ids of a list, page by page."""
    return [number for page in pages(client, address) for number in ids(page.json())]


class TestBooks:
    @pytest.mark.parametrize(
        ("sort", "places"),
        [
            ("id", [0, 1, 2, 3, 4, 5, 6]),
            ("-id", [6, 5, 4, 3, 2, 1, 0]),
            ("title", BY_TITLE),
            ("-title", BY_TITLE[::-1]),
            ("published_year", BY_YEAR),
            ("created_at", [0, 1, 2, 3, 4, 5, 6]),
            ("-created_at", [6, 5, 4, 3, 2, 1, 0]),
            ("updated_at", [0, 1, 3, 4, 5, 6, 2]),
            ("-updated_at", [2, 6, 5, 4, 3, 1, 0]),
        ],
    )
    def test_are_in_that_order(self, client: Client, shelf: list[int], sort: str, places: list[int]) -> None:
        assert ids(client.get(f"/books?sort={sort}").json()) == [shelf[place] for place in places]

    def test_backwards_by_year_those_without_one_still_come_last(self, client: Client, shelf: list[int]) -> None:
        years = [book["published_year"] for book in client.get("/books?sort=-published_year").json()]
        assert shelf
        assert years == [1815, 1815, 0, -750, None, None, None]

    @pytest.mark.parametrize("also", ["", "&role=aut", "&q=author"])
    def test_a_walk_shows_each_once_and_in_that_order(self, client: Client, shelf: list[int], also: str) -> None:
        addresses = [f"/books?sort={sort}{also}" for sort in EVERY_SORT]
        wholes = {address: ids(client.get(address).json()) for address in addresses}
        assert {tuple(sorted(whole)) for whole in wholes.values()} == {tuple(shelf)}
        for limit in (1, 2, 6):
            assert {address: walked(client, f"{address}&limit={limit}") for address in addresses} == wholes

    @pytest.mark.parametrize("sort", EVERY_SORT)
    def test_a_walk_loses_nothing_to_what_goes_and_comes(
        self, client: Client, member: Client, make: Factory, shelf: list[int], sort: str
    ) -> None:
        whole = ids(client.get(f"/books?sort={sort}").json())
        walk = pages(client, f"/books?sort={sort}&limit=2")
        seen = ids(next(walk).json())
        member.delete(f"/books/{whole[1]}").raise_for_status()  # the one that the cursor stands on
        member.delete(f"/books/{whole[4]}").raise_for_status()
        make.book(member, title="b", published_year=1815)
        seen += [number for page in walk for number in ids(page.json())]
        assert [number for number in seen if number in shelf] == [*whole[:4], *whole[5:]]
        assert len(set(seen)) == len(seen)


class TestAuthors:
    @pytest.mark.parametrize(
        ("sort", "places"),
        [
            ("id", [0, 1, 2, 3, 4, 5]),
            ("-id", [5, 4, 3, 2, 1, 0]),
            ("name", [0, 4, 1, 3, 2, 5]),
            ("-name", [5, 2, 3, 1, 4, 0]),
            ("created_at", [0, 1, 2, 3, 4, 5]),
            ("-updated_at", [5, 4, 3, 2, 1, 0]),
        ],
    )
    def test_are_in_that_order(self, client: Client, persons: list[int], sort: str, places: list[int]) -> None:
        assert ids(client.get(f"/authors?sort={sort}").json()) == [persons[place] for place in places]

    @pytest.mark.parametrize(("also", "number"), [("", len(PERSONS)), ("&q=jane", 3)])
    def test_a_walk_shows_each_once_and_in_that_order(
        self, client: Client, persons: list[int], also: str, number: int
    ) -> None:
        addresses = [f"/authors?sort={sort}{also}" for sort in AUTHOR_SORTS]
        wholes = {address: ids(client.get(address).json()) for address in addresses}
        assert {len(set(whole) & set(persons)) for whole in wholes.values()} == {number}
        for limit in (1, 2, 5):
            assert {address: walked(client, f"{address}&limit={limit}") for address in addresses} == wholes


class TestCursor:
    @pytest.mark.parametrize(
        "letter", ["x", "\N{CJK UNIFIED IDEOGRAPH-732B}", "\N{CAT FACE}", "\N{ARABIC LIGATURE JALLAJALALOUHOU}"]
    )
    def test_of_the_longest_names_is_taken(self, client: Client, member: Client, make: Factory, letter: str) -> None:
        long_name = f"a{letter * 254}"
        author, _ = (make.author(member, name=long_name, sort_name=long_name)["id"] for _ in range(2))
        books = [make.book(member, title=f"a{letter * 499}", author_id=author)["id"] for _ in range(2)]
        make.book(member, author_id=author, genres=[f"{number}{letter * 99}" for number in range(2)])
        assert walked(client, "/books?sort=title&limit=1")[:2] == books
        assert len(walked(client, "/authors?sort=name&limit=1")) == 2
        assert len(list(pages(client, "/genres?limit=1"))) == 2

    @pytest.mark.parametrize(
        ("address", "old"),
        [
            ("/books?sort=title", ["a", 1]),
            ("/books?sort=-title", [1, "a", 1]),
            ("/books?q=author&sort=title", [0, "a", 1]),
            ("/authors?sort=name", ["a", 1]),
            ("/authors?sort=name", ["a"]),
            ("/authors?sort=-name", []),
            ("/genres?", ["a"]),
        ],
    )
    def test_of_a_version_that_sorted_otherwise(self, client: Client, address: str, old: SortValues) -> None:
        """A walk across an upgrade would lose and repeat rows; it begins again instead."""
        path, _, query = address.partition("?")
        cursor = Cursors([SECRET]).encode(old, f"{path}?{urlencode(sorted(parse_qsl(query)))}")
        reply = client.get(f"{address}&cursor={cursor}")
        assert refusal(reply) == (400, "invalid_cursor")
        assert faults(reply) == [("cursor", "was not issued by this list")]

    def test_of_a_version_that_sorted_by_id_is_still_good(self, client: Client, shelf: list[int]) -> None:
        cursor = Cursors([SECRET]).encode([shelf[1]], "/books?")
        assert ids(client.get(f"/books?cursor={cursor}").raise_for_status().json()) == shelf[2:]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("/books?sort=id", "/books?"),
            ("/books?sort=title", "/books?sort=-title"),
            ("/books?sort=title", "/books?sort=published_year"),
            ("/books?sort=created_at", "/books?sort=updated_at"),
            ("/books?language=en", "/books?language=en-US"),
            ("/books?genre=Epic", "/books?genre=Epic&genre=War"),
            ("/books?q=story", "/books?q=stories"),
            ("/books?q=story", "/books?q=story&sort=id"),
            ("/books?q=story", "/authors?q=story"),
            ("/authors?", "/books?"),
            ("/genres?", "/languages?"),
            ("/genres?", "/genres?q=e"),
            ("/languages?", "/series?"),
        ],
    )
    def test_of_another_list(self, client: Client, member: Client, make: Factory, one: str, other: str) -> None:
        fields: dict[str, Any] = {"by": "Story", "genres": ["Epic", "Eposes", "War"]}
        make.book(member, title="Story", language="en", **fields)
        make.book(member, title="Stories", language="en-US", **fields)
        make.book(member, title="Story stories", language="en-US", **fields)
        cursor = next_cursor(client.get(f"{one}&limit=1"))
        assert client.get(f"{one}&cursor={cursor}").status_code == 200
        reply = client.get(f"{other}&cursor={cursor}")
        assert refusal(reply) == (400, "invalid_cursor")
        assert faults(reply) == [("cursor", "was not issued by this list")]
