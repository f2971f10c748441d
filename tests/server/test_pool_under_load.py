"""The pool under load: many readers share a few connections, and blocked requests do not hold up other kinds."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app.db.engines import database_url
from devtools.databases import fresh_url
from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.serving import Served, serving

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.client import Client

CLIENTS, READS, STUCK = 64, 3_000, 40
PATHS = ["/books/1", "/books", "/authors/1/books", "/authors/1", "/genres", "/books?q=emma"]
SESSIONS = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
WAITING = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
ELSEWHERE = ["/authors", "/authors/1", "/auth/me", "/auth/keys", "/readyz", "/healthz"]


def with_a_book(served: Served) -> Client:
    """A user who has added one."""
    member = served.member()
    Factory(member).book(member, id=1, author_id=Factory(member).author(member, id=1)["id"])
    return member


def read(served: Served, clients: int, reads: int) -> list[int]:
    """The statuses that so many clients get, each of whom asks again as soon as it is answered."""
    address = urlsplit(served.base)

    def client(number: int) -> list[int]:
        with closing(HTTPConnection(str(address.hostname), address.port, timeout=60)) as connection:
            return [_status(connection, PATHS[turn % len(PATHS)]) for turn in range(number, reads, clients)]

    with ThreadPoolExecutor(clients) as pool:
        return [status for statuses in pool.map(client, range(clients)) for status in statuses]


class TestReaders:
    def test_share_a_few_connections(self, postgres_url: str, tmp_path: Path) -> None:
        """PostgreSQL counts its sessions once they are over."""
        with fresh_url("postgresql", postgres_url, tmp_path) as url:
            with serving(migrated(url), tmp_path, workers=2, log_level="warning") as served:
                with_a_book(served)
                assert set(read(served, CLIENTS, READS)) == {200}
            with psycopg.connect(url, autocommit=True) as connection:
                assert 0 < wait_until(lambda: _number(connection, SESSIONS)) < 100


class TestBooksThatAreLocked:
    def test_do_not_hold_up_other_requests(self, postgres_url: str, tmp_path: Path) -> None:
        with fresh_url("postgresql", postgres_url, tmp_path) as url, serving(migrated(url), tmp_path) as served:
            member = with_a_book(served)
            with psycopg.connect(url) as holder, ThreadPoolExecutor(3 * STUCK) as pool:
                holder.execute("LOCK TABLE books")
                stuck = [
                    pool.submit(member.request, method, path, json=body)
                    for method, path, body in STUCK * [("GET", "/books", None), ("GET", "/books/1", None), PUT]
                ]
                with psycopg.connect(url, autocommit=True) as onlooker:
                    wait_until(lambda: _number(onlooker, WAITING) > 5)  # writers, and two statements for all reads
                assert [member.get(path).status_code for path in ELSEWHERE] == [200] * len(ELSEWHERE)
                assert not all(answer.done() for answer in stuck)
                holder.rollback()
            assert {answer.result().status_code for answer in stuck} <= {200, 503}
            assert member.get("/books/1").status_code == 200


class TestWritersThatWait:
    def test_stop_no_reader(self, own_url: str, tmp_path: Path) -> None:
        with serving(own_url, tmp_path) as served:
            member = with_a_book(served)
            with ThreadPoolExecutor(STUCK) as pool, writing(own_url):
                stuck = [pool.submit(member.request, *PUT[:2], json=PUT[2]) for _ in range(STUCK)]
                for _ in range(10):
                    paths = [*ELSEWHERE, *PATHS]
                    assert [member.get(path).status_code for path in paths] == [200] * len(paths)
                assert not any(answer.done() for answer in stuck)
            assert {answer.result().status_code for answer in stuck} == {200}


PUT = ("PUT", "/books/1", {"title": "Emma"})


@contextmanager
def writing(url: str) -> Iterator[None]:
    """A transaction that has locked the book."""
    if database_url(url).drivername == "sqlite":
        with closing(sqlite3.connect(str(database_url(url).database), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(url) as connection:
        connection.execute("SELECT FROM books FOR UPDATE")
        yield
        connection.rollback()


def _number(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _status(connection: HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status
