"""Bulk import of books, without duplicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.db.bulk import among, insert_rows
from app.db.ids import next_ids
from app.db.locks import BATCHES, NAMES, lock_exclusive, lock_shared
from app.domain.names import name_key
from app.domain.relators import AUTHOR
from app.domain.sort_names import sort_name_of
from app.errors import Conflict
from app.events.changes import Origin, begin_batch, document_of, has_changes, note_change, set_origin
from app.models import Author, Book
from app.models.drafts import BookDraft, Part
from app.schemas.imports import BookRow
from app.search.index import SearchIndex, entry_of_author, entry_of_book
from app.services import book_rows
from app.services.genres import GenreService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from app.database import Database
    from app.models import Genre
    from app.transfer.rows import Note, Row

AUTHORS: Table = Author.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
COLUMNS = tuple(BookRow.model_fields.keys() - {"authors", "genres"})
CHUNK = 500
"""Rows per transaction: rows reported as imported stay imported if a later chunk fails."""
ATTEMPTS = 3

Mark = str | tuple[str, str, int | None]
"""The identity of a book: its ISBN; without one, title and author (ignoring case) and the year."""


@dataclass
class Report:
    """The result of an import."""

    total: int = 0
    created: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: list[Note] = field(default_factory=list)
    left_out: list[Note] = field(default_factory=list)
    batch_id: int | None = None
    """The batch of its changes; None if there are none."""


def import_books(
    database: Database,
    rows: Iterable[Row],
    *,
    owner_id: int | None = None,
    summary: str = "import",
    progress: Callable[[int], object] = int,
) -> Report:
    """Import the valid rows, and report the others.

    Authors are matched by name, ignoring case and runs of spaces. A book exists already if the ISBNs are equal, or, if
    neither has one, title, author and year.

    Args:
        database: the database to import into.
        rows: rows of any format.
        owner_id: the user who will own the books, if any.
        summary: what the list of batches says of the import.
        progress: called with the line of the last row of each finished chunk.
    """
    report, remaining = Report(), iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        right = [row.book for row in chunk if row.book is not None]
        origin = Origin(owner_id, "import", batch_id=report.batch_id)
        created, report.batch_id = _import_with_retry(database, right, origin, summary)
        report.total += len(chunk)
        report.created += created
        report.unchanged += len(right) - created
        report.failed += len(chunk) - len(right)
        for row in chunk:
            report.errors += row.errors
            report.left_out += row.left_out
        progress(chunk[-1].line)
    return report


def _import_with_retry(
    database: Database, books: list[BookRow], origin: Origin, summary: str
) -> tuple[int, int | None]:
    """Retry on a conflict: if another client added the same book meanwhile, the next attempt finds it.

    Returns: how many books were created, and the batch of the import, which begins with the first change.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with database.transaction() as db:
                set_origin(db, origin)
                created, batch_id = _Chunk(db, origin.actor_id).add(books), origin.batch_id
                if batch_id is None and has_changes(db):
                    batch_id = begin_batch(db, summary)
        except Conflict:
            if attempt == ATTEMPTS:
                raise
        else:
            return created, batch_id
    raise AssertionError


class _Chunk:
    """The books of one transaction."""

    def __init__(self, db: Session, owner_id: int | None) -> None:
        self.db = db
        self.owner_id = owner_id
        self.newcomers: list[Author] = []

    def add(self, rows: list[BookRow]) -> int:
        """Add the missing books. Returns: how many."""
        lock_exclusive(self.db, BATCHES)
        lock_shared(self.db, NAMES)
        rows = self._not_there(rows)
        people = self._people(_first_spellings(name for row in rows for name in row.authors))
        genres = self._genres(_first_spellings(name for row in rows for name in row.genres))
        new = []
        for row in rows:
            authors = dict.fromkeys(people[name_key(name)] for name in row.authors)
            fields = {name: getattr(row, name) for name in COLUMNS}
            book = BookDraft.new(self.owner_id, contributors=list(authors), **fields)
            book.author_id = book.contributors[0].author_id
            book.set_genres(genres[name_key(name)] for name in row.genres)
            new.append(book)
        book_rows.insert(self.db, new)
        self._index(new)
        return len(new)

    def _index(self, books: list[BookDraft]) -> None:
        """Index the new records for search. Their words come last and all at once, in the common order of locks."""
        of_authors, of_books = (SearchIndex(self.db, kind) for kind in ("author", "book"))
        seen = of_authors.keep(map(entry_of_author, self.newcomers)) | of_books.keep(map(entry_of_book, books))
        of_books.learn(seen)

    def _people(self, names: dict[str, str]) -> dict[str, Part]:
        """The authors by the keys of their names; if several share a name, the oldest."""
        found = select(Author.name_key, Author.id, Author.name).where(among(self.db, Author.name_key, names))
        rows = self.db.execute(found.order_by(Author.id.desc()))
        people = {key: Part(author_id, name, AUTHOR) for key, author_id, name in rows}
        self._add_authors([name for key, name in names.items() if key not in people])
        return people | {author.name_key: Part(author.id, author.name, AUTHOR) for author in self.newcomers}

    def _add_authors(self, names: list[str]) -> None:
        """Add authors: all in one statement, for which they need no session."""
        now = datetime.now(UTC)
        for author_id, name in zip(next_ids(self.db.connection(), AUTHORS.name, len(names)), names, strict=True):
            author = Author(id=author_id, name=name, sort_name=sort_name_of(name), version=1)
            author.created_at = author.updated_at = now
            author.created_by = author.updated_by = self.owner_id
            author.write_document()
            self.newcomers.append(author)
        rows = [{column.name: getattr(author, column.name) for column in AUTHORS.c} for author in self.newcomers]
        insert_rows(self.db.connection(), AUTHORS, rows)
        for author in self.newcomers:
            note_change(self.db, "author", None, document_of(author))

    def _genres(self, names: dict[str, str]) -> dict[str, Genre]:
        return dict(zip(names, GenreService(self.db).named(list(names.values())), strict=True))

    def _not_there(self, rows: list[BookRow]) -> list[BookRow]:
        """The rows whose books are missing, each book once."""
        existing, missing = self._existing(rows), []
        for row in rows:
            mark = row.isbn or (name_key(row.title), name_key(row.authors[0]), row.published_year)
            if mark not in existing:
                existing.add(mark)
                missing.append(row)
        return missing

    def _existing(self, rows: list[BookRow]) -> set[Mark]:
        """The marks of the existing books; if several authors share a name, those of the oldest."""
        names = {name_key(row.authors[0]) for row in rows}
        authors = select(func.min(Author.id), Author.name_key).where(among(self.db, Author.name_key, names))
        rows_of_authors = self.db.execute(authors.group_by(Author.name_key))
        names_by_id: dict[int, str] = {author_id: name for author_id, name in rows_of_authors}  # noqa: C416  (typed)
        isbns = select(Book.isbn).where(among(self.db, Book.isbn, {row.isbn for row in rows if row.isbn}))
        twins = select(Book.title, Book.author_id, Book.published_year).where(
            among(self.db, Book.author_id, names_by_id), Book.isbn.is_(None)
        )
        marks: set[Mark] = {isbn for isbn in self.db.scalars(isbns) if isbn is not None}
        marks |= {(name_key(title), names_by_id[author_id], year) for title, author_id, year in self.db.execute(twins)}
        return marks


def _first_spellings(names: Iterable[str]) -> dict[str, str]:
    """Names by their keys, each in the spelling that came first."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(name_key(name), name)
    return spelled
