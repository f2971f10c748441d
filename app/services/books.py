"""The rules about books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import MISSING

from app.db.ids import reserve_id
from app.db.locks import NAMES, lock_shared
from app.events.deletions import first_versions, missing
from app.models.drafts import BookDraft
from app.schemas.books import BookCreate
from app.services import book_rows
from app.services.genres import GenreService
from app.services.people import People
from app.services.read_only import require_as_read

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.schemas.books import BookUpdate

ELSEWHERE = frozenset({"author_id", "contributors", "genres"})
"""The fields that cannot be copied to columns unchanged."""
COLUMNS = tuple(BookCreate.model_fields.keys() - ELSEWHERE - {"id"})


class BookService:
    """Writes books. A batch looks up what many need, prepares each in memory, and writes them together."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self.genres = GenreService(db)
        self.people = People(db)

    def get(self, book_id: int) -> BookDraft:
        """The book, locked until the transaction ends.

        Raises:
            BookNotFound, BookDeleted: there is none with that id, or none any more.
        """
        lock_shared(self.db, NAMES)
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
        lock_shared(self.db, NAMES)
        self.people.look_up([data])
        book = self.prepared(data, owner_id)
        if data.id is not None:
            reserve_id(self.db.connection(), book_rows.BOOKS.name, data.id)
            book.id, book.version = data.id, first_versions(self.db, "book", [data.id])[data.id]
        book_rows.insert(self.db, [book])
        book_rows.index(self.db, [book])
        return book

    def update(self, book: BookDraft, changes: BookUpdate, editor_id: int | None) -> None:
        """Change the given fields.

        Raises:
            AuthorMissing: there is no author with that id.
            IsbnTaken: another book has the ISBN.
            VersionMismatch, InvalidRequest: a read-only field differs from the book.
        """
        self.people.look_up([changes])
        self.change(book, changes, editor_id)
        book_rows.update(self.db, [book])
        book_rows.index(self.db, [book])

    def delete(self, book: BookDraft) -> None:
        """Delete the book."""
        book_rows.remove(self.db, [book])

    def prepared(self, data: BookCreate, owner_id: int | None) -> BookDraft:
        """A new book that is not written yet. Its authors have been looked up.

        Raises:
            AuthorMissing, InvalidRequest: see `People.contribute`.
        """
        book = BookDraft.new(owner_id, **{name: getattr(data, name) for name in COLUMNS})
        self.people.contribute(book, data)
        book.set_genres(self.genres.named(data.genres))
        return book

    def change(self, book: BookDraft, changes: BookUpdate, editor_id: int | None) -> None:
        """Change the given fields in memory. The authors that they name have been looked up.

        Raises:
            AuthorMissing, VersionMismatch, InvalidRequest: see `update`. The book is unchanged.
        """
        require_as_read(book, changes)
        self.people.contribute(book, changes)
        if changes.genres is not MISSING:
            book.set_genres(self.genres.named(changes.genres or []))
        for field, value in changes.changed(but=ELSEWHERE).items():
            setattr(book, field, value)
        book.touch_by(editor_id)
