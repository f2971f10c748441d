"""Whoever follows `rel="next"` sees each book that was there throughout, and kept its place, exactly once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.domain.sort_keys import sort_key
from tests.support.serving import serving
from tests.walks.catalogue import RIVERS, SEARCHED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.walks.concurrent_editor import Meddler

Book = dict[str, Any]

MOVED_BY = {
    "id": set[str](),
    "title": {"renamed"},
    "published_year": {"dated"},
    "created_at": set[str](),
    "updated_at": {"changed"},
}
"""By the sort: which changes give a book another place."""
SORTS = [f"{sign}{name}" for name in MOVED_BY for sign in ("", "-")]


def pages(reader: httpx.Client, address: str) -> Iterator[list[Book]]:
    """The pages of a list, one after the other."""
    following: str | None = address
    while following is not None:
        answer = reader.get(following).raise_for_status()
        yield answer.json()
        following = answer.links.get("next", {}).get("url")


def walk(reader: httpx.Client, meddler: Meddler, address: str) -> list[Book]:
    """All that is seen on the way, while something else happens between any two pages."""
    meddler.begin()
    seen = []
    for page in pages(reader, address):
        seen += page
        meddler.meddle()
    return seen


def require_each_once(seen: list[Book], meddler: Meddler, listed: set[int], moved: set[int]) -> None:
    """Hold what was seen against what should have been.

    Args:
        seen: the books, as the pages had them.
        meddler: knows what happened meanwhile.
        listed: the books that belonged to the list when the walk began.
        moved: those to which something happened that gave them another place.
    """
    times = Counter(book["id"] for book in seen)
    expected = (listed & meddler.throughout) - moved
    assert len(expected) > len(listed) * 0.8, "hardly anybody kept still"
    assert {book: times[book] for book in expected if times[book] != 1} == {}
    assert {book: often for book, often in times.items() if often > 1 and book not in moved} == {}
    assert times.keys() <= listed | meddler.inserted | moved


def require_order(seen: list[Book], sort: str) -> None:
    """By what was asked for; books without a year last, whichever the way."""
    name = sort.lstrip("-")
    values = [sort_key(book[name]) if name == "title" else book[name] for book in seen]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert values[len(known) :] == [None] * (len(values) - len(known))


def in_rivers(book: Book) -> bool:
    return RIVERS in book["genres"]


def found(book: Book) -> bool:
    return in_rivers(book) or SEARCHED in book["title"].lower()


class TestEveryBook:
    @pytest.mark.parametrize("sort", SORTS)
    def test_is_seen_once_by_any_sort(self, reader: httpx.Client, meddler: Meddler, sort: str) -> None:
        seen = walk(reader, meddler, f"/books?limit=200&sort={sort}")
        moved = set[int]().union(*(getattr(meddler, how) for how in MOVED_BY[sort.lstrip("-")]))
        require_each_once(seen, meddler, set(meddler.at_first), moved)
        require_order([book for book in seen if book["id"] not in moved], sort)


class TestFoundBooks:
    @pytest.mark.parametrize("sort", ["", "&sort=title", "&sort=-updated_at"])
    def test_are_seen_once(self, reader: httpx.Client, meddler: Meddler, sort: str) -> None:
        seen = walk(reader, meddler, f"/books?limit=100&q={SEARCHED}{sort}")
        listed = {key for key, book in meddler.at_first.items() if found(book)}
        require_each_once(seen, meddler, listed, meddler.changed if "updated" in sort else meddler.renamed)

    def test_are_seen_once_though_misspelt(self, reader: httpx.Client, meddler: Meddler) -> None:
        seen = walk(reader, meddler, "/books?limit=100&q=rivre")
        listed = {key for key, book in meddler.at_first.items() if found(book)}
        require_each_once(seen, meddler, listed, meddler.renamed)

    def test_in_a_genre_are_seen_once(self, reader: httpx.Client, meddler: Meddler) -> None:
        seen = walk(reader, meddler, f"/books?limit=100&genre={RIVERS.upper()}")
        listed = {key for key, book in meddler.at_first.items() if in_rivers(book)}
        require_each_once(seen, meddler, listed, set())

    def test_of_an_author_are_seen_once(self, reader: httpx.Client, meddler: Meddler) -> None:
        author_id = meddler.authors[0]
        seen = walk(reader, meddler, f"/books?limit=2&author_id={author_id}")
        listed = {
            key
            for key, book in meddler.at_first.items()
            if author_id in {part["author_id"] for part in book["contributors"]}
        }
        require_each_once(seen, meddler, listed, set())


@pytest.fixture(scope="module")
def base(url: str, folder: Path, meddler: Meddler) -> Iterator[str]:  # noqa: ARG001  (fills the catalogue)
    """Where another process serves the catalogue."""
    with serving(url, folder) as served:
        yield served.base


class TestAtTheSameTime:
    @pytest.mark.parametrize("sort", ["title", "-published_year"])
    def test_each_book_is_seen_once(self, base: str, meddler: Meddler, sort: str) -> None:
        """Nothing waits for anything: the pages come from another process, and the meddler goes on all the while."""
        meddler.begin()
        arrived = Event()

        def meddle() -> int:
            deeds = 0
            while not arrived.is_set():
                meddler.meddle()
                deeds += 1
            return deeds

        with (
            httpx.Client(base_url=base, timeout=60, trust_env=False) as reader,
            ThreadPoolExecutor(1) as pool,
        ):
            deeds = pool.submit(meddle)
            try:
                seen = [book for page in pages(reader, f"/books?limit=200&sort={sort}") for book in page]
            finally:
                arrived.set()
            assert deeds.result(timeout=30) > 5
        moved = set[int]().union(*(getattr(meddler, how) for how in MOVED_BY[sort.lstrip("-")]))
        require_each_once(seen, meddler, set(meddler.at_first), moved)
