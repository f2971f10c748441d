"""A lock of another program: writers wait for it, while other reads and the probes are as fast as without it."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
import pytest

from app.db.engines import database_url
from devtools.polling import wait_until
from tests.support.factories import Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow

WRITERS = 40
LOCKED_FOR = 12.0
"""Seconds, in which the writers write again as soon as they are answered."""
LOCK_TIMEOUT = 5
"""Seconds that a writer waits, in the queue and for the lock together. The lock is held for longer than twice of it."""
SOON = 4.0
"""Seconds within which a request that needs no lock is answered, on a machine that may be busy. One that needs it takes
`LOCK_TIMEOUT`: all forty writers are refused at the same moment, and come back."""
RECOVERS_WITHIN = 10.0
ELSEWHERE = ["/authors", "/authors/1", "/auth/me", "/auth/keys", "/readyz", "/healthz"]
BOOKS = ["/books/1", "/books", "/books?q=emma", "/authors/1/books", "/genres"]
"""PostgreSQL's `LOCK TABLE books` stops these; the readers of SQLite need no lock, but there all writers do."""


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program has SQLite's file locked for writing, or PostgreSQL's table of books for everything."""
    address = database_url(url)
    if address.drivername == "sqlite":
        with closing(sqlite3.connect(str(address.database), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE books")
        yield
        connection.rollback()


def timed(client: Client, method: str, path: str, **options: object) -> tuple[float, httpx.Response]:
    """A response, and the seconds that it took."""
    began = monotonic()
    response = client.request(method, path, **options)  # type: ignore[arg-type]  # passed on
    return monotonic() - began, response


def write(member: Client, until: Event) -> list[tuple[float, httpx.Response]]:
    """Change a book again and again."""
    results = []
    while not until.is_set():
        results.append(timed(member, "PUT", "/books/1", json={"title": "Emma"}))
    return results


def read(member: Client, paths: list[str], seconds: float) -> dict[str, list[tuple[float, httpx.Response]]]:
    """Read these, one after the other, for so many seconds."""
    results: dict[str, list[tuple[float, httpx.Response]]] = {path: [] for path in paths}
    end = monotonic() + seconds
    while monotonic() < end:
        for path in paths:
            results[path].append(timed(member, "GET", path))
    return results


@pytest.fixture
def served(own_url: str, tmp_path: Path) -> Iterator[Served]:
    with serving(own_url, tmp_path, workers=2, db_lock_timeout=LOCK_TIMEOUT) as served:
        yield served


def test_stops_only_those_who_need_it(kind: str, served: Served) -> None:
    member = served.member()
    Factory(member).book(member, id=1, author_id=Factory(member).author(member, id=1)["id"])
    paths = [*ELSEWHERE, *(BOOKS if kind == "sqlite" else [])]
    until = Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        with locked(served.url):
            writers = [pool.submit(write, member, until) for _ in range(WRITERS)]
            reads = read(member, paths, LOCKED_FOR)
            others = (
                [] if kind == "sqlite" else [timed(member, "POST", "/authors", json={"name": "Jane"}) for _ in "ab"]
            )
        until.set()
        writes = [result for writer in writers for result in writer.result()]
    for path, results in reads.items():
        assert {response.status_code for _, response in results} == {200}, path
        assert max(seconds for seconds, _ in results) < SOON, path
    assert [(response.status_code, seconds < SOON) for seconds, response in others] == [(201, True)] * len(others)
    refused = [response for _, response in writes if response.status_code != 200]
    assert {(response.status_code, response.json()["code"]) for response in refused} == {(503, "database_busy")}
    assert all(int(response.headers["Retry-After"]) > 0 for response in refused)
    assert max(seconds for seconds, _ in writes) < LOCK_TIMEOUT + SOON
    wait_until(lambda: member.put("/books/1", json={"title": "Emma"}).status_code == 200, within=RECOVERS_WITHIN)
