"""The rules about authors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import bindparam, exists, select

from app.db.locks import NAMES, alone
from app.domain.sort_keys import RULE
from app.domain.sort_names import sort_name_of
from app.errors import AuthorHasBooks, AuthorNotFound
from app.models import Author, Book, Contributor, FormerName
from app.queries.book_filters import updated_since
from app.queries.keyset import Order
from app.queries.list_plans import ListReader
from app.queries.relevance import Searcher, Wanted
from app.search.index import SearchIndex, entry_of_author, entry_of_book
from app.services.read_only import require_as_read

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.queries.keyset import Page, SortValues
    from app.schemas.authors import AuthorCreate, AuthorUpdate
    from app.schemas.lists import AuthorFilters

DOCUMENT_BY_ID = select(Author.document).where(Author.id == bindparam("id"))
SORTS: dict[str, Order] = {
    "id": Order((Author.id,)),
    "name": Order((Author.sort_key, Author.id), rule=RULE),
    "created_at": Order((Author.created_at, Author.id)),
    "updated_at": Order((Author.updated_at, Author.id)),
}
ORDERS = SORTS | {f"-{name}": replace(order, descending=True) for name, order in SORTS.items()}
BOOKS_AT_ONCE = 500


class AuthorReader:
    """Authors as ready documents."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, author_id: int) -> str:
        """One author.

        Raises:
            AuthorNotFound: there is none with that id.
        """
        document = self.connection.scalar(DOCUMENT_BY_ID, {"id": author_id})
        if document is None:
            raise AuthorNotFound
        return document

    def page(self, filters: AuthorFilters, after: SortValues | None) -> Page:
        """The authors for whom all holds that is asked, in the order that is asked."""
        since = [] if filters.updated_since is MISSING else [updated_since(Author, filters.updated_since)]
        counted = filters.count == "exact"
        order = None if filters.sort is MISSING else ORDERS[filters.sort]
        if filters.q is not MISSING:
            wanted = Wanted(since, order, after, filters.limit, counted)
            return Searcher(self.connection, Author, "author").page(filters.q, wanted)
        return ListReader(self.connection, Author, since).page_counted(order or SORTS["id"], after, filters)


class AuthorService:
    """Authors as they change."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, author_id: int) -> Author:
        """The author, held until the transaction ends.

        Raises:
            AuthorNotFound: there is none with that id.
        """
        alone(self.session, NAMES)
        author = self.session.get(Author, author_id, with_for_update=True)
        if author is None:
            raise AuthorNotFound
        return author

    def create(self, data: AuthorCreate, owner_id: int | None) -> Author:
        """Add an author. Two persons may share a name.

        Raises:
            IdTaken: another author has the id.
        """
        fields = data.model_dump() | {"sort_name": data.sort_name or sort_name_of(data.name)}
        author = Author(**fields, created_by=owner_id)
        self.session.add(author)
        self._flush(author)
        return author

    def update(self, author: Author, changes: AuthorUpdate) -> None:
        """Change the fields that are given, and only those; the books that show the name follow.

        Raises:
            VersionMismatch, InvalidRequest: a read-only field says something else than the author does.
        """
        require_as_read(author, changes)
        given = changes.changed()
        was_called, was_derived = author.name, author.sort_name == sort_name_of(author.name)
        for field, value in given.items():
            if field != "sort_name":
                setattr(author, field, value)
        if given.get("sort_name") is not None:
            author.sort_name = given["sort_name"]
        elif "sort_name" in given or was_derived:
            author.sort_name = sort_name_of(author.name)
        self._flush(author)
        if author.name != was_called:
            self._keep_former_name(author, was_called)
            self._rename_in_books(author)

    def delete(self, author: Author) -> None:
        """Take the author out of the catalogue.

        Raises:
            AuthorHasBooks: there are books in which the author had a part.
        """
        if self.session.scalar(select(exists().where(Contributor.author_id == author.id))):
            raise AuthorHasBooks
        self.session.delete(author)
        self.session.flush()

    def _flush(self, author: Author) -> None:
        self.session.flush()
        SearchIndex(self.session, "author").put([entry_of_author(author)])

    def _keep_former_name(self, author: Author, name: str) -> None:
        """Whoever read a book before may send it back with this name."""
        self.session.merge(FormerName(author_id=author.id, name=name))
        self.session.flush()

    def _rename_in_books(self, author: Author) -> None:
        """Write the documents anew that show the name."""
        parts = select(Contributor.book_id).where(Contributor.author_id == author.id)
        last_id = 0
        while True:
            some = select(Book).where(Book.id.in_(parts), Book.id > last_id).order_by(Book.id).limit(BOOKS_AT_ONCE)
            books = self.session.scalars(some.with_for_update()).all()
            if not books:
                return
            for book in books:
                book.move_on()
            self.session.flush()
            SearchIndex(self.session, "book").put(map(entry_of_book, books))
            last_id = books[-1].id
