"""Books as readers get them: ready documents, one or a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import bindparam, select

from app.errors import BookNotFound
from app.isbn import normalize_isbn
from app.models import Book
from app.pagination import Page
from app.services.book_filters import BY_ID, ORDERS, by_author, conditions, genre_ids, links_alone
from app.services.searching import Searcher, Wanted
from app.services.slices import count, slice_after, slice_by_id

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from app.pagination import Key
    from app.schemas.lists import BookFilters
    from app.schemas.pages import PageQuery

DOCUMENT_BY_ID = select(Book.document).where(Book.id == bindparam("id"))
BY_ID_ALONE = {MISSING, "id", "-id"}
DOCUMENT_BY_ISBN = select(Book.document).where(Book.isbn == bindparam("isbn"))


class BookReader:
    """Books as ready documents."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, book_id: int) -> str:
        """One book.

        Raises:
            BookNotFound: there is none with that id.
        """
        return self._require(self.connection.scalar(DOCUMENT_BY_ID, {"id": book_id}))

    def find_by_isbn(self, isbn: str) -> str:
        """The book with that ISBN, in thirteen digits.

        Raises:
            BookNotFound: there is none.
        """
        return self._require(self.connection.scalar(DOCUMENT_BY_ISBN, {"isbn": isbn}))

    def page(self, filters: BookFilters, after: Key | None) -> Page:
        """The books for which all holds that is asked, in the order that is asked."""
        if filters.q is not MISSING:
            return self._found(filters.q, filters, after)
        order = BY_ID if filters.sort is MISSING else ORDERS[filters.sort]
        genres = genre_ids(self.connection, filters)
        links = links_alone(filters, genres) if filters.sort in BY_ID_ALONE else None
        if links is not None:
            return self._linked(links, after, filters, descending=order.descending)
        query = select(Book.id).where(*conditions(filters, genres))
        page = slice_after(self.connection, Book, query, order, after, filters.limit)
        return Page(page.documents, page.after, count(self.connection, query) if filters.count == "exact" else None)

    def page_of_author(self, author_id: int, wanted: PageQuery, after: Key | None) -> Page:
        """The books in which a person had a part, by id."""
        return self._linked(by_author(author_id), after, wanted, descending=False)

    def _found(self, text: str, filters: BookFilters, after: Key | None) -> Page:
        """What a search finds: the one book with that ISBN, if the text is one; else, the books with its words."""
        holds = list(conditions(filters, genre_ids(self.connection, filters)))
        counted = filters.count == "exact"
        isbn = _isbn(text) if after is None else None  # one book has no next page
        if isbn is not None:
            documents = list(self.connection.scalars(select(Book.document).where(Book.isbn == isbn, *holds)))
            if documents:
                return Page(documents, total=len(documents) if counted else None)
        order = None if filters.sort is MISSING else ORDERS[filters.sort]
        wanted = Wanted(holds, order, after, filters.limit, counted)
        return Searcher(self.connection, Book, "book").page(text, wanted)

    def _linked(self, ids: Select[int], after: Key | None, wanted: PageQuery, *, descending: bool) -> Page:
        page = slice_by_id(self.connection, Book, ids, after, wanted.limit, descending=descending)
        return Page(page.documents, page.after, count(self.connection, ids) if wanted.count == "exact" else None)

    def _require(self, document: str | None) -> str:
        if document is None:
            raise BookNotFound
        return document


def _isbn(text: str) -> str | None:
    """The ISBN that a text is, if it is one."""
    try:
        return normalize_isbn(text)
    except ValueError:
        return None
