"""The export of what is stored about a user."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect

from app.models import ApiKey, AuditEvent, LinkedIdentity, User, UserSession
from app.queries.users import UserReader
from app.schemas.account_export import AccountExport
from app.schemas.audit import AuditEventReply
from app.schemas.identities import IdentityReply
from app.schemas.keys import KeyReply
from app.schemas.sessions import SessionReply
from app.schemas.users import UserReply
from tests.api.responses import refusal
from tests.support.factories import Factory
from tests.support.oidc import newcomer, sign_in
from tests.support.time_shift import delete_user
from tests.support.users import SignedInUser, new_admin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.models import Base
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider

SECRET_OR_DERIVED = {
    User: {
        *("username_key", "shape_shown", "shape_folded"),
        *("password_hash", "reset_hash", "reset_issued_by", "totp_secret", "totp_last_step"),
    },
    UserSession: {"user_id", "confirmed_at"},
    ApiKey: {"user_id", "hash"},
    LinkedIdentity: {"user_id"},
    AuditEvent: {"by_user"},
}
"""The columns that an export leaves out: secrets, copies, ten minutes of trust, and who else was involved; and a
column that it has under another name, `by`."""


def export(user: SignedInUser) -> dict[str, Any]:
    body: dict[str, Any] = user.client.get("/auth/me/export").raise_for_status().json()
    return body


class TestExport:
    def test_has_the_account_its_sessions_and_its_keys(self, alice: SignedInUser, bob: SignedInUser) -> None:
        alice.sign_in(**{"User-Agent": "reader/1.0"})
        alice.new_key(name="nightly import")
        bob.new_key()
        exported = export(alice)
        assert exported["account"] == alice.client.get("/auth/me").json()
        assert exported["sessions"] == alice.client.get("/auth/sessions").json()
        assert [session["user_agent"] for session in exported["sessions"]][1:] == ["reader/1.0"]
        assert exported["keys"] == alice.client.get("/auth/keys").json()
        assert exported["password_reset_expires_at"] is None

    def test_has_the_identities(self, oidc: Client, provider: ForgingProvider) -> None:
        user = newcomer(oidc, provider)
        link = {"sign_in_code": sign_in(oidc, provider, sub="another")}
        user.client.post("/auth/identities", json=link).raise_for_status()
        exported = export(user)["identities"]
        assert [linked["subject"] for linked in exported] == ["newcomer", "another"]
        assert exported == user.client.get("/auth/identities").json()

    def test_says_how_long_a_reset_is_valid(self, alice: SignedInUser, database: DatabaseInside) -> None:
        admin = new_admin(alice.anonymous, database).client
        reset = admin.post(f"/users/{alice.user_id}/password-reset").json()
        assert export(alice)["password_reset_expires_at"] == reset["expires_at"]

    def test_counts_the_records_and_says_where_they_are(self, alice: SignedInUser, bob: SignedInUser) -> None:
        make = Factory(alice.anonymous)
        author = make.author(alice.client)
        books = [make.book(alice.client, author_id=author["id"]) for _ in range(3)]
        make.book(bob.client)
        exported = export(alice)
        assert [exported[kind]["count"] for kind in ("books", "authors")] == [3, 1]
        assert alice.anonymous.get(exported["books"]["href"]).json() == books
        assert alice.anonymous.get(exported["authors"]["href"]).json() == [author]

    def test_is_for_the_user_alone(self, alice: SignedInUser) -> None:
        reply = alice.client.get("/auth/me/export")
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in reply.headers
        key = alice.anonymous.as_bearer(alice.new_key())
        assert refusal(key.get("/auth/me/export")) == (403, "person_required")

    def test_is_limited_by_address(self, alice: SignedInUser, service_with: Callable[..., Client]) -> None:
        limited = service_with(rate_limit_enabled=True, rate_limit_logins="2/hour").as_bearer(alice.access_token)
        assert [limited.get("/auth/me/export").status_code for _ in range(3)] == [200, 200, 429]

    @pytest.mark.parametrize(
        ("table", "reply"),
        [
            (User, UserReply),
            (UserSession, SessionReply),
            (ApiKey, KeyReply),
            (LinkedIdentity, IdentityReply),
            (AuditEvent, AuditEventReply),
        ],
    )
    def test_leaves_out_only_secrets(self, table: type[Base], reply: type[Any]) -> None:
        """A new column is exported, or there is a reason why not."""
        exported = {*reply.model_fields, *(name.removeprefix("password_") for name in AccountExport.model_fields)}
        columns = {column.key for column in inspect(table).columns}
        assert columns - exported == SECRET_OR_DERIVED[table]


class TestAuthorsOfAUser:
    def test_are_found_together_with_other_filters(self, alice: SignedInUser, bob: SignedInUser) -> None:
        make = Factory(alice.anonymous)
        mine = [make.author(alice.client, name=name)["id"] for name in ("George Eliot", "Mary Shelley", "T. S. Eliot")]
        make.author(bob.client, name="Eliot Ness")
        path = f"/authors?created_by={alice.user_id}"
        client = alice.anonymous
        assert [author["id"] for author in client.get(path).json()] == mine
        assert [author["id"] for author in client.get(f"{path}&sort=-id").json()] == mine[::-1]
        assert [author["id"] for author in client.get(f"{path}&q=eliot").json()] == [mine[0], mine[2]]
        assert client.get(f"{path}&limit=1&count=exact").headers["X-Total-Count"] == "3"
        assert client.get(f"/authors?created_by={bob.user_id + 1000}").json() == []


class TestDeletedMeanwhile:
    @pytest.mark.parametrize("path", ["/auth/me", "/auth/me/export"])
    def test_is_a_token_that_is_no_longer_valid(
        self, alice: SignedInUser, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        find = UserReader.find

        def late(reader: UserReader, user_id: int) -> str:
            delete_user(database, alice.user_id)
            return find(reader, user_id)

        monkeypatch.setattr(UserReader, "find", late)
        assert refusal(alice.client.get(path)) == (401, "token_invalid")

    def test_does_not_disturb_a_logout(
        self, alice: SignedInUser, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        transaction = database.transaction

        @contextmanager
        def late(*sender: str) -> Iterator[Any]:
            monkeypatch.setattr(database, "transaction", transaction)
            delete_user(database, alice.user_id)
            with transaction(*sender) as db:
                yield db

        monkeypatch.setattr(database, "transaction", late)
        assert alice.client.post("/auth/logout").status_code == 200
        assert not alice.is_signed_in
