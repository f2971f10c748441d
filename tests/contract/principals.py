"""The principals that call the service, and the records that exist: the columns and addresses of access.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.models import ApiKey, User
from app.security.identity import ExternalIdentity
from app.security.roles import ADMIN, IMPORTS, READ, WRITE
from app.services.accounts.identities import IdentityService
from app.services.accounts.users import UserService
from tests.support.authenticators import add_second_factor
from tests.support.factories import PASSWORD, Factory, isbn13

if TYPE_CHECKING:
    from app.security.roles import Scope
    from devtools.databases import DatabaseInside
    from tests.support.client import Client

EVERY_SCOPE: tuple[Scope, ...] = (READ, WRITE, IMPORTS)


class Principals:
    """The users and keys, with their tokens, and the records that they own."""

    def __init__(self, client: Client, database: DatabaseInside) -> None:
        make = Factory(client)
        users = {name: make.user(name) for name in ("member", "owner", "other", "admin", "disabled")}
        ids = {name: member.get("/auth/me").json()["id"] for name, member in users.items()}
        for name in ("admin", "disabled"):
            database.mark(User, ids[name], role=ADMIN)
        keys = {
            "read": make.key(users["owner"], READ),
            "write": make.key(users["owner"], WRITE),
            "imports": make.key(users["owner"], IMPORTS),
            "adminkey": make.key(users["admin"], WRITE),
            "expired": make.key(users["admin"], *EVERY_SCOPE),
            "diskey": make.key(users["disabled"], *EVERY_SCOPE),
        }
        self.tokens = {name: token_of(member) for name, member in users.items()}
        self.tokens |= {name: key["key"] for name, key in keys.items()}
        self.known = _known(make, users) | _identities(database, ids["owner"])
        now = datetime.now(UTC)
        database.mark(ApiKey, keys["expired"]["id"], expires_at=now - timedelta(seconds=1))
        database.mark(User, ids["disabled"], disabled_at=now)  # through the API it would also end the session


def _identities(database: DatabaseInside, user_id: int) -> dict[str, Any]:
    """An identity that is linked to a user, and codes that prove this one and another."""
    linked = ExternalIdentity("https://id.example", "1", "owner")
    with database.transaction() as db:
        service = IdentityService(db)
        return {
            "identity_id": service.link(UserService(db).get(user_id), linked).id,
            "linked_code": service.issue_code(linked, None),
            "free_code": service.issue_code(linked._replace(subject="2"), None),
        }


def token_of(member: Client) -> str:
    """What a signed-in user sends."""
    return str(member.headers["Authorization"]).removeprefix("Bearer ")


def _known(make: Factory, users: dict[str, Client]) -> dict[str, Any]:
    """What fills the addresses and the bodies."""
    owner, other = users["owner"], users["other"]
    author = make.author(owner, name="Jane Austen", country="England")
    book = make.book(
        owner,
        title="Emma",
        isbn=isbn13(1),
        pages=500,
        language="en",
        genres=["Fiction"],
        series="Novels",
        publisher="Penguin",
    )
    make.book(other)
    other_author = make.author(owner)["id"]  # one without books can be deleted
    lady_susan = {"title": "Lady Susan", "author_id": other_author}
    batch = owner.post("/books/batch", json={"books": [lady_susan]}).raise_for_status().json()
    sanditon = make.book(owner, title="Sanditon", author_id=other_author)
    owner.patch(f"/books/{sanditon['id']}", json={"pages": 90}).raise_for_status()
    make.key(other, WRITE)
    user_id = owner.get("/auth/me").json()["id"]
    reset = users["admin"].post(f"/users/{user_id}/password-reset").raise_for_status().json()
    invitation = users["admin"].post("/invitations").raise_for_status().json()
    webhook = users["admin"].post("/webhooks", json={"url": "https://receiver.example/"}).raise_for_status().json()
    test = users["admin"].post(f"/webhooks/{webhook['id']}/test").raise_for_status().json()
    code, another_code, *_ = add_second_factor(owner).recovery_codes
    login = {"username": "owner", "password": PASSWORD, "code": another_code}
    return {
        "author_id": author["id"],
        "book_id": book["id"],
        "isbn": book["isbn"],
        "extension": "json",
        "version": 1,
        "change_id": owner.get(f"/books/{sanditon['id']}/history").json()[0]["id"],
        "batch_id": batch["batch_id"],
        "user_id": user_id,
        "username": "owner",
        "session_id": owner.get("/auth/sessions").json()[0]["id"],
        "key_id": owner.get("/auth/keys").json()[0]["id"],
        "refresh_token": owner.post("/auth/login", json=login).raise_for_status().json()["refresh_token"],
        "reset_token": reset["token"],
        "invitation_id": invitation["id"],
        "webhook_id": webhook["id"],
        "delivery_id": test["delivery"]["id"],
        "code": code,
        "name": "swagger-ui.css",
        "filename": "pages.css",
    }
