"""Whether the book of a row is in the catalogue, or on an earlier line of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.domain.names import name_key
from app.domain.sort_keys import sort_key
from app.domain.sort_titles import sort_titles_of

if TYPE_CHECKING:
    from app.schemas.imports import BookRow

Mark = str | tuple[str, str, int | None, float | None]
"""The identity of a book: its ISBN; without one, title and main author (ignoring case), year and place in a series."""


class There(NamedTuple):
    """A book that is there already: in the catalogue, or on an earlier line of the file."""

    title: str
    book_id: int | None = None
    of_line: int | None = None

    def __str__(self) -> str:
        return f"book {self.book_id}" if self.of_line is None else f"line {self.of_line}"


def sort_keys(book: BookRow) -> set[str]:
    """The keys by which the book may be sorted in the catalogue, where it may have a language or none."""
    titles = sort_titles_of(book.title)
    return {sort_key(title) for title in (titles | {book.sort_title} if book.sort_title else titles)}


def mark_of(book: BookRow) -> Mark:
    """The identity of a row's book."""
    return book.isbn or twin_mark(book)


def twin_mark(book: BookRow) -> Mark:
    """What a row without an ISBN has in common with the same book, which may have one."""
    return name_key(book.title), name_key(book.main_author.name), book.published_year, book.series_position
