"""Endpoints of invitations, with which people register where `REGISTRATION` is `invite`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app.auth import admin_required
from app.errors import InvitationNotFound, TooManyInvitations, VersionMismatch
from app.events import audit
from app.queries.invitations import InvitationReader, document_of
from app.schemas.base import WriteResult
from app.schemas.invitations import InvitationCreate, InvitationDone, InvitationReply
from app.schemas.pages import PageQuery
from app.services.accounts.invitations import InvitationService
from app.services.accounts.users import lock_admins
from app.web.conditional import require_match
from app.web.hosts import public_root
from app.web.openapi import CREATED
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import created, deleted, many, no_store, one
from app.web.state import reading, state, transaction
from app.web.write_transaction import require_still_admin

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

invitations = Blueprint(
    "invitations",
    __name__,
    url_prefix="/invitations",
    tag={"name": "Invitations", "description": "Invitations to register, issued by admins."},
)
invitations.after_request(no_store)


@invitations.get("")
@admin_required
@operation("listInvitations", Success(list[InvitationReply], "A page of invitations."), query=PageQuery)
def list_invitations(query: PageQuery, user: Principal) -> Response:  # noqa: ARG001  (only the admin check needs it)
    """List the invitations that can still be used, a page at a time.

    Admins only. The token of an invitation is only in the response to its creation.
    """
    after = start_key()
    with reading() as connection:
        return many(InvitationReader(connection).page(query, after))


@invitations.get("/<id:invitation_id>")
@admin_required
@operation("getInvitation", Success(InvitationReply, "The invitation."), errors=[InvitationNotFound])
def get_invitation(invitation_id: int, user: Principal) -> Response:  # noqa: ARG001  (being an admin is enough)
    """Get one invitation.

    Admins only. An invitation that was used, was revoked or has expired is not found.
    """
    with reading() as connection:
        return one(InvitationReader(connection).find(invitation_id))


@invitations.post("")
@admin_required
@operation(
    "createInvitation",
    Success(InvitationDone, "The new invitation, to be passed on.", CREATED, status=201),
    body=InvitationCreate,
    errors=[TooManyInvitations],
)
def create_invitation(body: InvitationCreate, user: Principal) -> Response:
    """Issue an invitation: a link with which one person can register, once. Admins only.

    The link is in this response and never shown again. It becomes void when it expires (`INVITATION_LIFETIME`), and
    when the admin who issued it changes the password, logs out everywhere, loses the role, or is disabled or deleted.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        kept, token = InvitationService(db).create(user.id, body.note, state().settings.invitation_lifetime)
        document = document_of(kept)
        audit.note(db, "invitation_created", invitation_id=kept.id, by=user.id)
    location = url_for("invitations.get_invitation", invitation_id=kept.id)
    link = f"{public_root()}join#{token}"  # a fragment is not sent to servers, so it appears in no log
    return created(document, location, "invitation issued; it is not shown again", link=link, token=token)


@invitations.delete("/<id:invitation_id>")
@admin_required
@operation("deleteInvitation", Success(WriteResult, "Deleted."), errors=[InvitationNotFound, VersionMismatch])
def delete_invitation(invitation_id: int, user: Principal) -> Response:
    """Revoke an invitation, with immediate effect.

    Admins only. With `If-Match`, only if the invitation still has that `ETag`.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        require_match(InvitationReader(db.connection()).find(invitation_id))
        InvitationService(db).delete(invitation_id)
        audit.note(db, "invitation_revoked", invitation_id=invitation_id, by=user.id)
    return deleted(message=f"invitation {invitation_id} revoked")
