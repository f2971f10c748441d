"""The rules about books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import MISSING

from app.db.ids import lock_ids, reserve_id
from app.db.locks import NAMES, lock_shared
from app.domain.edtf import year_of
from app.domain.sort_titles import sort_title_of
from app.events.deletions import first_versions, missing
from app.models.drafts import BookDraft
from app.schemas.books import BookCreate
from app.services import book_rows
from app.services.contributors import People, ids_of, names_without_ids
from app.services.genres import GenreService
from app.services.locked_references import read_references
from app.services.read_only import require_as_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.schemas.books import BookUpdate
    from app.services.quota import Quota

ELSEWHERE = frozenset({"author_id", "contributors", "genres"})
"""The fields that cannot be copied to columns unchanged."""
COLUMNS = set(BookCreate.model_fields) - ELSEWHERE - {"id"}


class BookService:
    """Writes books. A batch looks up what many need, prepares each in memory, and writes them together."""

    def __init__(self, db: Session, quota: Quota | None = None) -> None:
        """Args: quota: of the user, if books may bring new authors."""
        self.db = db
        self.genres = GenreService(db)
        self.people = People(db, quota)

    def get(self, book_id: int) -> BookDraft:
        """The book, locked until the transaction ends.

        Raises:
            BookNotFound, BookDeleted: there is none with that id, or none any more.
        """
        found = book_rows.load(self.db, book_rows.BOOKS.c.id == book_id)
        if not found:
            raise missing(self.db, "book", book_id)
        return found[0]

    def create(self, data: BookCreate, owner_id: int | None) -> BookDraft:
        """Add a book.

        Raises:
            AuthorMissing: there is no author with that id.
            IdTaken, IsbnTaken: another book has the id or the ISBN.
        """
        if data.id is None:
            [given] = self.look_up([data], new=1)
            book = self.prepared(data, owner_id)
            book.id = given
        else:
            book = self._with_own_id(data, data.id, owner_id)
        book_rows.insert(self.db, [book])
        self.index([book])
        return book

    def update(self, book: BookDraft, changes: BookUpdate, editor_id: int | None) -> None:
        """Change the given fields.

        Raises:
            AuthorMissing: there is no author with that id.
            IsbnTaken: another book has the ISBN.
            VersionMismatch, InvalidRequest: a read-only field differs from the book.
        """
        self.look_up([changes])
        self.change(book, changes, editor_id)
        book_rows.update(self.db, [book])
        self.index([book])

    def delete(self, book: BookDraft) -> None:
        """Delete the book."""
        book_rows.remove(self.db, [book])

    def look_up(self, books: Sequence[BookCreate | BookUpdate], new: int = 0) -> list[int]:
        """Read and lock what these books name. Returns: the ids of so many new books."""
        self.look_up_names(books)
        genres = [data.genres for data in books if data.genres is not MISSING and data.genres]
        author_ids, genre_keys = ids_of(books), self.genres.keys_of(genres)
        if not (author_ids or genre_keys or new):
            return []
        found = read_references(self.db, author_ids, genre_keys, new)
        self.people.know(found.names, books)
        self.genres.know(found.genres, genre_keys)
        return found.ids

    def look_up_names(self, books: Sequence[BookCreate | BookUpdate]) -> None:
        """Find the authors that these books name without their ids, before the locks of ids."""
        if names := names_without_ids(books):
            lock_shared(self.db, NAMES)
            self.people.named.look_up(names)

    def _with_own_id(self, data: BookCreate, supplied: int, owner_id: int | None) -> BookDraft:
        """A new book with the id that a client supplied, for which the lock of ids comes before all rows."""
        connection = self.db.connection()
        lock_shared(connection, NAMES)
        self.look_up_names([data])
        lock_ids(connection, book_rows.BOOKS.name)
        self.look_up([data])
        book = self.prepared(data, owner_id)
        reserve_id(connection, book_rows.BOOKS.name, supplied)
        book.id, book.version = supplied, first_versions(self.db, "book", [supplied])[supplied]
        return book

    def index(self, books: Sequence[BookDraft]) -> None:
        """Store the words of books, and of the authors that they brought. Call it last: see `book_rows.index`."""
        book_rows.index(self.db, books, self.people.named.newcomers)

    def prepared(self, data: BookCreate, owner_id: int | None) -> BookDraft:
        """A new book that is not written yet. What it names has been looked up.

        Raises:
            AuthorMissing, InvalidRequest: see `People.contribute`.
        """
        book = BookDraft.new(owner_id, **dated(data.model_dump(include=COLUMNS)))
        self.people.contribute(book, data)
        book.set_genres(self.genres.named(data.genres))
        return book

    def change(self, book: BookDraft, changes: BookUpdate, editor_id: int | None) -> None:
        """Change the given fields in memory. What they name has been looked up.

        Raises:
            AuthorMissing, VersionMismatch, InvalidRequest: see `update`. The book is unchanged.
        """
        require_as_read(book, changes)
        self.people.contribute(book, changes)
        if changes.genres is not MISSING:
            book.set_genres(self.genres.named(changes.genres or []))
        set_fields(book, changes.changed(but=ELSEWHERE))
        book.touch_by(editor_id)


def set_fields(book: BookDraft, fields: dict[str, Any]) -> None:
    """Set fields of a book in memory, and what is derived from them."""
    derived, filed = sort_title_of(book.title, book.language), book.sort_title
    fields = dated(fields, book.published)
    for field, value in fields.items():
        setattr(book, field, value)
    given = fields.get("sort_title", filed)
    if given is None or given == filed == derived:  # sent back as it was read, or not at all
        book.sort_title = sort_title_of(book.title, book.language)


def dated(fields: dict[str, Any], before: str | None = None) -> dict[str, Any]:
    """The fields with a year and a date of publication that agree.

    A date sets the year, and a year alone removes a date in another year.

    Args:
        fields: those that are written.
        before: the date that the book has.
    """
    if fields.get("published"):
        return fields | {"published_year": year_of(fields["published"])}
    if before and "published_year" in fields and fields["published_year"] != year_of(before):
        return fields | {"published": None}
    return fields
