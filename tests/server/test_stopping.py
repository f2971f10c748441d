"""SIGTERM drains: what has begun is finished and answered, and then the server goes."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from devtools.serving import migrated
from tests.server.raw import raw_connection, status_of
from tests.support.factories import PASSWORD
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

REGISTRATION = json.dumps({"username": "the last guest", "password": PASSWORD}).encode()
HEAD = (
    b"POST /register HTTP/1.1\r\nHost: books\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
)


class TestSigterm:
    def test_a_request_in_flight_is_answered(self, own_url: str, tmp_path: Path) -> None:
        with (
            serving(own_url, tmp_path, bcrypt_rounds=13, threads=2) as served,
            raw_connection(served.base) as guest,
        ):
            guest.send(HEAD % len(REGISTRATION))
            assert status_of(guest.read_head()) == 100  # a worker has the request in hand
            guest.send(REGISTRATION)
            served.process.send_signal(signal.SIGTERM)
            assert status_of(guest.read_head()) == 201
            assert json.loads(guest.read_rest())["username"] == "the last guest"
            assert served.process.wait(30) == 0

    def test_an_idle_server_goes_at_once_and_complains_of_nothing(self, tmp_path: Path) -> None:
        with serving(migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path) as served:
            served.client().get("/books").raise_for_status()
            served.process.send_signal(signal.SIGTERM)
            assert served.process.wait(10) == 0
            assert {entry["event"] for entry in served.entries()} == {"request"}

    def test_a_server_that_has_only_just_begun_goes_at_once_too(self, tmp_path: Path) -> None:
        """The first worker answers; the others are still on their way, and must not miss the signal."""
        with serving(migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path, workers=4) as served:
            served.process.send_signal(signal.SIGTERM)
            assert served.process.wait(10) == 0
