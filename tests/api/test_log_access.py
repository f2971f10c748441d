"""Which requests are logged, and what the log says about slow ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.database import Database
from app.db import statement_times
from devtools.databases import settings_for

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from tests.support.client import Client

    Start = Callable[..., tuple[Client, io.StringIO]]

EVERY = 1e-9
"""Seconds that every request takes."""
FIELDS = {"statements", "database_milliseconds", "slowest_milliseconds", "slowest_statement"}


@pytest.fixture
def start(service_with: Callable[..., Client], request: pytest.FixtureRequest) -> Start:
    """A client of a service with these settings, and its log: an application sets up the log too, so it comes first."""

    def with_settings(**changes: object) -> tuple[Client, io.StringIO]:
        client = service_with(**changes)
        return client, request.getfixturevalue("log")

    return with_settings


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


class TestAccess:
    def test_on_logs_all_but_probes(self, start: Start) -> None:
        client, log = start()
        for path in ["/healthz", "/readyz", "/books", "/nowhere"]:
            client.get(path)
        assert [line["path"] for line in lines(log)] == ["/books", "/nowhere"]

    def test_on_logs_probes_that_fail(self, start: Start) -> None:
        client, log = start()
        assert client.post("/healthz").status_code == 405
        assert [(line["path"], line["status"]) for line in lines(log)] == [("/healthz", 405)]

    def test_slow_logs_nothing_that_is_fast(self, start: Start) -> None:
        client, log = start(log_access="slow", log_slow=60)
        client.get("/books")
        assert not log.getvalue()

    def test_slow_logs_what_is_slow(self, start: Start) -> None:
        client, log = start(log_access="slow", log_slow=EVERY)
        reply = client.get("/books")
        [line] = lines(log)
        assert (line["path"], line["request_id"]) == ("/books", reply.headers["X-Request-ID"])

    def test_off_logs_no_request(self, start: Start) -> None:
        client, log = start(log_access="off", log_slow=EVERY)
        assert client.get("/books").headers["X-Request-ID"]
        assert not log.getvalue()
        client.post("/auth/login", json={"username": "alice", "password": "wrong horse battery"})
        assert [line["event"] for line in lines(log)] == ["sign_in_failed"], "the audit log goes on"

    @pytest.mark.parametrize(
        ("changes", "listens"),
        [({}, 1), ({"log_access": "slow"}, 1), ({"log_access": "off"}, 0), ({"log_slow": 0}, 0)],
    )
    def test_times_are_taken_only_where_they_are_logged(self, changes: dict[str, object], listens: int) -> None:
        database = Database.of(settings_for("sqlite://", **changes))
        for engine in (database.engine, database.reading_engine):
            assert len(list(engine.dialect.dispatch.do_execute)) == listens
            assert len(list(engine.dialect.dispatch.do_executemany)) == listens


class TestSlowRequest:
    def test_says_how_long_its_statements_took(self, start: Start) -> None:
        client, log = start(log_slow=EVERY)
        client.get("/books?q=wuthering")
        [line] = lines(log)
        assert line["statements"] > 0
        assert 0 <= line["slowest_milliseconds"] <= line["database_milliseconds"] <= line["milliseconds"] + 0.1
        assert "SELECT" in line["slowest_statement"]
        assert "\n" not in line["slowest_statement"]
        assert len(line["slowest_statement"]) <= statement_times.LONGEST_TEXT

    def test_without_statements_says_so(self, start: Start) -> None:
        client, log = start(log_slow=EVERY)
        client.get("/healthz")
        [line] = lines(log)
        assert (line["statements"], line["database_milliseconds"]) == (0, 0)
        assert "slowest_statement" not in line

    def test_reveals_no_value(self, start: Start) -> None:
        client, log = start(log_slow=EVERY)
        credentials = {"username": "echo-me-not", "password": "echo-me-neither"}
        client.post("/register", json=credentials).raise_for_status()
        token = client.post("/auth/login", json=credentials).json()["access_token"]
        member = client.as_bearer(token)
        author = member.post("/authors", json={"name": "Echo Menot"}).raise_for_status().json()
        member.post("/books", json={"title": "Echo-Me-Not", "author_id": author["id"]}).raise_for_status()
        for query in ["q=echo-me-not", "publisher=echo-me-not&genre=echo-me-not", "series=echo-me-not&sort=title"]:
            member.get(f"/books?{query}").raise_for_status()
        assert all(line.keys() >= {"statements"} for line in lines(log) if line["event"] == "request")
        assert "echo" not in log.getvalue().lower()

    def test_is_no_other_than_a_fast_one_by_default(self, start: Start) -> None:
        client, log = start(log_slow=60)
        client.get("/books")
        [line] = lines(log)
        assert not FIELDS & line.keys()
