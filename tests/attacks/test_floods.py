"""One address that reads as much as it can, against `run.py` with two workers: it is stopped, and others go on."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from devtools.polling import wait_until
from tests.api.responses import refusal
from tests.attacks.attack_fixtures import behind_a_proxy
from tests.support.serving import WITHOUT_TLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.serving import Served

pytestmark = pytest.mark.slow

WORKERS, LIMIT = 2, 40
MORE = 3 * WORKERS * LIMIT
STUCK = 60
PATIENCE = 60
"""Seconds: statements and the queue for a connection last longer than any of these tests."""
LEFT = re.compile(r'"reads";r=(\d+);t=(\d+)')
WAITING = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
BUSY = "too_many_requests"


@pytest.fixture(scope="module")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = {
        "rate_limit_reads": f"{LIMIT}/hour",
        "db_statement_timeout": PATIENCE,
        "db_pool_timeout": PATIENCE,
    }
    folder = tmp_path_factory.mktemp("floods")
    with behind_a_proxy(kind, server_url, folder, workers=WORKERS, **settings) as served:
        yield served


def read(served: Served, path: str, address: str, **headers: str) -> httpx.Response:
    """Read once, on a connection of its own."""
    sent = {"X-Forwarded-For": address, "Connection": "close"} | headers
    with httpx.Client(timeout=PATIENCE, trust_env=False, verify=WITHOUT_TLS) as client:
        return client.get(f"{served.base}{path}", headers=sent)


class TestReads:
    def test_of_one_address_end_and_those_of_others_go_on(self, served: Served) -> None:
        paths = ("/books/1", "/books", "/authors/1", "/books?q=emma", "/genres", "/docs/errors")
        answers = [read(served, paths[number % len(paths)], "203.0.113.1") for number in range(MORE)]
        statuses = [answer.status_code for answer in answers]
        assert LIMIT <= statuses.count(200) <= WORKERS * LIMIT
        assert statuses[-LIMIT:] == [429] * LIMIT
        assert answers[-1].json()["code"] == BUSY
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2 * 3600
        assert LEFT.findall(answers[-1].headers["RateLimit"])[0][0] == "0"
        for path in paths:
            assert read(served, path, "203.0.113.2").status_code == 200
        assert {read(served, path, "203.0.113.1").status_code for path in ("/healthz", "/readyz")} == {200}

    def test_of_one_network_count_as_one_address(self, served: Served) -> None:
        statuses = [read(served, "/books/1", f"2001:db8:0:1::{number:x}").status_code for number in range(1, MORE)]
        assert statuses.count(200) <= WORKERS * LIMIT
        assert statuses[-1] == 429
        assert read(served, "/books/1", "2001:db8:0:2::1").status_code == 200

    def test_at_once_are_no_more_than_the_limit(self, served: Served) -> None:
        with ThreadPoolExecutor(16) as pool:
            answers = pool.map(lambda _: read(served, "/books/1", "203.0.113.3").status_code, range(MORE))
            assert list(answers).count(200) <= WORKERS * LIMIT

    def test_say_what_is_left(self, served: Served) -> None:
        headers = {"X-Forwarded-For": "203.0.113.4"}
        with httpx.Client(base_url=served.base, headers=headers, timeout=PATIENCE, trust_env=False) as client:
            answers = [client.get("/books/1") for _ in range(LIMIT + 1)]
            tag = answers[0].headers["ETag"]
        assert [int(LEFT.findall(answer.headers["RateLimit"])[0][0]) for answer in answers] == [
            *range(LIMIT - 1, -1, -1),
            0,
        ]
        assert {answer.headers["RateLimit-Policy"] for answer in answers} == {f'"reads";q={LIMIT};w=3600'}
        current = [read(served, "/books/1", "203.0.113.5", **{"If-None-Match": tag}) for _ in range(MORE)]
        assert {answer.status_code for answer in current} == {304}

    def test_do_not_use_up_what_an_account_may_write(self, served: Served) -> None:
        member = served.member()
        for _ in range(MORE):
            member.get("/books/1", headers={"X-Forwarded-For": "203.0.113.6"})
        assert refusal(member.get("/books/1", headers={"X-Forwarded-For": "203.0.113.6"})) == (429, BUSY)
        written = member.post("/authors", json={"name": "Anne"}, headers={"X-Forwarded-For": "203.0.113.6"})
        assert written.status_code == 201


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="module")
class TestLists:
    """SQLite has no lock that stops some reads only; the unit tests of bulkheads are the same for both."""

    def test_of_one_address_leave_connections_to_others(self, served: Served) -> None:
        with ThreadPoolExecutor(STUCK) as pool, psycopg.connect(served.url) as holder:
            holder.execute("LOCK TABLE genres")
            stuck = [pool.submit(read, served, "/genres", "198.51.100.7") for _ in range(STUCK)]
            with psycopg.connect(served.url, autocommit=True) as watching:
                wait_until(lambda: _number(watching, WAITING) >= WORKERS, within=PATIENCE)
            others = [read(served, "/books", f"203.0.113.{number}").status_code for number in range(100, 120)]
            assert others == [200] * 20
            assert not any(one.done() and one.result().status_code == 200 for one in stuck)
            holder.rollback()
            assert {one.result().status_code for one in stuck} <= {200, 429, 503}


def _number(connection: psycopg.Connection, query: str) -> int:
    [row] = connection.execute(query.encode()).fetchall()
    return int(row[0])
