"""Lists of books in a genre beside very many genres whose names differ only in accents, which a member can add."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

import pytest

from app.queries import filtered_lists, genre_filters
from app.queries.filtered_lists import Turn
from app.queries.genre_filters import MOST_ALIKE
from tests.api.responses import pages

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

MANY = 600
"""More than the parts that SQLite allows in a statement, and few enough for one batch."""
LISTS = [
    "/books?genre=AAAA&limit=200",
    "/books?genre=AAAA&limit=200&sort=-title",
    "/books?genre=AAAA&limit=200&q=tale",
    "/books?genre=AAAA&limit=200&q=tale&sort=title",
    "/books?genre=AAAA&limit=200&language=en",
]


@pytest.fixture
def found(member: Client, make: Factory) -> list[int]:
    """The ids of books of which each has a genre of its own, alike to those of the others."""
    author = make.author(member)["id"]
    names = ["".join(letters) for letters in islice(product("aáàâä", repeat=4), MANY)]
    books = [
        {"title": f"Tale {number}", "author_id": author, "genres": ["Other", name], "language": "en"}
        for number, name in enumerate(names)
    ]
    books.append({"title": "Tale of something else", "author_id": author, "genres": ["Other"], "language": "en"})
    results = member.post("/books/batch", json={"books": books}).raise_for_status().json()["results"]
    return [result["book"]["id"] for result in results[:MANY]]


def test_have_all_books(client: Client, found: list[int]) -> None:
    for address in LISTS:
        walked = [book["id"] for page in pages(client, address) for book in page.json()]
        assert sorted(walked) == found, address


def test_are_counted(client: Client, found: list[int]) -> None:
    reply = client.get("/books?genre=aaaa&count=exact&limit=1")
    assert reply.headers["X-Total-Count"] == str(len(found))


@pytest.mark.parametrize("most", [MANY, MANY - 1])
def test_are_collected_if_they_are_few(
    client: Client, found: list[int], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(filtered_lists, "TURNS", (Turn(16 * 100, MANY),))
    monkeypatch.setattr(genre_filters, "MOST_LINKS", most)
    first = client.get("/books?genre=aaaa&limit=200")
    assert [book["id"] for book in first.json()] == found[: 200 if most == MANY else 100]
    assert [book["id"] for page in pages(client, "/books?genre=aaaa&limit=200") for book in page.json()] == found


def test_few_are_found_by_their_index(member: Client, client: Client, make: Factory) -> None:
    author = make.author(member)["id"]
    names = ["".join(letters) for letters in islice(product("aá", repeat=4), MOST_ALIKE)]
    books = [
        make.book(member, title="Tale", author_id=author, genres=[name, names[number - 1]])["id"]
        for number, name in enumerate(names)
    ]
    assert [book["id"] for page in pages(client, "/books?genre=aaaa&limit=3") for book in page.json()] == books
