"""Reads of books: a single stored document, or a page of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import bindparam, select

from app.domain.isbn import normalize_isbn
from app.errors import BookNotFound
from app.events.deletions import missing
from app.models import Book
from app.queries.book_filters import BY_ID, ORDERS, book_filters, by_person
from app.queries.filtered_lists import ListReader
from app.queries.genre_filters import genre_ids
from app.queries.index_ranges import all_hold
from app.queries.keyset import Page, Total
from app.queries.relevance import Searcher, Wanted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.queries.keyset import SortValues
    from app.schemas.lists import BookFilters
    from app.schemas.pages import PageQuery

DOCUMENT_BY_ID = select(Book.document).where(Book.id == bindparam("id"))
DOCUMENT_BY_ISBN = select(Book.document).where(Book.isbn == bindparam("isbn"))


class BookReader:
    """Reads books as stored documents."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, book_id: int) -> str:
        """One book.

        Raises:
            BookNotFound, BookDeleted: there is none with that id, or none any more.
        """
        document = self.connection.scalar(DOCUMENT_BY_ID, {"id": book_id})
        if document is None:
            raise missing(self.connection, "book", book_id)
        return document

    def find_by_isbn(self, isbn: str) -> str:
        """The book with that ISBN, in thirteen digits.

        Raises:
            BookNotFound: there is none.
        """
        document = self.connection.scalar(DOCUMENT_BY_ISBN, {"isbn": isbn})
        if document is None:
            raise BookNotFound
        return document

    def page(self, filters: BookFilters, after: SortValues | None) -> Page:
        """A page of the books that match all filters, in the requested order."""
        if filters.q is not MISSING:
            return self._found(filters.q, filters, after)
        usual = "id" if filters.series is MISSING else "series_position"
        order = ORDERS[usual if filters.sort is MISSING else filters.sort]
        reader = ListReader(
            self.connection, Book, book_filters(self.connection, filters, genre_ids(self.connection, filters))
        )
        return reader.page_counted(order, after, filters)

    def page_of_author(self, author_id: int, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of the books to which a person contributed, by id."""
        return ListReader(self.connection, Book, [by_person(author_id)]).page_counted(BY_ID, after, wanted)

    def _found(self, text: str, filters: BookFilters, after: SortValues | None) -> Page:
        """The result of a search: the book with that ISBN, if the text is one; otherwise the books with its words."""
        found = book_filters(self.connection, filters, genre_ids(self.connection, filters))
        with_total = filters.count == "exact"
        isbn = _isbn(text) if after is None else None  # one book has no next page
        if isbn is not None:
            book = select(Book.id, Book.document).where(Book.isbn == isbn).subquery()
            alone = select(book.c.document).where(*all_hold(Book, found, book.c.id))
            documents = list(self.connection.scalars(alone))
            if documents:
                return Page(documents, total=Total(len(documents)) if with_total else None)
        order = None if filters.sort is MISSING else ORDERS[filters.sort]
        wanted = Wanted(found, order, after, filters.limit, with_total)
        return Searcher(self.connection, Book, "book").page(text, wanted)


def _isbn(text: str) -> str | None:
    """The text as a normalized ISBN; None if it is not one."""
    try:
        return normalize_isbn(text)
    except ValueError:
        return None
