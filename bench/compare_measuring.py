"""One measurement: wrk against a service, with what its processes and the database used meanwhile."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.compare_services import Running

SCRIPT = Path(__file__).with_name("wrk.lua")
LONGEST_WAIT = 60
"""Seconds that wrk waits for a response: a search of a peer takes long."""
COPY = "compared"
MILLION = 1_000_000
BOOKS = "SELECT count(*) FROM books"
SETTLES_AFTER = 0.3
"""Seconds until the requests that were under way when wrk stopped are done."""


@dataclass(frozen=True)
class Measured:
    """A round of one row on one service.

    Attributes:
        rate: responses per second.
        p50: milliseconds; None if it was not measured, as for p99.
        p99: milliseconds.
        errors: responses with an error status, failed connections, and requests without a response.
        own: microseconds of processor time of the service, for each request.
        database: the same of PostgreSQL; None if it runs elsewhere.
    """

    rate: float
    p50: float | None
    p99: float | None
    errors: int
    own: float
    database: float | None


class DatabaseClock:
    """The processor time of all processes of the PostgreSQL at this URL, if it is on this machine."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            backend = connection.info.backend_pid
            try:
                self._server = psutil.Process(backend).parent()
            except psutil.NoSuchProcess:
                self._server = None

    def seconds(self) -> float | None:
        """What they have used so far, including the processes that have ended."""
        if self._server is None:
            return None
        used = sum(self._server.cpu_times())
        for process in self._server.children():
            try:
                used += sum(process.cpu_times()[:2])
            except psutil.NoSuchProcess:  # its time is now among that of the server's children
                continue
        return float(used)


@dataclass(frozen=True)
class Wrk:
    """Runs wrk with one thread, which is enough for all services here."""

    program: str
    connections: int
    clock: DatabaseClock

    def measure(self, service: Running, requests: Path, seconds: float, post: str | None = None) -> Measured:
        """Send the requests of a file for some seconds.

        Args:
            service: the service.
            requests: a file with a path in each line, or with bodies for `post`.
            seconds: how long.
            post: the path that bodies are sent to.

        Raises:
            RuntimeError: wrk failed.
        """
        sent = [str(requests), *([post, service.token] if post else [])]
        command = [
            *(self.program, "--threads", "1", "--connections", str(self.connections)),
            *("--duration", f"{max(1, round(seconds))}s", "--timeout", f"{LONGEST_WAIT}s"),
            *("--script", str(SCRIPT), service.base, "--", *sent),
        ]
        own, database = service.cpu_seconds(), self.clock.seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
        sleep(SETTLES_AFTER)
        if done.returncode or not done.stdout.endswith("}\n"):
            msg = f"wrk failed: {done.stdout}{done.stderr}"
            raise RuntimeError(msg)
        found = json.loads(done.stdout.splitlines()[-1])
        count = max(1, found["requests"])
        return Measured(
            rate=found["requests"] / found["seconds"],
            p50=found["p50"],
            p99=found["p99"],
            errors=found["refused"] + found["failed"],
            own=(service.cpu_seconds() - own) / count * MILLION,
            database=used_by_each(self.clock, database, count),
        )


def used_by_each(clock: DatabaseClock, before: float | None, count: int) -> float | None:
    """Microseconds of PostgreSQL for each of so many requests."""
    now = clock.seconds()
    return None if now is None or before is None else (now - before) / count * MILLION


def count_books(url: str) -> int:
    """How many books there are."""
    with psycopg.connect(url) as connection:
        row = connection.execute(BOOKS).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def copied(catalogue: str, *, is_peer: bool) -> Iterator[str]:
    """The URL of a copy of the catalogue, which is dropped at the end.

    Peers leave out the columns of the service that have no meaning to them, so in their copies these have defaults.
    """
    server, _, name = catalogue.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(COPY))
        connection.execute(drop)
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(COPY), Identifier(name)))
        if is_peer:
            with psycopg.connect(f"{server}/{COPY}") as of_peer:
                of_peer.execute("ALTER TABLE books ALTER document SET DEFAULT ''")
        yield f"{server}/{COPY}"
        connection.execute(drop)
