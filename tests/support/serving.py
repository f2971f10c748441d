"""The real thing: `run.py` in processes of its own, on a port of its own, and clients that call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from app.db.engines import make_engine
from devtools.databases import ROOT, SECRET, migrate, settings_for
from devtools.postgres import free_port
from tests.support.client import Client
from tests.support.factories import Factory
from tests.support.openapi_contract import Promise
from tests.support.polling import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

STOPS_WITHIN = 40
"""Seconds: longer than the thirty that run.py gives its workers to drain."""


class Visitor(Client):
    """The client of the tests, over a network: what it is answered is held against the document in the same way."""

    def __init__(self, base: str, promise: Promise, closing: ExitStack, **options: Any) -> None:
        # No TLS here, and to read the certificates of all authorities takes longer than most requests.
        httpx.Client.__init__(self, base_url=base, timeout=60, trust_env=False, verify=False, **options)
        self._base, self._promise, self._closing = base, promise, closing
        closing.callback(self.close)

    def as_bearer(self, token: str) -> Visitor:
        """A client that sends this token."""
        return Visitor(self._base, self._promise, self._closing, headers={"Authorization": f"Bearer {token}"})


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    url: str
    base: str
    process: subprocess.Popen[bytes]
    log: Path
    promise: Promise
    closing: ExitStack

    def answers(self) -> bool:
        """Whether it lives."""
        return _answers(self.base)

    def visitor(self) -> Visitor:
        """Nobody in particular."""
        return Visitor(self.base, self.promise, self.closing)

    def member(self) -> Client:
        """A new user, signed in."""
        return Factory(self.visitor()).user(f"member-{os.urandom(6).hex()}")

    def logged(self, event: str) -> list[dict[str, Any]]:
        """What stands in the log so far under this event."""
        return [entry for entry in self.entries() if entry["event"] == event]

    def entries(self) -> list[dict[str, Any]]:
        """What stands in the log so far. Every line is JSON."""
        whole_lines, _, _unfinished = self.log.read_text().rpartition("\n")
        lines = [line for line in whole_lines.split("\n") if line]
        assert [line for line in lines if not line.startswith("{")] == []
        return [json.loads(line) for line in lines]

    def kill(self) -> None:
        """As if the machine lost its power: no worker gets to finish anything."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOPS_WITHIN)


def environment(url: str, folder: Path, **others: object) -> dict[str, str]:
    """All that the server is told: nothing comes from the developer's own environment or `.env`.

    Args:
        url: the database.
        folder: for what the service itself keeps.
        others: further settings by their names in small letters, or None for one that is to be unset.
    """
    values: dict[str, object] = {
        "database_url": url,
        "secret_key": SECRET,
        "bcrypt_rounds": 4,
        "rate_limit_enabled": False,
        "workers": 1,
        "threads": 16,
        "log_format": "json",
        "instance_path": folder / "instance",
        "path": os.environ["PATH"],
        "pythonpath": ROOT,
    }
    return {name.upper(): str(value) for name, value in (values | others).items() if value is not None}


def start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start `run.py` as the leader of a group of its own; what it says goes to `stdout` and `stderr` in the folder."""
    with (folder / "stdout").open("ab") as stdout, (folder / "stderr").open("ab") as stderr:
        return subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, Path(environment["PYTHONPATH"]) / "run.py"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )


@contextmanager
def serving(url: str, folder: Path, **others: object) -> Iterator[Served]:
    """Serve this database, which is migrated, until the block ends; a fault inside the service fails the test."""
    port = free_port()
    process = start(folder, environment(url, folder, port=port, **others))
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is not None or _answers(base), within=120)  # each worker imports it all
        assert process.poll() is None, (folder / "stderr").read_text()
        document = httpx.get(f"{base}/openapi.json", trust_env=False).json()
        with ExitStack() as closing:
            served = Served(url, base, process, folder / "stderr", Promise(document), closing)
            yield served
        assert not served.logged("internal_error")
    finally:
        _stop(process)


def migrated(url: str) -> str:
    """The URL of a database that was empty, and is now at the newest migration."""
    engine = make_engine(settings_for(url))
    migrate(engine)
    engine.dispose()
    return url


def _answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/healthz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to go, and where it does not, make it go."""
    process.terminate()
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOPS_WITHIN)
        raise
