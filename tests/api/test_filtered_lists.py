"""Lists that are filtered one way and sorted another: each book once and in order, however little is read at a time."""

from __future__ import annotations

import json
from itertools import combinations, cycle
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl

import pytest

from app.queries import filtered_lists
from app.queries.books import BookReader
from app.queries.filtered_lists import Turn
from app.schemas.lists import BookFilters
from tests.api.responses import pages
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

Book = dict[str, Any]

FILTERS: dict[str, Callable[[Book], bool]] = {
    "author_id=1": lambda book: any(part["author_id"] == 1 for part in book["contributors"]),
    "role=trl": lambda book: any(part["role"] == "trl" for part in book["contributors"]),
    "genre=Even": lambda book: "Even" in book["genres"],
    "genre=Third": lambda book: "Third" in book["genres"],
    "language=en": lambda book: book["language"] in {"en", "en-US"},
    "publisher=Press": lambda book: book["publisher"] == "Press",
    "series=Saga": lambda book: book["series"] == "Saga",
    "published_from=1905": lambda book: (book["published_year"] or 0) >= 1905,
    "published_to=1910": lambda book: (book["published_year"] or 9999) <= 1910,
    "created_by={user}": lambda _book: True,
    "updated_since=2000-01-01T00:00:00Z": lambda _book: True,
    "identifier=oclc:7": lambda book: {"type": "oclc", "value": "7"} in book["identifiers"],
    "id=2&id=9&id=12&id=999": lambda book: book["id"] in {2, 9, 12},
    f"isbn={isbn13(5)}&isbn={isbn13(4)}&isbn={isbn13(99)}": lambda book: book["isbn"] in {isbn13(4), isbn13(5)},
    "missing=isbn": lambda book: book["isbn"] is None,
    "missing=publisher": lambda book: book["publisher"] is None,
    "missing=published_year": lambda book: book["published_year"] is None,
    "q=saga": lambda book: book["series"] == "Saga",
    "q=e": lambda book: "Even" in book["genres"],
}
"""By the query: whether it holds of a book of `varied_books`."""
PAIRS = [pair for pair in combinations(FILTERS, 2) if pair != ("q=saga", "q=e")]
ALONE_AND_IN_PAIRS = [*((one,) for one in FILTERS), *PAIRS[::2]]
IN_SERIES = ["series_position", "-series_position"]
SORTS = ["title", "id", "-published_year", "-title", "-id", "published_year", "-updated_at", "created_at", "updated_at"]
TURNS = {
    "as they are": filtered_lists.TURNS,
    "walks alone": (Turn(3, 0), Turn(5, 0)),
    "both, and too short": (Turn(2, 3), Turn(4, 6)),
    "collections": (Turn(1, 1_000),),
}
TURNED = [pytest.param(name, marks=[] if name == "as they are" else pytest.mark.slow) for name in TURNS]


def sort_key(sort: str) -> Callable[[Book], Any]:
    """What the books are sorted by; those without a year are last either way."""
    name, sign = sort.lstrip("-"), -1 if sort.startswith("-") else 1

    def key(book: Book) -> Any:
        if name == "published_year":
            year = book["published_year"]
            return (year is None, sign * (year or 0), book["id"])
        if name == "series_position":
            place = book["series_position"]
            return (place is None, sign * (place or 0), book["id"])
        return (book["title"].casefold() if name == "title" else book[name], book["id"])

    return key


def walked(connection: Connection, query: str) -> Iterator[int]:
    """The ids on the pages of a list, one after the other."""
    parameters: dict[str, Any] = dict(parse_qsl(query))
    lists = {name: values for name, values in parse_qs(query).items() if name in BookFilters.repeatable}
    filters = BookFilters.model_validate(parameters | lists)
    page = BookReader(connection).page(filters, None)
    yield from (json.loads(document)["id"] for document in page.documents)
    while page.after is not None:
        page = BookReader(connection).page(filters, page.after)
        yield from (json.loads(document)["id"] for document in page.documents)


class TestEachBookOnce:
    @pytest.mark.parametrize("turns", TURNED)
    def test_whatever_the_filters_and_the_sort(
        self,
        member: Client,
        varied_books: list[Book],
        database: DatabaseInside,
        turns: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(filtered_lists, "TURNS", TURNS[turns])
        user = member.get("/auth/me").json()["id"]
        with database.reading() as connection:
            of_series = [(names, sort) for names in ALONE_AND_IN_PAIRS if "series=Saga" in names for sort in IN_SERIES]
            for names, sort in [*zip(ALONE_AND_IN_PAIRS, cycle(SORTS), strict=False), *of_series]:
                query = "&".join(names).format(user=user)
                holding = [book for book in varied_books if all(FILTERS[name](book) for name in names)]
                backwards = sort.startswith("-") and sort not in {"-published_year", "-series_position"}
                expected = [book["id"] for book in sorted(holding, key=sort_key(sort), reverse=backwards)]
                assert list(walked(connection, f"{query}&sort={sort}&limit=6")) == expected, (query, sort)


class TestByRelevance:
    @pytest.mark.parametrize("turns", TURNED)
    def test_is_what_the_words_find_without_what_the_filters_leave_out(
        self,
        member: Client,
        varied_books: list[Book],
        database: DatabaseInside,
        turns: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(filtered_lists, "TURNS", TURNS[turns])
        user = member.get("/auth/me").json()["id"]
        books = {book["id"]: book for book in varied_books}
        with database.reading() as connection:
            found = {words: list(walked(connection, f"q={words}")) for words in ("a", "e", "third", "c sag")}
            others = [names for names in ALONE_AND_IN_PAIRS if not any(name.startswith("q=") for name in names)]
            for names, words in zip(others, cycle(found), strict=False):
                query = "&".join([f"q={words}", *names]).format(user=user)
                expected = [book for book in found[words] if all(FILTERS[name](books[book]) for name in names)]
                assert list(walked(connection, f"{query}&limit=4")) == expected, query


class TestShortPages:
    def test_of_a_search_lead_on(
        self, client: Client, varied_books: list[Book], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And they do not make it look for what else may have been meant."""
        assert varied_books
        monkeypatch.setattr(filtered_lists, "TURNS", (Turn(1, 0),))
        walk = list(pages(client, "/books?q=e&genre=Third&publisher=Press"))
        assert walk
        for page in walk[:-1]:
            assert page.links["next"]["url"]

    def test_lead_on(self, client: Client, varied_books: list[Book], monkeypatch: pytest.MonkeyPatch) -> None:
        assert varied_books
        monkeypatch.setattr(filtered_lists, "TURNS", (Turn(4, 0),))
        walk = list(pages(client, "/books?genre=Third&publisher=Press&sort=title"))
        assert [len(page.json()) for page in walk[:-1]].count(0) > 0
        assert [book["title"] for page in walk for book in page.json()] == ["C 4", "D 0", "D 3"]
