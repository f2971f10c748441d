"""Signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.models import User
from tests.api.responses import faults, refusal
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

ALICE = {"username": "alice", "password": PASSWORD}
UNKNOWN = "is not a known field"


class TestLogin:
    def test_gives_a_token(self, client: Client) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        reply = client.post("/auth/login", json=ALICE)
        token = reply.json()
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 900)
        assert reply.headers["Cache-Control"] == "no-store"
        assert client.as_bearer(token["access_token"]).get("/auth/me").json()["username"] == "alice"

    @pytest.mark.parametrize("username", ["ALICE", "\N{FULLWIDTH LATIN SMALL LETTER A}lice", " alice "])
    def test_whatever_the_capitals_of_the_name(self, client: Client, username: str) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        assert client.post("/auth/login", json=ALICE | {"username": username}).status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"username": "bob"},
            {"username": "al\0ice"},
            {"username": "x" * 16_000},
            {"username": "ﷺ" * 5_000},
            {"username": "a" + "\N{COMBINING COMMA ABOVE RIGHT}\N{COMBINING GRAVE ACCENT}" * 3_900},
            {"password": "wrong horse battery"},
            {"password": PASSWORD.upper()},
            {"password": f"{PASSWORD} "},
            {"password": f"{PASSWORD}\0"},
            {"password": "p" * 73},
            {"password": "p" * 16_000},
        ],
        ids=lambda wrong: str(wrong)[:40],
    )
    def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(self, client: Client, wrong: dict[str, str]) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        reply = client.post("/auth/login", json=ALICE | wrong)
        body = reply.json()
        assert refusal(reply) == (401, "bad_credentials")
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="books-api"'
        assert body == {
            "type": "/docs/errors#bad_credentials",
            "title": "Wrong username or password",
            "status": 401,
            "code": "bad_credentials",
            "detail": "The username or the password is wrong.",
            "error": "The username or the password is wrong.",
            "request_id": body["request_id"],
        }

    @pytest.mark.parametrize("password", ["p" * 73, "p" * 72 + "q", "p" * 72 + "\0"])
    def test_a_password_is_never_cut_short(self, client: Client, password: str) -> None:
        client.post("/register", json=ALICE | {"password": "p" * 72}).raise_for_status()
        assert refusal(client.post("/auth/login", json=ALICE | {"password": password})) == (401, "bad_credentials")

    @pytest.mark.parametrize(
        "other",
        [
            "cafe\u0301 au lait",
            "CAFÉ AU LAIT",
            " café au lait",
            "café  au lait",
            "\N{FULLWIDTH LATIN SMALL LETTER C}afé au lait",
        ],
    )
    def test_a_password_is_compared_as_it_was_sent(self, client: Client, other: str) -> None:
        client.post("/register", json=ALICE | {"password": "café au lait"}).raise_for_status()
        assert refusal(client.post("/auth/login", json=ALICE | {"password": other})) == (401, "bad_credentials")

    def test_a_password_does_not_expire(self, client: Client, database: DatabaseInside) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        with database.transaction() as db:
            db.execute(update(User).values(created_at=datetime(2000, 1, 1, tzinfo=UTC)))
        assert client.post("/auth/login", json=ALICE).status_code == 200

    def test_needs_a_name_and_a_password(self, client: Client) -> None:
        assert faults(client.post("/auth/login", json={"login": "alice"})) == [
            ("/username", "is required"),
            ("/password", "is required"),
            ("/login", UNKNOWN),
        ]

    @pytest.mark.parametrize("blank", ["", " ", "\t\n", "\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH NO-BREAK SPACE} "])
    def test_a_blank_name_is_none(self, client: Client, blank: str) -> None:
        reply = client.post("/auth/login", json=ALICE | {"username": blank})
        assert (refusal(reply), faults(reply)) == ((400, "invalid_request"), [("/username", "must not be empty")])
        assert "RateLimit" not in reply.headers  # nothing was tried, so nothing is counted

    def test_an_empty_password_is_none(self, client: Client) -> None:
        reply = client.post("/auth/login", json=ALICE | {"password": ""})
        assert (refusal(reply), faults(reply)) == ((400, "invalid_request"), [("/password", "must not be empty")])

    def test_the_lifetime_is_a_setting(self, service_with: Callable[..., Client]) -> None:
        client = service_with(access_token_lifetime=timedelta(hours=1))
        client.post("/register", json=ALICE).raise_for_status()
        assert client.post("/auth/login", json=ALICE).json()["expires_in"] == 3600
