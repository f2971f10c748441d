"""A user's own account: registration, profile and passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app.auth import any_token_required, person_required, require_still_valid
from app.errors import BadCredentials, HashingBusy, LimitsUnavailable, ResetInvalid, SignInDisabled, UsernameTaken
from app.queries.users import UserReader
from app.schemas.accounts import PasswordChange, PasswordReset, Registered, Registration
from app.schemas.base import WriteResult
from app.schemas.users import UserReply
from app.web.openapi import CREATED
from app.web.operations import Blueprint, Success, operation
from app.web.rate_limits import address_key, counted, limit_address, limit_registration, login_attempt
from app.web.replies import no_store, one
from app.web.sign_in_ways import require_password_sign_in
from app.web.state import reading, state

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
    errors=[SignInDisabled, UsernameTaken, HashingBusy],
)
def register(body: Registration) -> tuple[Registered, int, dict[str, str]]:
    """Register a user.

    Usernames are unique, ignoring case. Then log in with `POST /auth/login`.
    """
    user = state().signing_in.register(body, address_key())
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
    with reading() as connection:
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

    All other sessions end; API keys continue to work.
    """
    limit_address()
    with login_attempt(user.username):
        state().signing_in.change_password(user, body, address_key(), require_still_valid)
    return WriteResult(status="success", message="password changed; all other sessions have ended")


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

    An admin issues the token with `POST /users/{user_id}/password-reset`. All sessions end; then log in again.
    """
    state().signing_in.redeem_reset(body, address_key())
    return WriteResult(status="success", message="password set; log in with it")
