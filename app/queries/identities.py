"""Reads of the identities that are linked to a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models import LinkedIdentity
from app.queries.keyset import Order, slice_of_rows
from app.schemas.identities import IdentityReply

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from app.queries.keyset import Page, SortValues
    from app.schemas.pages import PageQuery

BY_ID = Order((LinkedIdentity.id,))


def page_of_identities(connection: Connection, user_id: int, wanted: PageQuery, after: SortValues | None) -> Page:
    """A page of the identities of a user, the oldest first."""
    query = select(LinkedIdentity.__table__).where(LinkedIdentity.user_id == user_id)
    return slice_of_rows(connection, query, BY_ID, wanted, after, _document)


def all_identities(connection: Connection, user_id: int) -> list[str]:
    """The documents of all identities of a user, the oldest first. There are as many as accounts at the provider."""
    query = select(LinkedIdentity.__table__).where(LinkedIdentity.user_id == user_id).order_by(LinkedIdentity.id)
    return [_document(linked) for linked in connection.execute(query)]


def _document(linked: Row[Any]) -> str:
    return IdentityReply.model_validate(linked, from_attributes=True).model_dump_json()
