"""Reads of authors: a single stored document, or a page of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import bindparam, select

from app.domain.sort_keys import RULE
from app.events.deletions import missing
from app.models import Author
from app.queries.book_filters import equal, updated_since
from app.queries.filtered_lists import ListReader
from app.queries.keyset import Order
from app.queries.relevance import Searcher, Wanted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.queries.keyset import Page, SortValues
    from app.schemas.lists import AuthorFilters

DOCUMENT_BY_ID = select(Author.document).where(Author.id == bindparam("id"))
SORTS: dict[str, Order] = {
    "id": Order((Author.id,)),
    "name": Order((Author.sort_key, Author.id), rule=RULE),
    "created_at": Order((Author.created_at, Author.id)),
    "updated_at": Order((Author.updated_at, Author.id)),
}
ORDERS = SORTS | {f"-{name}": replace(order, descending=True) for name, order in SORTS.items()}


class AuthorReader:
    """Reads authors as stored documents."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, author_id: int) -> str:
        """One author.

        Raises:
            AuthorNotFound, AuthorDeleted: there is none with that id, or none any more.
        """
        document = self.connection.scalar(DOCUMENT_BY_ID, {"id": author_id})
        if document is None:
            raise missing(self.connection, "author", author_id)
        return document

    def page(self, filters: AuthorFilters, after: SortValues | None) -> Page:
        """A page of the authors that match all filters, in the requested order."""
        others = [] if filters.updated_since is MISSING else [updated_since(Author, filters.updated_since)]
        if filters.created_by is not MISSING:
            others.append(equal(Author, Author.created_by, filters.created_by))
        with_total = filters.count == "exact"
        order = None if filters.sort is MISSING else ORDERS[filters.sort]
        if filters.q is not MISSING:
            wanted = Wanted(others, order, after, filters.limit, with_total)
            return Searcher(self.connection, Author, "author").page(filters.q, wanted)
        return ListReader(self.connection, Author, others).page_counted(order or SORTS["id"], after, filters)
