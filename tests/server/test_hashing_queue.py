"""Hashing takes long: logins that wait take no thread from readers, and are refused when too many wait."""

from __future__ import annotations

import json
import signal
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from devtools.polling import wait_until
from devtools.serving import migrated
from tests.server.raw import raw_connection
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

pytestmark = pytest.mark.slow

PLACES = 3
CREDENTIALS = {"username": "unknown", "password": "correct horse battery"}


@contextmanager
def full_line(url: str, folder: Path) -> Iterator[tuple[Served, list[Future[httpx.Response]]]]:
    """A server with one thread for other requests, and a full hashing queue: three logins wait, one got a 503."""
    with (
        serving(migrated(url), folder, bcrypt_rounds=13, password_queue=PLACES, threads=1) as served,
        ThreadPoolExecutor(PLACES + 1) as pool,
    ):
        clients = [served.client() for _ in range(PLACES + 1)]
        logins = [pool.submit(client.post, "/auth/login", json=CREDENTIALS) for client in clients]
        first = wait(logins, 30, FIRST_COMPLETED).done.pop()
        assert first.result().status_code == 503
        yield served, logins


def gone(served: Served) -> list[dict[str, Any]]:
    """The log lines of the requests whose clients hung up."""
    return [line for line in served.logged("request") if line["request_id"].startswith("gone-")]


class TestFullLine:
    def test_readers_are_answered_meanwhile(self, own_url: str, tmp_path: Path) -> None:
        with full_line(own_url, tmp_path) as (served, logins):
            assert served.client().get("/books").status_code == 200
            assert sum(login.done() for login in logins) == 1
            assert sorted(login.result().status_code for login in logins) == [401] * PLACES + [503]

    def test_who_hangs_up_leaves_it(self, tmp_path: Path) -> None:
        head = (
            b"POST /auth/login HTTP/1.1\r\nHost: books\r\nContent-Type: application/json\r\nX-Request-ID: gone-%d\r\n"
            b"Content-Length: %d\r\n\r\n"
        )
        body = json.dumps(CREDENTIALS).encode()
        with serving(
            migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path, bcrypt_rounds=13, password_queue=20
        ) as served:
            with ExitStack() as guests:
                for number in range(12):  # hashing them would take several seconds
                    guests.enter_context(raw_connection(served.base)).send(head % (number, len(body)), body)
                for _ in range(5):  # meanwhile all are received: a body that breaks off is not logged
                    assert served.client().get("/healthz").status_code == 200
            assert served.client().post("/auth/login", json=CREDENTIALS).status_code == 401
            wait_until(lambda: len(gone(served)) == 12, within=30)
            assert [line["status"] for line in gone(served)].count(503) >= 8

    def test_who_waits_is_answered_before_the_server_goes(self, tmp_path: Path) -> None:
        with full_line(f"sqlite:///{tmp_path}/books.db", tmp_path) as (served, logins):
            served.process.send_signal(signal.SIGTERM)
            assert sorted(login.result().status_code for login in logins) == [401] * PLACES + [503]
            assert served.process.wait(10) == 0
