"""Following `rel="next"` returns each book that existed throughout, and kept its place, exactly once."""

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

    from tests.walks.concurrent_editor import ConcurrentEditor

pytestmark = pytest.mark.slow

Book = dict[str, Any]

MOVED_BY = {
    "id": set[str](),
    "title": {"renamed"},
    "published_year": {"year_changed"},
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


def walk(reader: httpx.Client, editor: ConcurrentEditor, address: str) -> list[Book]:
    """All books of a list, with an edit after each page."""
    editor.begin()
    seen = []
    for page in pages(reader, address):
        seen += page
        editor.edit()
    return seen


def require_each_once(seen: list[Book], editor: ConcurrentEditor, listed: set[int], moved: set[int]) -> None:
    """Fail the test unless the list had each book exactly once.

    Args:
        seen: the books, as the pages had them.
        editor: knows which books were changed meanwhile.
        listed: the books that belonged to the list when the walk began.
        moved: those that an edit gave another place.
    """
    times = Counter(book["id"] for book in seen)
    expected = (listed & editor.throughout) - moved
    assert len(expected) > len(listed) * 0.8, "too many books changed their place"
    assert {book: times[book] for book in expected if times[book] != 1} == {}
    assert {book: often for book, often in times.items() if often > 1 and book not in moved} == {}
    assert times.keys() <= listed | editor.inserted | moved


def require_order(seen: list[Book], sort: str) -> None:
    """By the requested sort; books without a year are last in either direction."""
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
    def test_is_seen_once_by_any_sort(self, reader: httpx.Client, editor: ConcurrentEditor, sort: str) -> None:
        seen = walk(reader, editor, f"/books?limit=200&sort={sort}")
        moved = set[int]().union(*(getattr(editor, how) for how in MOVED_BY[sort.lstrip("-")]))
        require_each_once(seen, editor, set(editor.initial), moved)
        require_order([book for book in seen if book["id"] not in moved], sort)


class TestFoundBooks:
    @pytest.mark.parametrize("sort", ["", "&sort=title", "&sort=-updated_at"])
    def test_are_seen_once(self, reader: httpx.Client, editor: ConcurrentEditor, sort: str) -> None:
        seen = walk(reader, editor, f"/books?limit=100&q={SEARCHED}{sort}")
        listed = {key for key, book in editor.initial.items() if found(book)}
        require_each_once(seen, editor, listed, editor.changed if "updated" in sort else editor.renamed)

    def test_are_seen_once_though_misspelt(self, reader: httpx.Client, editor: ConcurrentEditor) -> None:
        seen = walk(reader, editor, "/books?limit=100&q=rivre")
        listed = {key for key, book in editor.initial.items() if found(book)}
        require_each_once(seen, editor, listed, editor.renamed)

    def test_in_a_genre_are_seen_once(self, reader: httpx.Client, editor: ConcurrentEditor) -> None:
        seen = walk(reader, editor, f"/books?limit=100&genre={RIVERS.upper()}")
        listed = {key for key, book in editor.initial.items() if in_rivers(book)}
        require_each_once(seen, editor, listed, set())

    def test_of_an_author_are_seen_once(self, reader: httpx.Client, editor: ConcurrentEditor) -> None:
        author_id = editor.authors[0]
        seen = walk(reader, editor, f"/books?limit=2&author_id={author_id}")
        listed = {
            key
            for key, book in editor.initial.items()
            if author_id in {part["author_id"] for part in book["contributors"]}
        }
        require_each_once(seen, editor, listed, set())


@pytest.fixture(scope="module")
def base(url: str, folder: Path, editor: ConcurrentEditor) -> Iterator[str]:  # noqa: ARG001  (fills the catalogue)
    """Where another process serves the catalogue."""
    with serving(url, folder) as served:
        yield served.base


class TestAtTheSameTime:
    @pytest.mark.parametrize("sort", ["title", "-published_year"])
    def test_each_book_is_seen_once(self, base: str, editor: ConcurrentEditor, sort: str) -> None:
        """Nothing waits for anything: the pages come from another process, while the editor keeps editing."""
        editor.begin()
        arrived = Event()

        def edit() -> int:
            edits = 0
            while not arrived.is_set():
                editor.edit()
                edits += 1
            return edits

        with (
            httpx.Client(base_url=base, timeout=60, trust_env=False) as reader,
            ThreadPoolExecutor(1) as pool,
        ):
            edits = pool.submit(edit)
            try:
                seen = [book for page in pages(reader, f"/books?limit=200&sort={sort}") for book in page]
            finally:
                arrived.set()
            assert edits.result(timeout=30) > 5
        moved = set[int]().union(*(getattr(editor, how) for how in MOVED_BY[sort.lstrip("-")]))
        require_each_once(seen, editor, set(editor.initial), moved)
