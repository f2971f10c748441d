"""Run `run.py` in a process and on a port of its own, for tests and benchmarks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devtools.databases import ROOT, SECRET
from devtools.polling import answers, wait_until
from devtools.postgres import free_port
from devtools.templates import copy_template

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTS_WITHIN = 120
"""Seconds: each worker imports the whole application."""
STOPS_WITHIN = 40
"""Seconds: longer than the thirty that run.py gives its workers to drain."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    """Its database."""
    base: str
    process: subprocess.Popen[bytes]
    log: Path

    def answers(self) -> bool:
        """Whether it answers requests."""
        return answers(f"{self.base}/healthz")

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log entries of this event so far."""
        return [entry for entry in self.entries() if entry["event"] == event]

    def entries(self) -> list[dict[str, Any]]:
        """All log entries so far.

        Raises:
            ValueError: a line is not a JSON object.
        """
        whole_lines, _, _unfinished = self.log.read_text().rpartition("\n")
        lines = [line for line in whole_lines.split("\n") if line]
        if others := [line for line in lines if not line.startswith("{")]:
            msg = f"the log has lines that are not JSON: {others}"
            raise ValueError(msg)
        return [json.loads(line) for line in lines]

    def kill(self) -> None:
        """Kill all its processes at once, as a power failure would: no worker can finish its work."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOPS_WITHIN)


def environment(url: str, folder: Path, **others: object) -> dict[str, str]:
    """All environment variables of a server: none come from the developer's own environment or `.env`.

    Args:
        url: the database.
        folder: for the files of the service.
        others: further settings by their names in lower case, or None for one that is to be unset.
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
    """Start `run.py` as the leader of a process group; its output goes to `stdout` and `stderr` in the folder."""
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
def serving(url: str, folder: Path, **others: object) -> Iterator[Server]:
    """Serve this database, which must be migrated, until the block ends.

    Args:
        url: the database.
        folder: for the files of the service, and its log.
        others: further settings, as for `environment`.

    Raises:
        RuntimeError: the server did not start.
    """
    port = free_port()
    process = start(folder, environment(url, folder, port=port, **others))
    base = f"http://127.0.0.1:{port}"
    log = folder / "stderr"
    try:
        wait_until(lambda: process.poll() is not None or answers(f"{base}/healthz"), within=STARTS_WITHIN)
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        yield Server(url, base, process, log)
    finally:
        _stop(process)


def migrated(url: str) -> str:
    """Bring a new database to the newest revision, and return its URL."""
    copy_template(url)
    return url


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop it with SIGTERM; kill it, and fail, if it does not exit in time."""
    process.terminate()
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOPS_WITHIN)
        raise
