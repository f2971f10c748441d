"""The log of requests, and the ids by which a client and the log speak of the same one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.main import create_app
from app.settings import Settings

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from flask import Flask

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.users import SignedInUser

LONGEST = "x" * 128


class TestRequestId:
    @pytest.mark.parametrize("sane", ["a", "0b1f6c6e-5a0f-4c8e", "trace_1.2", LONGEST])
    def test_a_sane_one_is_kept(self, client: Client, sane: str) -> None:
        reply = client.get("/nowhere", headers={"X-Request-ID": sane})
        assert (reply.headers["X-Request-ID"], reply.json()["request_id"]) == (sane, sane)

    @pytest.mark.parametrize("insane", ["", " ", "a b", LONGEST + "x", "a\n", 'a"b', "<script>", "\xe9"], ids=repr)
    def test_an_insane_one_is_replaced(self, through: Callable[..., Client], insane: str) -> None:
        reply = through(HTTP_X_REQUEST_ID=insane).get("/nowhere")
        assert len(reply.headers["X-Request-ID"]) == 32
        assert reply.json()["request_id"] == reply.headers["X-Request-ID"]

    def test_no_two_requests_share_one(self, client: Client) -> None:
        assert len({client.get("/healthz").headers["X-Request-ID"] for _ in range(10)}) == 10


class TestLog:
    def test_has_one_line_for_a_request(self, client: Client, log: io.StringIO) -> None:
        reply = client.get("/books?limit=1", headers={"X-Request-ID": "mine"})
        (line,) = map(json.loads, log.getvalue().splitlines())
        del line["milliseconds"], line["timestamp"]
        assert line == {
            "event": "request",
            "level": "info",
            "request_id": "mine",
            "method": "GET",
            "path": "/books",
            "status": 200,
            "bytes": len(reply.content),
            "address": "127.0.0.1",
        }

    def test_says_who_asked(self, alice: SignedInUser, log: io.StringIO) -> None:
        key = alice.new_key()
        key_id = alice.client.get("/auth/keys").json()[-1]["id"]
        log.truncate(0)
        alice.client.get("/auth/me").raise_for_status()
        alice.anonymous.as_bearer(key).get("/auth/me").raise_for_status()
        by_session, by_key = [json.loads(line) for line in log.getvalue().lstrip("\0").splitlines()]
        assert (by_session["user_id"], by_session["session_id"]) == (alice.user_id, alice.session_id)
        assert (by_key["user_id"], by_key["key_id"]) == (alice.user_id, key_id)
        assert "key_id" not in by_session
        assert "session_id" not in by_key

    @pytest.mark.parametrize(
        ("request_line", "headers", "code"),
        [
            ("GET /auth/me", {}, "token_missing"),
            ("GET /auth/me", {"Authorization": "Bearer bk_made-up"}, "token_invalid"),
            ("GET /books?limit=0", {}, "invalid_request"),
            ("GET /books?cursor=forged", {}, "invalid_cursor"),
            ("TRACE /books", {}, "method_not_allowed"),
            ("GET /.git/config", {}, "not_found"),
        ],
    )
    def test_says_why_a_request_was_refused(
        self, client: Client, log: io.StringIO, request_line: str, headers: dict[str, str], code: str
    ) -> None:
        reply = client.request(*request_line.split(), headers=headers)
        line = json.loads(log.getvalue().splitlines()[-1])
        assert (line["event"], line["status"], line["code"]) == ("request", reply.status_code, code)

    def test_a_line_stays_a_line(self, client: Client, log: io.StringIO) -> None:
        client.get("/a%0Ab%1b[31m%00")
        (line,) = log.getvalue().splitlines()
        assert json.loads(line)["path"] == "/a\nb\x1b[31m\0"

    def test_the_query_is_not_in_it(self, client: Client, log: io.StringIO) -> None:
        client.get("/books?secret=echo-me-not")
        assert "echo-me-not" not in log.getvalue()


@pytest.fixture
def truncating(settings: Settings, database: DatabaseInside) -> Flask:
    """A service that logs no whole address. Ask for it before `log`, as an application sets up the log."""
    changes = {"log_addresses": "truncated", "rate_limit_enabled": True, "rate_limit_reads": "1/hour"}
    return create_app(Settings.model_validate(dict(settings) | changes), database)


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "logged"),
        [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("unix:", None),
            ("", None),
        ],
    )
    def test_are_truncated_to_networks_on_request(
        self, truncating: Flask, log: io.StringIO, address: str, logged: str | None
    ) -> None:
        body = {"username": "unregistered", "password": "wrong horse battery"}
        truncating.test_client().post("/auth/login", json=body, environ_base={"REMOTE_ADDR": address})
        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        assert [line["event"] for line in lines] == ["sign_in_failed", "request"]
        assert [line["address"] for line in lines] == [logged] * 2

    def test_of_refusals_are_truncated_too(self, truncating: Flask, log: io.StringIO) -> None:
        assert [truncating.test_client().get("/books").status_code for _ in range(2)] == [200, 429]
        [refused] = [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "rate_limited"]
        assert refused["address"] == "127.0.0.0/24"
        assert "127.0.0.1" not in log.getvalue()
