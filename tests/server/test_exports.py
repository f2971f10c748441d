"""Exports over a network: in constant memory, to clients of any speed, and never half of one that looks whole."""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy import create_engine, inspect, text

from app.db.engines import database_url
from devtools.databases import fresh_url
from devtools.polling import wait_until
from devtools.postgres import free_port
from devtools.serving import migrated
from tests.server.raw import raw_connection, status_of
from tests.support.factories import Factory
from tests.support.serving import WITHOUT_TLS, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOKS = 10_000
LENGTH = 4_000
"""Characters of a description: all together, far more than a connection buffers."""
COPIES = """
INSERT INTO books (id, {columns}) SELECT number.i, {columns} FROM
(WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :books) SELECT i FROM n) AS number,
(SELECT * FROM books WHERE id = 1) AS book
"""


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def full(kind: str, server_url: str, metrics_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with many large books."""
    folder = tmp_path_factory.mktemp("full")
    with (
        fresh_url(kind, server_url, folder) as url,
        serving(migrated(url), folder, trusted_proxies="127.0.0.1", metrics_port=metrics_port) as served,
    ):
        Factory(served.client()).book(served.member(), id=1, title="Emma", description="x" * LENGTH)
        run(served, COPIES.format(columns=columns(served)), books=BOOKS)
        yield served


def columns(served: Served) -> str:
    engine = create_engine(database_url(served.url))
    names = [column["name"] for column in inspect(engine).get_columns("books")]
    engine.dispose()
    return ", ".join(name for name in names if name != "id")


def run(served: Served, statement: str, **parameters: object) -> None:
    engine = create_engine(database_url(served.url))
    with engine.begin() as connection:
        connection.execute(text(statement), parameters)
    engine.dispose()


def memory_of(served: Served) -> int:
    """Bytes that are not those of a file, which SQLite maps."""
    processes = psutil.Process(served.process.pid).children(recursive=True)
    states = [Path(f"/proc/{each.pid}/status").read_text() for each in processes]
    return sum(int(state.partition("RssAnon:")[2].split()[0]) * 1024 for state in states)


@pytest.fixture(autouse=True)
def _none_is_under_way(full: Served, metrics_port: int) -> None:  # noqa: ARG001  (the service whose metrics they are)
    """Exports of the test before have ended, those to clients that are gone too."""

    def none_is_under_way() -> bool:
        metrics = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics", trust_env=False, verify=WITHOUT_TLS).text
        return "\nbooks_exports_under_way 0.0\n" in metrics

    wait_until(none_is_under_way)


BEGIN = b"GET /export HTTP/1.1\r\nHost: books.test\r\nConnection: close\r\n\r\n"


class TestExport:
    def test_is_whole_and_takes_little_memory(self, full: Served) -> None:
        client = full.client()
        client.get("/books")
        before = memory_of(full)
        with client.stream("GET", "/export", headers={"Accept-Encoding": "identity"}) as answer:
            number = size = 0
            for chunk in answer.iter_bytes():
                number, size = number + chunk.count(b"\n"), size + len(chunk)
        assert (number, answer.headers.get("Content-Length")) == (BOOKS, None)
        assert size > BOOKS * LENGTH
        assert memory_of(full) - before < size / 2

    def test_is_the_same_when_compressed(self, full: Served) -> None:
        with full.client().stream("GET", "/export?format=csv", headers={"Accept-Encoding": "gzip"}) as answer:
            packed = b"".join(answer.iter_raw())
        assert gzip.decompress(packed).count(b"\r\n") == BOOKS + 1

    def test_to_a_client_that_goes_away_ends(self, full: Served) -> None:
        for _ in range(3):  # as many as one address may have at once
            with raw_connection(full.base) as connection:
                connection.send(BEGIN)
                assert b"200 OK" in connection.read_head()
        wait_until(lambda: full.client().head("/export").status_code == 200)

    def test_to_clients_of_one_address_that_never_read_leave_one_to_others(self, full: Served) -> None:
        hostile = BEGIN.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n")
        with ExitStack() as stack:
            connections = [stack.enter_context(raw_connection(full.base)) for _ in range(20)]
            for connection in connections:
                connection.send(hostile)
            statuses = Counter(status_of(connection.read_head()) for connection in connections)
            assert statuses == {200: 3, 503: 17}
            for path in ("/healthz", "/books/1", "/export?format=csv"):
                elsewhere = full.client().get(path, headers={"X-Forwarded-For": "203.0.113.2"})
                assert elsewhere.status_code == 200

    def test_that_fails_midway_has_no_end(self, full: Served) -> None:
        with raw_connection(full.base) as connection:
            connection.send(BEGIN)
            assert b"200 OK" in connection.read_head()
            run(full, "ALTER TABLE books RENAME TO away")
            try:
                content = connection.read_rest()
            finally:
                run(full, "ALTER TABLE away RENAME TO books")
        assert len(content) > 10_000
        assert not content.endswith(b"\r\n0\r\n\r\n")
        assert full.logged("response_cut")
