"""Users: registration, sign-in, and who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import url_for

from app.auth import create_access_token, token_required
from app.errors import BadCredentials, UsernameTaken
from app.passwords import hash_password
from app.schemas.accounts import Credentials, Registration, Token, UserDone, UserReply
from app.services.users import UserReader, UserService, sign_in
from app.web.openapi import CREATED, problems, with_headers
from app.web.rate_limits import limit_login, limit_registration, login_succeeded
from app.web.replies import no_store
from app.web.service import reading, service, transaction

if TYPE_CHECKING:
    from app.services.users import SignedIn

accounts = APIBlueprint("accounts", __name__)


@accounts.post("/register")
@accounts.input(Registration)
@accounts.output(UserDone, status_code=201, description="The new user.")
@accounts.doc(
    operation_id="register",
    responses=with_headers({"Location": CREATED["Location"]}, 201) | problems(UsernameTaken),
)
def register(json_data: Registration) -> tuple[UserDone, int, dict[str, str]]:
    """Register a user. No two have one name, whatever its capitals."""
    limit_registration()
    with reading() as connection:
        UserReader(connection).require_free(json_data.username)
    password_hash = hash_password(json_data.password, service().settings.bcrypt_rounds)
    with transaction() as session:
        user = UserService(session).register(json_data.username, password_hash)
        done = UserDone(
            status="success", message=f"user '{user.username}' registered", id=user.id, username=user.username
        )
    return done, 201, {"Location": url_for("accounts.me")}


@accounts.post("/auth/login")
@no_store
@accounts.input(Credentials)
@accounts.output(Token, description="The token to send.")
@accounts.doc(
    operation_id="login",
    responses=problems(BadCredentials),
)
def login(json_data: Credentials) -> Token:
    """Sign in, and get the token that protected routes ask for.

    A wrong name and a wrong password get the same answer, after the same time.
    """
    limit_login(json_data.username)
    with reading() as connection:
        found = UserReader(connection).credentials(json_data.username)
    user = sign_in(found, json_data.password, service().verifier)
    login_succeeded(json_data.username)
    return Token(
        access_token=create_access_token(user.id),
        token_type="Bearer",  # noqa: S106  (no password)
        expires_in=int(service().tokens.lifetime.total_seconds()),
    )


@accounts.get("/auth/me")
@no_store
@token_required
@accounts.output(UserReply, description="You.")
@accounts.doc(operation_id="whoAmI")
def me(user: SignedIn) -> UserReply:
    """Who am I."""
    return UserReply(id=user.id, username=user.username)
