"""What is measured: each row of the comparison, and the requests of a round, which are the same for all services."""
# ruff: noqa: S311  (nothing here is a secret)

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import httpx

from bench.catalogue import FREQUENT_GENRES, Catalogue
from bench.reads import two_words_of

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS = 20_000
"""The different reads of a round; after these, the first follow again."""
CREATES_A_SECOND = 6_000
"""More than any service does: no book is sent twice."""
MOST_CURSORS = 20_000
NEXT = re.compile(r'<([^>]*)>; rel="next"')
HELLO = "hello"
ROLES = ("aut", "trl")


@dataclass(frozen=True)
class Row:
    """A kind of request."""

    key: str
    name: str


BY_ID = Row("book", "a book by id")
PAGE = Row("page", "a page of 50")
FILTER = Row("filter", "an author's books, filter")
NESTED = Row("nested", "an author's books, nested")
AUTHOR = Row("author", "an author by id")
SEARCH = Row("search", "a search of two words")
CREATE = Row("create", "create a book")
READS = [BY_ID, PAGE, FILTER, NESTED, AUTHOR, SEARCH]
ROWS = [*READS, CREATE]


@dataclass(frozen=True)
class Place:
    """Where a page begins: after which book, and the cursor that says so."""

    after: int
    cursor: str


def walk(base: str) -> list[Place]:
    """Follow the `Link` headers of `/books` to the end, and return where pages begin."""
    places = [Place(0, "")]
    with httpx.Client(base_url=base, trust_env=False, timeout=60) as client:
        path: str | None = "/books?limit=200"
        while path:
            reply = client.get(path).raise_for_status()
            found = NEXT.search(reply.headers["Link"])
            path = found[1] if found else None
            if path:
                places.append(Place(reply.json()[-1]["id"], httpx.URL(path).params["cursor"]))
    return places[:: len(places) // MOST_CURSORS + 1]


class Requests:
    """The requests of all rows, random, and the same for the same seed."""

    def __init__(self, catalogue: Catalogue, places: list[Place]) -> None:
        self._books, self._authors = catalogue.size.books, catalogue.size.authors
        self._catalogue, self._places = catalogue, places
        paths: dict[str, Callable[[Random], str]] = {
            BY_ID.key: lambda rng: f"/books/{rng.randint(1, self._books)}",
            FILTER.key: lambda rng: f"/books?author_id={rng.randint(1, self._authors)}",
            NESTED.key: lambda rng: f"/authors/{rng.randint(1, self._authors)}/books",
            AUTHOR.key: lambda rng: f"/authors/{rng.randint(1, self._authors)}",
        }
        self._paths = paths
        self._titles = [catalogue.book(number)["title"] for number in range(1, min(self._books, 2_000) + 1)]
        self._sought = self._two_words(Random(1))

    def of(self, row: Row, seed: str, *, is_peer: bool) -> list[str]:
        """The paths of the reads of a round. Pages of peers begin after a book's id, ours after a cursor."""
        rng = Random(f"{row.key} {seed}")
        if row == PAGE:
            chosen = rng.choices(self._places, k=REQUESTS)
            return [f"/books?after={one.after}" if is_peer else _page(one) for one in chosen]
        if row == SEARCH:
            return [f"/books?q={quote_plus(text)}" for text, _ in rng.choices(self._sought, k=REQUESTS)]
        return [self._paths[row.key](rng) for _ in range(REQUESTS)]

    def creates(self, seed: str, count: int, start: int) -> list[str]:
        """The bodies of so many new books, each with its own ISBN; `start` is the first number of those."""
        rng = Random(f"create {seed}")
        return [json.dumps(self._new(rng, number)) for number in range(start, start + count)]

    def sought(self, count: int) -> list[tuple[str, int]]:
        """Two words, and the book that has them."""
        return self._sought[:count]

    def _two_words(self, rng: Random) -> list[tuple[str, int]]:
        numbers = rng.sample(range(1, self._books + 1), min(2_000, self._books))
        books = map(self._catalogue.book, numbers)
        found = [(text, book) for book in books for text in two_words_of(rng, book) if " " in text]
        return [(text, book["id"]) for text, book in found if _has_letters_of(book, text)]

    def _new(self, rng: Random, number: int) -> dict[str, Any]:
        authors = rng.sample(range(1, self._authors + 1), min(rng.choice((1, 1, 1, 2)), self._authors))
        year = rng.randint(1900, 2025)
        parts = [{"author_id": one, "role": role} for one, role in zip(authors, ROLES, strict=False)]
        return {
            "title": rng.choice(self._titles)[:480],
            "subtitle": rng.choice(self._titles)[:480],
            "contributors": parts,
            "isbn": isbn_from(number),
            "published_year": year,
            "language": "en",
            "publisher": rng.choice(self._catalogue.publishers),
            "description": " ".join(rng.choices(self._titles, k=4)),
            "pages": rng.randint(40, 900),
            "genres": rng.sample(FREQUENT_GENRES, 2),
            "published": f"{year}-{rng.randint(1, 12):02}",
            "identifiers": [{"type": "oclc", "value": str(number + 1)}],
            "links": [{"rel": "about", "href": f"https://books.example.org/{number}"}],
            "call_number": f"{rng.randint(100, 999)} {authors[0]}",
            "location": "Main Library",
        }


def _has_letters_of(book: dict[str, Any], text: str) -> bool:
    """Whether a book has these words, and peers find them, too.

    Peers do not find an accented word without its accent; and letters other than A to Z only in the same case, since
    the locale of the benchmark's database is C.
    """
    names = (part["name"] for part in book["contributors"])
    letters = " ".join([book["title"], *names]).lower()
    return text.isascii() and all(word in letters for word in text.split())


def _page(place: Place) -> str:
    return f"/books?cursor={place.cursor}" if place.cursor else "/books"


def isbn_from(number: int) -> str:
    """The ISBN with this number; they begin with 979, and those of the catalogue with 978."""
    digits = f"979{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
