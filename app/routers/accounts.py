"""One's own account: registration, who one is, and passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import url_for

from app.auth import any_token_required, person_required
from app.errors import BadCredentials, Fault, HashingBusy, LimitsUnavailable, ResetInvalid, UsernameTaken
from app.events import audit as trail
from app.queries.users import UserReader
from app.schemas.accounts import PasswordChange, PasswordReset, Registered, Registration
from app.schemas.base import WriteResult
from app.schemas.users import UserReply
from app.schemas.validation_errors import invalid_body
from app.security.passwords import fault_of_password
from app.services.users import UserService
from app.web.openapi import CREATED, ETAG, NOT_MODIFIED, problems, with_headers
from app.web.rate_limits import limit_address, limit_registration, login_attempt, login_succeeded
from app.web.replies import no_store, one
from app.web.state import reading, service, transaction

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import SignedIn

accounts = APIBlueprint(
    "accounts",
    __name__,
    tag={"name": "Accounts", "description": "Registration, the signed-in user, and passwords."},
)
accounts.after_request(no_store)


@accounts.post("/register")
@accounts.input(Registration)
@accounts.output(Registered, status_code=201, description="The new user.")
@accounts.doc(
    operation_id="register",
    responses=with_headers({"Location": CREATED["Location"]}, 201) | problems(UsernameTaken, HashingBusy),
)
def register(json_data: Registration) -> tuple[Registered, int, dict[str, str]]:
    """Register a user.

    Usernames are unique, whatever their capitals. Then sign in with `POST /auth/login`.
    """
    limit_registration()
    with reading() as connection:
        UserReader(connection).require_free(json_data.username)
    password_hash = service().hasher.hash(json_data.password)
    with transaction() as session:
        user = UserService(session).register(json_data.username, password_hash)
        done = Registered(
            status="success", message=f"user '{user.username}' registered", id=user.id, username=user.username
        )
    trail.note("registered", user_id=done.id)
    return done, 201, {"Location": url_for("accounts.me")}


@accounts.get("/auth/me")
@any_token_required
@accounts.output(UserReply, description="You.")
@accounts.doc(operation_id="whoAmI", responses=with_headers(ETAG) | NOT_MODIFIED)
def me(user: SignedIn) -> Response:
    """Get the signed-in user.

    With an API key: the user whose key it is.
    """
    with reading() as connection:
        return one(UserReader(connection).find(user.id))


@accounts.put("/auth/password")
@person_required
@accounts.input(PasswordChange)
@accounts.output(WriteResult, description="The password is another now.")
@accounts.doc(operation_id="changePassword", responses=problems(BadCredentials, HashingBusy, LimitsUnavailable))
def change_password(json_data: PasswordChange, user: SignedIn) -> WriteResult:
    """Change one's own password.

    All other sessions end; API keys continue to work.
    """
    with login_attempt(user.username):
        with reading() as connection:
            known = UserReader(connection).credentials_of(user.id)
        verdict = service().hasher.verify(json_data.current_password, known and known.password_hash)
    if known is None or not verdict.right:
        trail.warn("password_change_failed", user_id=user.id)
        msg = "The current password is wrong."
        raise BadCredentials(msg)
    login_succeeded(user.username)
    _require_good_password(json_data.new_password, user.username)
    password_hash = service().hasher.hash(json_data.new_password)
    with trail.warning_of("password_change_failed", BadCredentials, user_id=user.id), transaction() as session:
        users = UserService(session)
        ended = users.set_password(users.confirm(known), password_hash, keep=user.session_id)
    trail.note("password_changed", user_id=user.id, sessions_ended=ended)
    return WriteResult(status="success", message="password changed; all other sessions have ended")


@accounts.post("/auth/password-reset")
@accounts.input(PasswordReset)
@accounts.output(WriteResult, description="The password is another now.")
@accounts.doc(operation_id="resetPassword", responses=problems(ResetInvalid, HashingBusy))
def reset_password(json_data: PasswordReset) -> WriteResult:
    """Set a new password with a reset token.

    An admin issues the token with `POST /users/{user_id}/password-reset`. All sessions end; then sign in.
    """
    limit_address()
    with trail.warning_of("password_reset_failed", ResetInvalid, user_id=None), reading() as connection:
        known = UserReader(connection).credentials_for_reset(json_data.token)
    _require_good_password(json_data.new_password, known.username)
    password_hash = service().hasher.hash(json_data.new_password)
    with trail.warning_of("password_reset_failed", ResetInvalid, user_id=known.user_id), transaction() as session:
        users = UserService(session)
        user = users.take_reset(json_data.token)
        ended = users.set_password(user, password_hash)
    trail.note("password_reset", user_id=user.id, sessions_ended=ended)
    return WriteResult(status="success", message="password set; sign in with it")


def _require_good_password(password: str, username: str) -> None:
    """The schema has said all but what depends on whose it is to be.

    Raises:
        InvalidRequest: it is the user's own name.
    """
    if fault := fault_of_password(password, username, service().settings):
        raise invalid_body(Fault("/new_password", fault))
