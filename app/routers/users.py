"""Endpoints of user administration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth import admin_required
from app.domain.names import pluralize
from app.errors import KeyNotFound, LastAdmin, SecondFactorOff, SignInDisabled, UserNotFound, VersionMismatch
from app.events import audit
from app.queries.keys import KeyReader
from app.queries.users import UserReader, document_of
from app.schemas.base import WriteResult
from app.schemas.keys import KeyReply
from app.schemas.pages import PageQuery
from app.schemas.sessions import LogoutAll
from app.schemas.users import IssuedReset, UserChange, UserDone, UserFilters, UserReply
from app.services.accounts.deletion import DeletionService
from app.services.accounts.invitations import InvitationService
from app.services.accounts.keys import KeyService
from app.services.accounts.second_factor import SecondFactorService
from app.services.accounts.sessions import SignOutService
from app.services.accounts.users import UserService, lock_admins
from app.web.conditional import require_match
from app.web.confirmation import confirmation_required
from app.web.hosts import public_root
from app.web.openapi import ETAG
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.password_sign_in import require_password_sign_in
from app.web.rate_limits import counted
from app.web.replies import changed, deleted, many, no_store, one
from app.web.state import reading, state, transaction
from app.web.write_transaction import require_still_admin

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from app.security.identity import Principal

users = Blueprint(
    "users",
    __name__,
    url_prefix="/users",
    tag={"name": "Users", "description": "User management, for admins."},
)
users.after_request(no_store)


@users.get("")
@admin_required
@operation("listUsers", Success(list[UserReply], "A page of users."), query=UserFilters)
def list_users(query: UserFilters, user: Principal) -> Response:  # noqa: ARG001  (only the admin check needs it)
    """List the users, a page at a time.

    Admins only. To read on, follow the `Link` header with `rel="next"` until it is absent.
    """
    after = start_key()
    with reading() as connection:
        return many(UserReader(connection).page(query, after))


@users.get("/<id:user_id>")
@admin_required
@operation("getUser", Success(UserReply, "The user."), errors=[UserNotFound])
def get_user(user_id: int, user: Principal) -> Response:  # noqa: ARG001  (being an admin is enough)
    """Get one user.

    Admins only.
    """
    with reading() as connection:
        return one(UserReader(connection).find(user_id))


@users.patch("/<id:user_id>")
@admin_required
@confirmation_required
@operation(
    "patchUser",
    Success(UserDone, "The user after the change.", ETAG),
    body=UserChange,
    errors=[UserNotFound, LastAdmin, VersionMismatch],
)
def patch_user(user_id: int, body: UserChange, user: Principal) -> Response:
    """Change the role of a user, or disable or enable the user. Admins only; the last admin cannot be removed.

    A new role ends the user's sessions; so does `disabled`, which also suspends the user's keys while it lasts.
    With `If-Match`, only if the user still has that `ETag`.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        user_service = UserService(db)
        changing = user_service.get(user_id)
        require_match(document_of(changing))
        was = changing.role, changing.disabled_at is not None
        ended = user_service.change(changing, body)
        now = changing.role, changing.disabled_at is not None
        document = document_of(changing)
        _note_changes(db, was, now, user_id=user_id, by=user.id, sessions_ended=ended)
    return changed(document, message=f"user '{changing.username}' updated")


@users.delete("/<id:user_id>")
@admin_required
@confirmation_required
@operation(
    "deleteUser",
    Success(WriteResult, "The account no longer exists."),
    errors=[UserNotFound, LastAdmin, VersionMismatch],
)
def delete_user(user_id: int, user: Principal) -> Response:
    """Delete the account of a user, at once and for good. Admins only; the last admin cannot be deleted.

    The user's sessions end and API keys are revoked. Books and authors that the user added remain, with the id in
    `created_by`; the username is free again. With `If-Match`, only if the user still has that `ETag`.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        deletion = DeletionService(db)
        leaving = deletion.get(user_id)
        require_match(document_of(leaving))
        username = leaving.username
        done = deletion.delete(leaving)
        audit.note(db, "account_deleted", user_id=user_id, by=user.id, **done)
    return deleted(message=f"user '{username}' deleted")


@users.post("/<id:user_id>/logout-all")
@admin_required
@operation("endSessionsOfUser", Success(WriteResult, "The sessions have ended."), body=LogoutAll, errors=[UserNotFound])
def end_sessions(user_id: int, body: LogoutAll, user: Principal) -> WriteResult:
    """End all sessions of a user, and void the password resets and invitations that the user issued.

    Admins only. The user's API keys continue to work, unless `revoke_keys` is true.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        username = UserService(db).get(user_id).username
        ended = SignOutService(db).end_all(user_id)
        facts = {
            "sessions_ended": ended,
            "resets_voided": UserService(db).void_resets_of(user_id),
            "invitations_voided": InvitationService(db).void_of(user_id),
            "keys_revoked": KeyService(db).delete_all(user_id) if body.revoke_keys else 0,
        }
        audit.note(db, "signed_out_everywhere", user_id=user_id, by=user.id, **facts)
    return WriteResult(status="success", message=f"{pluralize(ended, 'session')} of user '{username}' ended")


@users.post("/<id:user_id>/password-reset")
@admin_required
@confirmation_required
@counted(require_password_sign_in)
@operation(
    "issuePasswordReset",
    Success(IssuedReset, "The reset, to be passed on to the user."),
    errors=[UserNotFound, SignInDisabled],
)
def issue_reset(user_id: int, user: Principal) -> IssuedReset:
    """Issue a one-time link with which the user can set a new password. Admins only.

    Only the user learns the new password. Any earlier reset of the user becomes void.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        user_service = UserService(db)
        forgetful = user_service.get(user_id)
        token = user_service.issue_reset(forgetful, state().settings.password_reset_lifetime, by=user.id)
        audit.note(db, "password_reset_issued", user_id=user_id, by=user.id)
    return IssuedReset(
        status="success",
        message=f"password reset for '{forgetful.username}' issued; it is not shown again",
        link=f"{public_root()}reset#{token}",  # a fragment is not sent to servers, so it appears in no log
        token=token,
        expires_at=forgetful.reset_expires_at,
    )


@users.delete("/<id:user_id>/totp")
@admin_required
@confirmation_required
@operation("removeSecondFactorOfUser", Success(WriteResult, "It is off."), errors=[UserNotFound, SecondFactorOff])
def remove_second_factor(user_id: int, user: Principal) -> WriteResult:
    """Turn the second factor of a user off, who has lost the authenticator and the recovery codes.

    Admins only. All sessions of the user end.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        owner = UserService(db).get(user_id)
        SecondFactorService(db, state().sealer).turn_off(owner)
        ended = SignOutService(db).end_all(user_id)
        audit.note(db, "second_factor_removed", user_id=user_id, by=user.id, sessions_ended=ended)
    return WriteResult(status="success", message=f"second factor of user '{owner.username}' removed")


@users.get("/<id:user_id>/keys")
@admin_required
@operation(
    "listKeysOfUser", Success(list[KeyReply], "A page of the user's keys."), query=PageQuery, errors=[UserNotFound]
)
def list_keys(user_id: int, query: PageQuery, user: Principal) -> Response:  # noqa: ARG001  (being an admin is enough)
    """List the API keys of a user, a page at a time.

    Admins only.
    """
    after = start_key()
    with reading() as connection:
        UserReader(connection).find(user_id)
        return many(KeyReader(connection).page(user_id, query, after))


@users.delete("/<id:user_id>/keys/<id:key_id>")
@admin_required
@operation("deleteKeyOfUser", Success(WriteResult, "Deleted."), errors=[UserNotFound, KeyNotFound, VersionMismatch])
def delete_key(user_id: int, key_id: int, user: Principal) -> Response:
    """Revoke a key of a user, with immediate effect.

    Admins only. With `If-Match`, only if the key still has that `ETag`.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        username = UserService(db).get(user_id).username
        require_match(KeyReader(db.connection()).find(user_id, key_id))
        name = KeyService(db).delete(user_id, key_id)
        audit.note(db, "key_revoked", user_id=user_id, key_id=key_id, by=user.id)
    return deleted(message=f"key '{name}' of user '{username}' deleted")


def _note_changes(db: Session, was: tuple[str, bool], now: tuple[str, bool], **facts: object) -> None:
    if now[0] != was[0]:
        audit.note(db, "role_changed", role=now[0], **facts)
    if now[1] != was[1]:
        audit.note(db, "user_disabled" if now[1] else "user_enabled", **facts)
