"""A log that cannot be written changes nothing for the clients."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from devtools.databases import ROOT
from devtools.polling import wait_until
from devtools.postgres import free_port
from devtools.serving import STARTS_WITHIN, STOPS_WITHIN, environment
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUESTS = 600
"""More than fill the 64 KiB of a pipe with their lines."""


@contextmanager
def serving(url: str, folder: Path, stderr: int) -> Iterator[httpx.Client]:
    """A client of a service that logs to this descriptor."""
    port = free_port()
    settings = environment(url, folder, port=port)
    command = [sys.executable, str(ROOT / "run.py")]
    with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=stderr) as process:  # noqa: S603
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
                wait_until(lambda: process.poll() is not None or _answers(client), within=STARTS_WITHIN)
                assert process.poll() is None
                yield client
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False


def require_as_usual(client: httpx.Client, requests: int) -> None:
    """Reads and writes get their responses, whether the log is written or not."""
    credentials = {"username": "alice", "password": PASSWORD}
    assert client.post("/register", json=credentials).status_code == 201
    token = client.post("/auth/login", json=credentials).json()["access_token"]
    for number in range(requests // 2):
        author = client.post(
            "/authors", json={"name": f"Author {number}"}, headers={"Authorization": f"Bearer {token}"}
        )
        assert author.status_code == 201
        assert client.get(author.headers["Location"]).status_code == 200
    assert client.get("/nowhere").status_code == 404
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")  # the database has no part in it
class TestLog:
    def test_on_a_full_disk(self, own_url: str, tmp_path: Path) -> None:
        full = os.open("/dev/full", os.O_WRONLY)
        try:
            with serving(own_url, tmp_path, full) as client:
                require_as_usual(client, 20)
        finally:
            os.close(full)

    def test_whose_reader_is_gone(self, own_url: str, tmp_path: Path) -> None:
        reader, writer = os.pipe()
        with serving(own_url, tmp_path, writer) as client:
            os.close(writer)
            os.close(reader)
            require_as_usual(client, 20)

    @pytest.mark.slow
    def test_that_nothing_reads(self, own_url: str, tmp_path: Path) -> None:
        """What was kept meanwhile is written as soon as it is read again."""
        reader, writer = os.pipe()
        with serving(own_url, tmp_path, writer) as client:
            os.close(writer)
            require_as_usual(client, REQUESTS)
            read = b""
            while read.count(b'"path": "/authors"') < REQUESTS // 2:
                read += os.read(reader, 65536)
        os.close(reader)
