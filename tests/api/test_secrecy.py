"""What is secret goes in and never comes out: neither in a reply nor in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.models import User
from tests.api.responses import refusal
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    import io

    from tests.support.client import Client
    from tests.support.factories import Factory

ALICE = {"username": "alice", "password": PASSWORD}


class TestPassword:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/register", ALICE),
            ("/register", ALICE | {"username": ""}),
            ("/register", ALICE | {"password": PASSWORD * 9}),
            ("/register", {"username": PASSWORD + "\n", "password": [PASSWORD]}),
            ("/auth/login", ALICE),
            ("/auth/login", ALICE | {"password": {"is": PASSWORD}}),
            ("/auth/login", [PASSWORD]),
            ("/books", {"title": PASSWORD}),
        ],
        ids=str,
    )
    def test_neither_in_a_reply_nor_in_the_log(self, client: Client, log: io.StringIO, path: str, body: object) -> None:
        reply = client.post(path, json=body)
        assert PASSWORD not in reply.text
        assert f'"status": {reply.status_code}' in log.getvalue()
        assert PASSWORD not in log.getvalue()

    def test_not_even_when_the_service_breaks(
        self, client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_hasher: object, password: str) -> str:
            raise RuntimeError(len(password))

        monkeypatch.setattr("app.security.hashing.Hasher._hash", broken)
        reply = client.post("/register", json=ALICE)
        assert refusal(reply) == (500, "internal_error")
        assert "RuntimeError" in log.getvalue()
        assert PASSWORD not in reply.text + log.getvalue()


class TestStoredRow:
    def test_is_not_in_the_log_when_the_database_refuses_it(
        self, client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """PostgreSQL quotes the whole row where a constraint fails: the username, and the hash of the password."""
        monkeypatch.setattr("app.services.accounts.users.User", lambda **fields: User(**fields | {"role": "nobody"}))
        reply = client.post("/register", json=ALICE)
        assert refusal(reply) == (500, "internal_error")
        assert "IntegrityError" in log.getvalue()
        assert [text for text in ("alice", "$2b$", "Failing row") if text in log.getvalue()] == []


class TestToken:
    def test_is_not_in_the_log(self, member: Client, make: Factory, log: io.StringIO) -> None:
        make.book(member)
        member.get("/auth/me").raise_for_status()
        assert '"path": "/auth/me"' in log.getvalue()
        assert member.headers["Authorization"].removeprefix("Bearer ") not in log.getvalue()
