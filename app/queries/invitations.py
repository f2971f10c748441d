"""Reads of invitations: a single document, or a page of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from app.errors import InvitationNotFound
from app.models import Invitation
from app.queries.keyset import Order, slice_of_rows
from app.schemas.invitations import InvitationReply

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.queries.keyset import Page, SortValues
    from app.schemas.pages import PageQuery

OPEN = select(Invitation.__table__).where(Invitation.expires_at > bindparam("now"))
OPEN_BY_ID = OPEN.where(Invitation.id == bindparam("id"))
BY_ID = Order((Invitation.id,))


class InvitationReader:
    """Reads the invitations that can still be used."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, invitation_id: int) -> str:
        """One invitation, as a document.

        Raises:
            InvitationNotFound: there is none with that id, or it was used or has expired.
        """
        row = self.connection.execute(OPEN_BY_ID, {"id": invitation_id, "now": datetime.now(UTC)}).first()
        if row is None:
            raise InvitationNotFound
        return document_of(row)

    def page(self, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of the invitations, by id."""
        query = OPEN.params(now=datetime.now(UTC))
        return slice_of_rows(self.connection, query, BY_ID, wanted, after, document_of)


def document_of(invitation: Any) -> str:  # noqa: ANN401  (a row or an Invitation)
    """An invitation as a document, without its token."""
    return InvitationReply.model_validate(invitation, from_attributes=True).model_dump_json()
