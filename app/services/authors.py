"""The rules about authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select

from app.db.bulk import among, insert_rows
from app.db.locks import NAMES, lock_exclusive
from app.db.text_size import fitting, text_size
from app.domain.names import name_key
from app.domain.sort_names import sort_name_of
from app.errors import AuthorHasBooks
from app.events.changes import announce_consequences, changing_via, write_changes
from app.events.deletions import first_versions, missing
from app.models import Author, AuthorAlias, Book, Contributor, FormerName
from app.search.index import SearchIndex, entry_of_author, entry_of_book
from app.services import book_rows
from app.services.cleanup.after_write import note_candidates, words_of
from app.services.read_only import require_as_read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from app.models.drafts import AuthorDraft
    from app.schemas.authors import AuthorCreate, AuthorUpdate

BOOKS_AT_ONCE, LARGEST_AT_ONCE = 500, 2_000_000
"""Books of an author that are written together, and the bytes of their documents."""
MOST_COUNTED = 100_000
"""Books of an author that are counted before they are written."""
ALIASES: Table = AuthorAlias.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider


def keep_aliases(db: Session, author: Author) -> None:
    """Replace the keys by which an author is found under other names."""
    db.execute(delete(AuthorAlias).where(AuthorAlias.author_id == author.id))
    insert_aliases(db, [author])


def insert_aliases(db: Session, authors: Iterable[Author | AuthorDraft]) -> None:
    """Insert the keys by which new authors are found under other names."""
    keys = [(author.id, key) for author in authors for key in dict.fromkeys(map(name_key, author.aliases))]
    insert_rows(db.connection(), ALIASES, [{"author_id": author_id, "name_key": key} for author_id, key in keys])


class AuthorService:
    """Writes authors."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def get(self, author_id: int) -> Author:
        """The author, locked until the transaction ends.

        Raises:
            AuthorNotFound, AuthorDeleted: there is none with that id, or none any more.
        """
        lock_exclusive(self.db, NAMES)
        author = self.db.get(Author, author_id, with_for_update=True)
        if author is None:
            raise missing(self.db, "author", author_id)
        return author

    def create(self, data: AuthorCreate, owner_id: int | None) -> Author:
        """Add an author. Names need not be unique.

        Raises:
            IdTaken: another author has the id.
        """
        fields = data.model_dump() | {"sort_name": data.sort_name or sort_name_of(data.name)}
        author = Author(**fields, created_by=owner_id)
        if data.id is not None:
            author.version = first_versions(self.db, "author", [data.id])[data.id]
        self.db.add(author)
        self._flush(author)
        if author.aliases:
            keep_aliases(self.db, author)
        return author

    def update(self, author: Author, changes: AuthorUpdate, editor_id: int | None) -> None:
        """Change the given fields, and the name in the author's books, whose `updated_by` stays as it is.

        Raises:
            VersionMismatch, InvalidRequest: a read-only field differs from the author.
        """
        require_as_read(author, changes)
        given, had = changes.changed(), words_of(entry_of_author(author))
        was_called, was_derived = author.name, author.sort_name == sort_name_of(author.name)
        had_aliases = author.aliases
        for field, value in given.items():
            if field != "sort_name":
                setattr(author, field, value)
        if given.get("sort_name") is not None:
            author.sort_name = given["sort_name"]
        elif "sort_name" in given or was_derived:
            author.sort_name = sort_name_of(author.name)
        author.touch_by(editor_id)
        self._flush(author)
        if author.aliases != had_aliases:
            keep_aliases(self.db, author)
        if author.name != was_called:
            self._keep_former_name(author, was_called)
            self._rename_in_books(author)
        note_candidates(self.db, words=had - words_of(entry_of_author(author)))

    def delete(self, author: Author) -> None:
        """Delete the author.

        Raises:
            AuthorHasBooks: the author is a contributor to existing books.
        """
        if self.db.scalar(select(exists().where(Contributor.author_id == author.id))):
            raise AuthorHasBooks
        note_candidates(self.db, words=words_of(entry_of_author(author)))
        self.db.delete(author)
        self.db.flush()

    def _flush(self, author: Author) -> None:
        self.db.flush()
        SearchIndex(self.db, "author").put([entry_of_author(author)])

    def _keep_former_name(self, author: Author, name: str) -> None:
        """Keep a former name: a client that read a book before the change may send it back with that name."""
        self.db.merge(FormerName(author_id=author.id, name=name))
        self.db.flush()

    def _rename_in_books(self, author: Author) -> None:
        """Rewrite the documents of the books that contain the name."""
        announce_consequences(self.db, self._number_of_books(author))
        last_id = 0
        while ids := self._next_books(author, last_id):
            books = book_rows.load(self.db, among(self.db, book_rows.BOOKS.c.id, ids))
            for book in books:
                book.touch()
            with changing_via(self.db, "rename"):
                book_rows.update(self.db, books)
            SearchIndex(self.db, "book").put(map(entry_of_book, books))
            write_changes(self.db)  # now: those of all books would be in memory until the end
            last_id = ids[-1]

    def _number_of_books(self, author: Author) -> int:
        books = select(Contributor.book_id).where(Contributor.author_id == author.id).distinct().limit(MOST_COUNTED)
        return self.db.scalar(select(func.count()).select_from(books.subquery())) or 0

    def _next_books(self, author: Author, last_id: int) -> list[int]:
        """The ids of some of the author's books, fewer of large ones."""
        parts = select(Contributor.book_id).where(Contributor.author_id == author.id)
        some = select(Book.id, text_size(Book.document)).where(Book.id.in_(parts), Book.id > last_id)
        rows = self.db.execute(some.order_by(Book.id).limit(BOOKS_AT_ONCE)).all()
        return [book_id for book_id, _ in rows[: fitting((size for _, size in rows), LARGEST_AT_ONCE)]]
