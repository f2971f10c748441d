"""API keys as they are made."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.security.roles import READ
from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.users import SignedInUser

NIGHTLY = {"name": "nightly import", "scopes": ["books:write"], "expires_at": "2099-01-01T00:00:00Z"}
BLANK = "must not contain control characters or line breaks"
NO_SCOPE = "must be 'books:read', 'books:write' or 'imports'"
NO_TIME = "must be a time with an offset, such as 2026-11-22T10:00:00Z"
PAST = "must be in the future"
MANY = 100


def create(member: Client, **fields: object) -> httpx.Response:
    """Make a key; a field that is Ellipsis is left out."""
    body = {name: value for name, value in (NIGHTLY | fields).items() if value is not ...}
    return member.post("/auth/keys", json=body)


class TestCreate:
    def test_shows_the_key_this_once(self, member: Client) -> None:
        reply = create(member)
        key = reply.json()
        assert reply.status_code == 201
        assert key == NIGHTLY | {
            "id": key["id"],
            "prefix": key["key"][:8],
            "created_at": key["created_at"],
            "last_used_at": None,
            "key": key["key"],
            "status": "success",
            "message": "key 'nightly import' created; it is not shown again",
        }
        assert key["key"].startswith("bk_")
        assert len(key["key"]) == 46
        read = member.get(reply.headers["Location"])
        assert read.headers["ETag"] == reply.headers["ETag"]
        assert read.json().items() <= key.items()
        assert key["key"] not in read.text + member.get("/auth/keys").text
        assert reply.headers["Cache-Control"] == read.headers["Cache-Control"] == "no-store"

    def test_no_two_are_the_same(self, member: Client) -> None:
        first, second = create(member).json(), create(member).json()
        assert first["name"] == second["name"]
        assert first["id"] != second["id"]
        assert first["key"] != second["key"]

    @pytest.mark.parametrize(
        ("given", "kept"),
        [("  nightly import ", "nightly import"), ("x" * 100, "x" * 100), ("有栖川 'n'; --", "有栖川 'n'; --")],
    )
    def test_names(self, member: Client, given: str, kept: str) -> None:
        assert create(member, name=given).json()["name"] == kept

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (["imports"], ["imports"]),
            (["imports", "books:write", "books:read"], ["books:read", "books:write", "imports"]),
            (["imports"] * 10, ["imports"]),
        ],
    )
    def test_scopes_are_a_set(self, member: Client, given: list[str], kept: list[str]) -> None:
        assert create(member, scopes=given).json()["scopes"] == kept

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("2099-01-01T01:30:00+02:00", "2098-12-31T23:30:00Z"),
            ("2099-01-01t00:00:00.250z", "2099-01-01T00:00:00.250000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            (None, None),
            (..., None),
        ],
    )
    def test_times_are_kept_in_utc(self, member: Client, given: object, kept: str | None) -> None:
        reply = create(member, expires_at=given)
        assert reply.json()["expires_at"] == kept
        assert member.get(reply.headers["Location"]).json()["expires_at"] == kept

    @pytest.mark.parametrize(
        ("field", "sent", "where", "detail"),
        [
            ("name", ..., "/name", "is required"),
            ("name", None, "/name", "must be a string"),
            ("name", "", "/name", "must not be empty"),
            ("name", " \t ", "/name", "must not be empty"),
            ("name", "\x01\x1b", "/name", BLANK),
            ("name", "nightly\0", "/name", BLANK),
            ("name", "x" * 101, "/name", "must have at most 100 characters"),
            ("scopes", ..., "/scopes", "is required"),
            ("scopes", None, "/scopes", "must be a list"),
            ("scopes", "imports", "/scopes", "must be a list"),
            ("scopes", [], "/scopes", "must not be empty"),
            ("scopes", ["imports"] * 11, "/scopes", "must have at most 10 entries"),
            ("scopes", ["imports", "users"], "/scopes/1", NO_SCOPE),
            ("scopes", ["books:read books:write"], "/scopes/0", NO_SCOPE),
            ("scopes", ["IMPORTS"], "/scopes/0", NO_SCOPE),
            ("scopes", [None], "/scopes/0", NO_SCOPE),
            ("expires_at", "2020-01-01T00:00:00Z", "/expires_at", PAST),
            ("expires_at", "0001-01-01T00:00:00Z", "/expires_at", PAST),
            ("expires_at", "2099-01-01T00:00:00", "/expires_at", NO_TIME),
            ("expires_at", "2099-01-01", "/expires_at", NO_TIME),
            ("expires_at", "2099-01-01 00:00:00Z", "/expires_at", NO_TIME),
            ("expires_at", " 2099-01-01T00:00:00Z", "/expires_at", NO_TIME),
            ("expires_at", "2099-01-01T00:00:00 02:00", "/expires_at", NO_TIME),
            ("expires_at", "2099-01-01T00:00Z", "/expires_at", NO_TIME),
            ("expires_at", "2099-02-30T00:00:00Z", "/expires_at", NO_TIME),
            ("expires_at", "10000-01-01T00:00:00Z", "/expires_at", NO_TIME),
            ("expires_at", "9999-12-31T23:59:59-01:00", "/expires_at", NO_TIME),
            ("expires_at", "4102444800", "/expires_at", NO_TIME),
            ("expires_at", 4102444800, "/expires_at", NO_TIME),
            ("expires_at", 4102444800.5, "/expires_at", NO_TIME),
            ("expires_at", True, "/expires_at", NO_TIME),
            ("expires_at", "", "/expires_at", NO_TIME),
            ("user_id", 1, "/user_id", "is not a known field"),
            ("key", "bk_mine", "/key", "is not a known field"),
        ],
    )
    def test_refuses(self, member: Client, field: str, sent: object, where: str, detail: str) -> None:
        reply = create(member, **{field: sent})
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == [(where, detail)]
        assert member.get("/auth/keys").json() == []

    def test_of_one_user_there_are_a_hundred_at_most(self, member: Client, make: Factory) -> None:
        for _ in range(MANY - 1):
            make.key(member, READ)
        assert create(member).status_code == 201
        assert refusal(create(member)) == (409, "too_many_keys")
        assert create(make.user()).status_code == 201
        member.delete(f"/auth/keys/{member.get('/auth/keys').json()[0]['id']}").raise_for_status()
        assert create(member).status_code == 201


class TestSlowBody:
    """Who sends it was let in before it came."""

    def test_that_comes_after_the_end_of_the_session_makes_no_key(self, alice: SignedInUser, app: Flask) -> None:
        elsewhere, body = alice.sign_in(), json.dumps(NIGHTLY).encode()

        class Slow(io.BytesIO):
            def readinto(self, buffer: Any) -> int:  # what Werkzeug calls
                elsewhere.client.post("/auth/logout-all")
                return super().readinto(buffer)

        def sent_slowly(environ: dict[str, Any], start_response: Any) -> Any:
            return app(environ | {"wsgi.input": Slow(body)}, start_response)

        headers = {"Authorization": f"Bearer {alice.access_token}", "Content-Type": "application/json"}
        with httpx.Client(transport=httpx.WSGITransport(app=sent_slowly), base_url="http://books.test") as slow:
            answer = slow.post("/auth/keys", content=body, headers=headers)
        assert refusal(answer) == (401, "token_invalid")
        assert alice.sign_in().client.get("/auth/keys").json() == []
