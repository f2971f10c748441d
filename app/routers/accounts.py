"""A user's own account: registration, profile and passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app.auth import any_token_required, person_required
from app.errors import (
    BadCredentials,
    HashingBusy,
    InvitationInvalid,
    InvitationRequired,
    LastAdmin,
    LimitsUnavailable,
    RegistrationClosed,
    ResetInvalid,
    SignInDisabled,
    UsernameConfusable,
    UsernameTaken,
)
from app.queries.account_export import account_export
from app.queries.users import UserReader
from app.schemas.account_export import AccountExport
from app.schemas.accounts import AccountDeletion, PasswordChange, PasswordReset, Registered, Registration
from app.schemas.base import WriteResult
from app.schemas.users import UserReply
from app.services.accounts.own_deletion import OwnDeletion
from app.web.confirmation import confirmation_required
from app.web.login_limits import login_attempt, remember_address
from app.web.openapi import CREATED
from app.web.operations import Blueprint, Success, operation
from app.web.password_sign_in import require_password_sign_in
from app.web.rate_limits import address_key, counted, limit_address, limit_registration
from app.web.replies import no_store, one
from app.web.state import reading, state
from app.web.write_transaction import deleted_meanwhile, require_still_valid

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

accounts = Blueprint(
    "accounts",
    __name__,
    tag={"name": "Accounts", "description": "Registration, the current user, and passwords."},
)
accounts.after_request(no_store)


@accounts.post("/register")
@counted(limit_registration)
@counted(require_password_sign_in)
@operation(
    "register",
    Success(Registered, "The new user.", {"Location": CREATED["Location"]}, status=201),
    body=Registration,
    errors=[
        SignInDisabled,
        UsernameTaken,
        UsernameConfusable,
        HashingBusy,
        RegistrationClosed,
        InvitationRequired,
        InvitationInvalid,
    ],
)
def register(body: Registration) -> tuple[Registered, int, dict[str, str]]:
    """Register a user.

    Usernames are unique, ignoring case, and must not look like another. Then log in with `POST /auth/login`. The
    operator may have closed registration, or require an `invitation` from an admin: `GET /` says which. A registration
    that fails does not use up the invitation.
    """
    user = state().signing_in.register(body, address_key())
    remember_address(user.username)
    done = Registered(
        status="success", message=f"user '{user.username}' registered", id=user.id, username=user.username
    )
    return done, 201, {"Location": url_for("accounts.me")}


@accounts.get("/auth/me")
@any_token_required
@operation("whoAmI", Success(UserReply, "The current user."))
def me(user: Principal) -> Response:
    """Get the current user.

    With an API key, this is the owner of the key.
    """
    with reading() as connection, deleted_meanwhile():
        return one(UserReader(connection).find(user.id))


@accounts.put("/auth/password")
@person_required
@counted(require_password_sign_in)
@operation(
    "changePassword",
    Success(WriteResult, "The password was changed."),
    body=PasswordChange,
    errors=[BadCredentials, SignInDisabled, HashingBusy, LimitsUnavailable],
)
def change_password(body: PasswordChange, user: Principal) -> WriteResult:
    """Change your password.

    All other sessions end, and the password resets and invitations become void that you issued. API keys continue to
    work, unless `revoke_keys` is true.
    """
    limit_address()
    with login_attempt(user.username, signed_in=True):
        state().signing_in.change_password(user, body, address_key(), require_still_valid)
    return WriteResult(status="success", message="password changed; all other sessions have ended")


@accounts.get("/auth/me/export")
@person_required
@operation("exportAccount", Success(AccountExport, "The data about you."), errors=[LimitsUnavailable])
def export_account(user: Principal) -> Response:
    """Get all data about yourself.

    The account, its sessions, API keys and identities, the events of the audit log, and where to read the books and
    authors that you added.
    """
    limit_address()
    with reading() as connection, deleted_meanwhile():
        return one(account_export(connection, user))


@accounts.post("/auth/me/deletion")
@person_required
@confirmation_required
@operation(
    "deleteAccount",
    Success(WriteResult, "The account no longer exists."),
    body=AccountDeletion,
    errors=[BadCredentials, LastAdmin, HashingBusy, LimitsUnavailable],
)
def delete_account(body: AccountDeletion, user: Principal) -> WriteResult:
    """Delete your account, at once and for good.

    All sessions end, all API keys are revoked and all identities are unlinked. The books and authors that you added
    remain, with your id in `created_by`; the username is free again. The last admin cannot be deleted.
    `GET /auth/me/export` has your data.
    """
    limit_address()
    signing_in = state().signing_in
    with login_attempt(user.username, signed_in=True):
        OwnDeletion(signing_in.database, signing_in.hasher, signing_in.settings, require_still_valid).delete(
            user, body, address_key()
        )
    return WriteResult(status="success", message=f"user '{user.username}' deleted")


@accounts.post("/auth/password-reset")
@counted(limit_address)
@counted(require_password_sign_in)
@operation(
    "resetPassword",
    Success(WriteResult, "The password was changed."),
    body=PasswordReset,
    errors=[ResetInvalid, SignInDisabled, HashingBusy],
)
def reset_password(body: PasswordReset) -> WriteResult:
    """Set a new password with a reset token.

    An admin issues the token with `POST /users/{user_id}/password-reset`. All sessions end, and the password resets and
    invitations become void that the user issued; then log in again.
    """
    remember_address(state().signing_in.redeem_reset(body, address_key()))
    return WriteResult(status="success", message="password set; log in with it")
