"""Which book of the catalogue, or of an earlier row, the book of a row is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from app.db.bulk import among
from app.domain.names import fold, name_key
from app.domain.sort_keys import sort_key
from app.domain.sort_titles import sort_titles_of
from app.domain.title_matching import titles_agree
from app.services import book_rows
from app.services.imports.merging import who

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from app.models.drafts import BookDraft, Part
    from app.schemas.imported_books import BookRow

BOOKS = book_rows.BOOKS


class Twin(NamedTuple):
    """What two books have in common that are the same, where one of them has no ISBN."""

    title: str
    author: int | str
    year: int | None
    place: float | None


@dataclass(eq=False)
class Known:
    """A book of the catalogue, or one that an earlier row brings.

    Attributes:
        draft: the book.
        line: the row that brings it; None for a book of the catalogue.
        unit: what the place of a row counts: lines or records.
    """

    draft: BookDraft
    line: int | None = None
    unit: str = "line"

    def __str__(self) -> str:
        return f"book {self.draft.id}" if self.line is None else f"{self.unit} {self.line}"

    @property
    def row(self) -> str | None:
        """The row that brings it, for persons; None for one of the catalogue."""
        return None if self.line is None else str(self)


class KnownBooks:
    """The books that rows may be, by their ISBNs and by what they have in common with rows without one."""

    def __init__(self) -> None:
        self._by_isbn: dict[str, Known] = {}
        self._twins: dict[Twin, dict[int, Known]] = {}
        """By the `id` of each: thousands may have a title in common."""

    def add(self, known: Known) -> None:
        """Add a book, or one whose fields have changed."""
        if known.draft.isbn:
            self._by_isbn[known.draft.isbn] = known
        self._twins.setdefault(twin_of_draft(known.draft), {}).setdefault(id(known), known)

    def has_isbn_of(self, row: BookRow) -> Known | None:
        """The book with the ISBN of a row."""
        return self._by_isbn.get(row.isbn) if row.isbn else None

    def twins(self, row: BookRow, author: Part) -> list[Known]:
        """The oldest two books that may be that of a row: with its title, author, year and place, and one ISBN.

        Where the row has an ISBN, the book has none, and the other way round; or neither has one. Their subtitles are
        the same, or one has none.
        """
        twins = self._twins.get(twin_of_row(row, author), {}).values()
        may_be = (known for known in twins if not (row.isbn and known.draft.isbn) and subtitles_agree(known, row))
        return list(islice(may_be, 2))


def twin_of_row(row: BookRow, author: Part) -> Twin:
    """Of the book of a row, whose main author was looked up."""
    return Twin(name_key(row.title), who(author), row.published_year, row.series_position)


def twin_of_draft(book: BookDraft) -> Twin:
    """Of a book of the catalogue, or of a row."""
    main = next(part for part in book.contributors if part.author_id == book.author_id)
    return Twin(name_key(book.title), who(main), book.published_year, book.series_position)


def find_known(db: Session, rows: Sequence[tuple[BookRow, Part | None]]) -> list[Known]:
    """The books of the catalogue that these rows may be, locked, in the order of their ids.

    Args:
        db: in a transaction.
        rows: the books of rows, and the main author of each if that is an author of the catalogue.
    """
    isbns = {row.isbn for row, _ in rows if row.isbn}
    author_ids = {author.author_id for _, author in rows if author is not None}
    titles = {key for row, author in rows if author is not None for key in title_keys(row.title, row.sort_title)}
    ids: set[int] = set()
    if isbns:
        ids.update(db.scalars(select(BOOKS.c.id).where(among(db, BOOKS.c.isbn, isbns))))
    if author_ids:
        of_authors = among(db, BOOKS.c.author_id, author_ids) & among(db, BOOKS.c.title_key, titles)
        ids.update(db.scalars(select(BOOKS.c.id).where(of_authors)))
    return [Known(book) for book in book_rows.load(db, among(db, BOOKS.c.id, ids))] if ids else []


def agree(known: Known, row: BookRow) -> bool:
    """Whether the titles of a row and of the book with its ISBN may be of the same book."""
    return titles_agree(known.draft.title, row.title)


def main_part(row: BookRow, parts: Iterable[Part]) -> Part:
    """The contributor of a row who is its main author."""
    key = name_key(row.main_author.name)
    parts = list(parts)
    place = next(place for place, one in enumerate(row.contributors) if name_key(one.name) == key)
    return parts[place]


@lru_cache(maxsize=2_048)
def title_keys(title: str, sort_title: str | None) -> frozenset[str]:
    """The keys by which the book of a row may be sorted in the catalogue, where it may have a language or none."""
    titles = sort_titles_of(title)
    return frozenset(sort_key(one) for one in (titles | {sort_title} if sort_title else titles))


def subtitles_agree(known: Known, row: BookRow) -> bool:
    """Whether the subtitles of a row and of a book are the same, or one has none."""
    mine, other = known.draft.subtitle, row.subtitle
    return not mine or not other or fold(mine) == fold(other)
