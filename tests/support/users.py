"""Users as tests see them: their id and name, and one session with its tokens."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import update

from app.models import User
from app.security.roles import ADMIN
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from app.database import Database
    from tests.support.client import Client

_numbers = count(1)
_run = uuid4().hex[:8]


@dataclass(frozen=True)
class SignedInUser:
    """A user, and one session with its tokens."""

    anonymous: Client
    user_id: int
    username: str
    access_token: str
    refresh_token: str

    @property
    def claims(self) -> dict[str, Any]:
        """What the access token says."""
        payload = self.access_token.split(".")[1]
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=="))
        return claims

    @property
    def session_id(self) -> int:
        """The session that this is."""
        return int(self.claims["sid"])

    @cached_property
    def client(self) -> Client:
        """A client that sends the access token."""
        return self.anonymous.as_bearer(self.access_token)

    @property
    def is_signed_in(self) -> bool:
        """Whether the access token is valid."""
        return self.client.get("/auth/me").status_code == 200

    def sign_in(self, password: str = PASSWORD, **headers: str) -> SignedInUser:
        """The same user in one more session."""
        credentials = {"username": self.username, "password": password}
        reply = self.anonymous.post("/auth/login", json=credentials, headers=headers).raise_for_status()
        return self.with_tokens(reply.json())

    def refresh(self) -> SignedInUser:
        """The same session with its next tokens."""
        body = {"refresh_token": self.refresh_token}
        return self.with_tokens(self.anonymous.post("/auth/refresh", json=body).raise_for_status().json())

    def with_tokens(self, pair: dict[str, Any]) -> SignedInUser:
        """The same user with the tokens of an answer."""
        return SignedInUser(self.anonymous, self.user_id, self.username, pair["access_token"], pair["refresh_token"])

    def new_key(self, **fields: Any) -> str:
        """A key of this user; it is valid."""
        body = {"name": "nightly import", "scopes": ["books:write"]} | fields
        key = str(self.client.post("/auth/keys", json=body).raise_for_status().json()["key"])
        self.anonymous.as_bearer(key).get("/auth/me").raise_for_status()
        return key


def new_user(anonymous: Client) -> SignedInUser:
    """A new user, signed in."""
    credentials = {"username": f"user {_run} {next(_numbers)}", "password": PASSWORD}
    user = anonymous.post("/register", json=credentials).raise_for_status().json()
    pair = anonymous.post("/auth/login", json=credentials).raise_for_status().json()
    return SignedInUser(anonymous, user["id"], user["username"], pair["access_token"], pair["refresh_token"])


def new_admin(anonymous: Client, database: Database) -> SignedInUser:
    """A new admin, signed in."""
    user = new_user(anonymous)
    make_admin(database, user.user_id)
    return user


def make_admin(database: Database, user_id: int) -> None:
    """Give a user the role, as the command does for the first."""
    with database.transaction() as db:
        db.execute(update(User).where(User.id == user_id).values(role=ADMIN))
