"""The rules about books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import bindparam, select

from app.errors import AuthorMissing, BookNotFound, NotOwner
from app.models import Author, Book
from app.services.genres import GenreService
from app.services.pages import slice_after

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select
    from sqlalchemy.orm import Session

    from app.pagination import Key, Page
    from app.schemas.books import BookCreate, BookFilters, BookUpdate
    from app.schemas.pages import PageQuery

DOCUMENT_BY_ID = select(Book.document).where(Book.id == bindparam("id"))


class BookReader:
    """Books as ready documents."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, book_id: int) -> str:
        """One book.

        Raises:
            BookNotFound: there is none with that id.
        """
        document = self.connection.scalar(DOCUMENT_BY_ID, {"id": book_id})
        if document is None:
            raise BookNotFound
        return document

    def page(self, filters: BookFilters, after: Key | None) -> Page:
        """The books that pass the filters, by id."""
        query = select(Book.id)
        if filters.author_id is not MISSING:
            query = query.where(Book.author_id == filters.author_id)
        return self._slice(query, filters, after)

    def page_of_author(self, author_id: int, wanted: PageQuery, after: Key | None) -> Page:
        """The books of one author, by id."""
        return self._slice(select(Book.id).where(Book.author_id == author_id), wanted, after)

    def _slice(self, query: Select[int], wanted: PageQuery, after: Key | None) -> Page:
        counted = wanted.count == "exact"
        return slice_after(
            self.connection, Book, query, key=(Book.id,), after=after, limit=wanted.limit, counted=counted
        )


class BookService:
    """Books as they change."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, book_id: int) -> Book:
        """The book, held until the transaction ends.

        Raises:
            BookNotFound: there is none with that id.
        """
        book = self.session.get(Book, book_id, with_for_update=True)
        if book is None:
            raise BookNotFound
        return book

    def get_own(self, book_id: int, user_id: int) -> Book:
        """The book, if it is this user's to delete.

        Raises:
            BookNotFound: there is none with that id.
            NotOwner: somebody else added it.
        """
        book = self.get(book_id)
        if book.created_by != user_id:
            raise NotOwner
        return book

    def create(self, data: BookCreate, owner_id: int | None) -> Book:
        """Add a book.

        Raises:
            AuthorMissing: there is no author with that id.
            IdTaken, IsbnTaken: another book has the id or the ISBN.
        """
        book = Book(**data.model_dump(exclude={"genres"}), created_by=owner_id)
        self._require_author(book.author_id)
        book.set_genres(GenreService(self.session).named(data.genres))
        self.session.add(book)
        self.session.flush()
        return book

    def update(self, book: Book, changes: BookUpdate) -> None:
        """Change the fields that are given, and only those.

        Raises:
            AuthorMissing: there is no author with that id.
            IsbnTaken: another book has the ISBN.
        """
        given = changes.model_dump(exclude_unset=True)
        genres = given.pop("genres", None)
        if "author_id" in given:
            self._require_author(given["author_id"])
        for field, value in given.items():
            setattr(book, field, value)
        if genres is not None:
            book.set_genres(GenreService(self.session).named(genres))
        self.session.flush()

    def delete(self, book: Book) -> None:
        """Take the book out of the catalogue."""
        self.session.delete(book)
        self.session.flush()

    def _require_author(self, author_id: int) -> None:
        """A courtesy where the foreign key would say the same: SQLite does not say which key was broken."""
        if self.session.scalar(select(Author.id).where(Author.id == author_id)) is None:
            raise AuthorMissing
