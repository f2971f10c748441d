"""Everyone who may come to the service, and what is there when they come: the columns and addresses of access.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from app.models import ApiKey, User
from app.roles import ADMIN, IMPORTS, READ, WRITE
from tests.factories import PASSWORD, Factory, isbn13

if TYPE_CHECKING:
    from app.roles import Scope
    from tests.client import Client
    from tests.databases import DatabaseInside

EVERY_SCOPE: tuple[Scope, ...] = (READ, WRITE, IMPORTS)


class Cast:
    """The people with their tokens, and what they own."""

    def __init__(self, client: Client, database: DatabaseInside) -> None:
        self._make, self._database = Factory(client), database
        people = {name: self._make.user(name) for name in ("member", "owner", "other", "admin", "disabled")}
        self._mark(User, people["admin"], role=ADMIN)
        self._mark(User, people["disabled"], role=ADMIN)
        keys = {
            "read": _new_key(people["owner"], READ),
            "write": _new_key(people["owner"], WRITE),
            "imports": _new_key(people["owner"], IMPORTS),
            "adminkey": _new_key(people["admin"], WRITE),
            "expired": _new_key(people["admin"], *EVERY_SCOPE),
            "diskey": _new_key(people["disabled"], *EVERY_SCOPE),
        }
        self.tokens = {name: token_of(member) for name, member in people.items()}
        self.tokens |= {name: key["key"] for name, key in keys.items()}
        self.known = self._known(people)
        now = datetime.now(UTC)
        self._mark(ApiKey, keys["expired"]["id"], expires_at=now - timedelta(seconds=1))
        self._mark(User, people["disabled"], disabled_at=now)  # through the API it would also end the session

    def _known(self, people: dict[str, Client]) -> dict[str, Any]:
        """What fills the addresses and the bodies."""
        owner, other = people["owner"], people["other"]
        author = self._make.author(owner, name="Jane Austen", country="England")
        book = self._make.book(owner, title="Emma", isbn=isbn13(1), pages=500)
        self._make.book(other)
        _new_key(other, WRITE)
        user_id = owner.get("/auth/me").json()["id"]
        reset = people["admin"].post(f"/users/{user_id}/password-reset").raise_for_status().json()
        login = {"username": "owner", "password": PASSWORD}
        return {
            "author_id": author["id"],
            "book_id": book["id"],
            "isbn": book["isbn"],
            "user_id": user_id,
            "username": "owner",
            "session_id": owner.get("/auth/sessions").json()[0]["id"],
            "key_id": owner.get("/auth/keys").json()[0]["id"],
            "refresh_token": owner.post("/auth/login", json=login).raise_for_status().json()["refresh_token"],
            "reset_token": reset["token"],
            "name": "swagger-ui.css",
            "filename": "pages.css",
        }

    def _mark(self, table: type[User | ApiKey], which: Client | int, **columns: object) -> None:
        """What no client can do, or not so: in the database."""
        number = which if isinstance(which, int) else which.get("/auth/me").json()["id"]
        with self._database.transaction() as session:
            session.execute(update(table).where(table.id == number).values(**columns))


def token_of(member: Client) -> str:
    """What a signed-in user sends."""
    return str(member.headers["Authorization"]).removeprefix("Bearer ")


def _new_key(member: Client, *scopes: Scope) -> dict[str, Any]:
    body = {"name": "of the cast", "scopes": list(scopes)}
    key: dict[str, Any] = member.post("/auth/keys", json=body).raise_for_status().json()
    return key
