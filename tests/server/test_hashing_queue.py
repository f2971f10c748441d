"""Hashes take long: those who wait for one take no thread from the readers, and are told when too many wait."""

from __future__ import annotations

import signal
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from devtools.serving import migrated
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


class TestFullLine:
    def test_readers_are_answered_meanwhile(self, own_url: str, tmp_path: Path) -> None:
        with full_line(own_url, tmp_path) as (served, logins):
            assert served.client().get("/books").status_code == 200
            assert sum(login.done() for login in logins) == 1
            assert sorted(login.result().status_code for login in logins) == [401] * PLACES + [503]

    def test_who_waits_is_answered_before_the_server_goes(self, tmp_path: Path) -> None:
        with full_line(f"sqlite:///{tmp_path}/books.db", tmp_path) as (served, logins):
            served.process.send_signal(signal.SIGTERM)
            assert sorted(login.result().status_code for login in logins) == [401] * PLACES + [503]
            assert served.process.wait(10) == 0
