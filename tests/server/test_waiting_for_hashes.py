"""Hashes take long: those who wait for one take no thread from the readers, and are told when too many wait."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from tests.serving import migrated, serving

if TYPE_CHECKING:
    from pathlib import Path

PLACES = 3
CREDENTIALS = {"username": "nobody", "password": "correct horse battery"}


class TestFullLine:
    def test_readers_are_answered_meanwhile(self, own_url: str, tmp_path: Path) -> None:
        with (
            serving(migrated(own_url), tmp_path, bcrypt_rounds=13, password_queue=PLACES, threads=1) as served,
            ThreadPoolExecutor(PLACES + 1) as people,
        ):
            visitors = [served.visitor() for _ in range(PLACES + 1)]
            logins = [people.submit(visitor.post, "/auth/login", json=CREDENTIALS) for visitor in visitors]
            first = wait(logins, 30, FIRST_COMPLETED).done.pop().result()
            assert first.status_code == 503
            assert first.json()["code"] == "hashing_busy"
            assert int(first.headers["Retry-After"]) > 0
            assert served.visitor().get("/books").status_code == 200
            assert sum(login.done() for login in logins) == 1
        assert sorted(login.result().status_code for login in logins) == [401] * PLACES + [503]
