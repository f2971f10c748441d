"""Bulk import of books, without duplicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, select

from app.db.bulk import among, insert_rows
from app.db.ids import next_ids
from app.db.locks import BATCHES, NAMES, PEOPLE, lock_exclusive, lock_shared
from app.domain.names import name_key
from app.domain.relators import AUTHOR
from app.domain.sort_names import sort_name_of
from app.domain.titles import titles_agree
from app.errors import Conflict
from app.events.changes import Origin, begin_batch, document_of, has_changes, note_change, set_origin
from app.models import Author, Book
from app.models.drafts import BookDraft, Part
from app.schemas.imports import BookRow
from app.search.index import SearchIndex, entry_of_author, entry_of_book
from app.services import book_rows
from app.services.genres import GenreService
from app.services.import_identity import Mark, There, mark_of, sort_keys, twin_mark
from app.services.import_reports import MOST_LISTED, Repeat, Report
from app.transfer.rows import Note, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from app.database import Database
    from app.models.drafts import NamedGenre
    from app.schemas.imports import NamedContributor
    from app.transfer.rows import Row

AUTHORS: Table = Author.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
T = TypeVar("T")
COLUMNS = BookRow.model_fields.keys() - {"contributors", "genres"}
CHUNK = 500
"""Rows per transaction: rows reported as imported stay imported if a later chunk fails."""
ATTEMPTS = 3


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
    the row has none, title, main author, year and place in a series. One ISBN with two titles is a conflict.

    Args:
        database: the database to import into.
        rows: rows of any format.
        owner_id: the user who will own the books, if any.
        summary: what the list of batches says of the import.
        progress: called with the line of the last row of each finished chunk.
    """
    report, remaining = Report(), iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        origin = Origin(owner_id, "import", batch_id=report.batch_id)
        outcome, report.batch_id = _import_with_retry(database, chunk, origin, summary)
        report.total += len(chunk)
        report.created += len(outcome.created)
        report.unchanged += len(outcome.repeats)
        report.failed += len(outcome.conflicts) + sum(bool(row.errors) for row in chunk)
        report.repeats += outcome.repeats[: MOST_LISTED - len(report.repeats)]
        report.errors.add(outcome.conflicts)
        for row in chunk:
            report.errors.add(row.errors)
            report.left_out.add(row.left_out)
        report.passed_over.update(row.passed_over for row in chunk if row.passed_over)
        progress(chunk[-1].line)
    return report


def _import_with_retry(
    database: Database, rows: list[Row], origin: Origin, summary: str
) -> tuple[_Outcome, int | None]:
    """Retry on a conflict: if another client added the same book meanwhile, the next attempt finds it.

    Returns: what became of the rows, and the batch of the import, which begins with the first change.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with database.transaction() as db:
                set_origin(db, origin)
                outcome, batch_id = _Chunk(db, origin.actor_id).add(rows), origin.batch_id
                if batch_id is None and has_changes(db):
                    batch_id = begin_batch(db, summary)
        except Conflict:
            if attempt == ATTEMPTS:
                raise
        else:
            return outcome, batch_id
    raise AssertionError


@dataclass
class _Outcome:
    """What became of the rows of a transaction: the new books by their marks, and the other rows."""

    created: dict[Mark, There] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    conflicts: list[Note] = field(default_factory=list)


class _Chunk:
    """The books of one transaction."""

    def __init__(self, db: Session, owner_id: int | None) -> None:
        self.db = db
        self.owner_id = owner_id
        self.newcomers: list[Author] = []

    def add(self, rows: list[Row]) -> _Outcome:
        """Add the missing books."""
        lock_exclusive(self.db, BATCHES)
        lock_shared(self.db, NAMES)
        lock_exclusive(self.db, PEOPLE)
        books, outcome = self._not_there([(row.line, row.book) for row in rows if row.book is not None])
        people = self._people(_firsts((one.name, one) for book in books for one in book.contributors))
        ids = next_ids(self.db.connection(), book_rows.BOOKS.name, len(books))  # before the locks of genres
        genres = self._genres(_firsts((name, name) for book in books for name in book.genres))
        new = []
        for book_id, book in zip(ids, books, strict=True):
            parts = dict.fromkeys(people[name_key(one.name)]._replace(role=one.role) for one in book.contributors)
            draft = BookDraft.new(self.owner_id, contributors=list(parts), **book.model_dump(include=COLUMNS))
            draft.id, draft.author_id = book_id, people[name_key(book.main_author.name)].author_id
            draft.set_genres(genres[name_key(name)] for name in book.genres)
            new.append(draft)
        book_rows.insert(self.db, new)
        self._index(new)
        return outcome

    def _index(self, books: list[BookDraft]) -> None:
        """Index the new records for search. Their words come last and all at once, in the common order of locks."""
        of_authors, of_books = (SearchIndex(self.db, kind) for kind in ("author", "book"))
        seen = of_authors.keep(map(entry_of_author, self.newcomers)) | of_books.keep(map(entry_of_book, books))
        of_books.learn(seen)

    def _people(self, named: dict[str, NamedContributor]) -> dict[str, Part]:
        """The authors by the keys of their names; if several share a name, the oldest."""
        found = select(Author.name_key, Author.id, Author.name).where(among(self.db, Author.name_key, named))
        rows = self.db.execute(found.order_by(Author.id.desc()))
        people = {key: Part(author_id, name, AUTHOR) for key, author_id, name in rows}
        self._add_authors([one for key, one in named.items() if key not in people])
        return people | {author.name_key: Part(author.id, author.name, AUTHOR) for author in self.newcomers}

    def _add_authors(self, named: list[NamedContributor]) -> None:
        """Add authors: all in one statement, for which they need no session."""
        now = datetime.now(UTC)
        for author_id, one in zip(next_ids(self.db.connection(), AUTHORS.name, len(named)), named, strict=True):
            author = Author(id=author_id, name=one.name, sort_name=one.sort_name or sort_name_of(one.name), version=1)
            author.created_at = author.updated_at = now
            author.created_by = author.updated_by = self.owner_id
            author.write_document()
            self.newcomers.append(author)
        rows = [{column.name: getattr(author, column.name) for column in AUTHORS.c} for author in self.newcomers]
        insert_rows(self.db.connection(), AUTHORS, rows)
        for author in self.newcomers:
            note_change(self.db, "author", None, document_of(author))

    def _genres(self, names: dict[str, str]) -> dict[str, NamedGenre]:
        return dict(zip(names, GenreService(self.db).named(list(names.values())), strict=True))

    def _not_there(self, rows: list[tuple[int, BookRow]]) -> tuple[list[BookRow], _Outcome]:
        """The missing books, each once, and what became of the other rows."""
        existing, missing, outcome = self._existing([book for _, book in rows]), [], _Outcome()
        for line, book in rows:
            mark = mark_of(book)
            there = existing.get(mark) or outcome.created.get(mark)
            if there is None:
                existing.setdefault(twin_mark(book), There(book.title, of_line=line))
                outcome.created[mark] = There(book.title, of_line=line)
                missing.append(book)
            elif titles_agree(there.title, book.title):
                outcome.repeats.append(Repeat(line, book.title, there.book_id, there.of_line))
            else:
                detail = f"is the ISBN of “{shortened(there.title)}” ({there}), which has another title"
                outcome.conflicts.append(Note(line, "isbn", detail, value=book.isbn or ""))
        return missing, outcome

    def _existing(self, books: list[BookRow]) -> dict[Mark, There]:
        """The existing books by their marks; if several authors share a name, those of the oldest."""
        names = {name_key(book.main_author.name) for book in books}
        authors = select(func.min(Author.id), Author.name_key).where(among(self.db, Author.name_key, names))
        rows_of_authors = self.db.execute(authors.group_by(Author.name_key))
        names_by_id: dict[int, str] = {author_id: name for author_id, name in rows_of_authors}  # noqa: C416  (typed)
        of_isbn = select(Book.isbn, Book.id, Book.title).where(
            among(self.db, Book.isbn, {book.isbn for book in books if book.isbn})
        )
        twins = select(Book.title, Book.author_id, Book.published_year, Book.series_position, Book.id).where(
            among(self.db, Book.author_id, names_by_id),
            among(self.db, Book.title_key, {key for book in books for key in sort_keys(book)}),
        )
        existing: dict[Mark, There] = {
            (name_key(title), names_by_id[author_id], year, place): There(title, book_id)
            for title, author_id, year, place, book_id in self.db.execute(twins.order_by(Book.id.desc()))
        }
        return existing | {
            isbn: There(title, book_id) for isbn, book_id, title in self.db.execute(of_isbn) if isbn is not None
        }


def _firsts(named: Iterable[tuple[str, T]]) -> dict[str, T]:
    """What has a name, by the key of the name: of several spellings, the one that came first."""
    firsts: dict[str, T] = {}
    for name, one in named:
        firsts.setdefault(name_key(name), one)
    return firsts
