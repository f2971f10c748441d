"""The service that faults are caused in: `run.py` with two workers, on a database and with a log of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg

from devtools.faults.pipe import LogPipe
from devtools.polling import wait_until
from devtools.postgres import PostgresServer, free_port
from devtools.serving import STARTS_WITHIN, STOPS_WITHIN, environment, migrated, start

if TYPE_CHECKING:
    from types import TracebackType

WORKERS = 2
PASSWORD = "correct horse battery"  # noqa: S105  (of a user who exists here alone)
DATABASE = "books"


class Target:
    """A service with an author and a book, each with the id 1, and a user.

    Args:
        kind: of its database: `sqlite` or `postgresql`.
        folder: for its files, and SQLite's.
        settings: further settings, as for `environment`.
    """

    def __init__(self, kind: str, folder: Path, **settings: object) -> None:
        self.kind = kind
        self.folder = folder
        self.settings = settings
        self.base = f"http://127.0.0.1:{free_port()}"
        self.file = folder / "books.db"
        self.pipe: LogPipe | None = None
        self._postgres: PostgresServer | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if self.kind == "postgresql":
            self._postgres = PostgresServer(durable=True)
            self._postgres.start()
            self.administer(f"CREATE DATABASE {DATABASE}")
        migrated(self.url)
        self.start()
        self.wait_for_workers()
        with self.client(self.register()) as client:
            client.post("/authors", json={"id": 1, "name": "Jane Austen"}).raise_for_status()
            client.post("/books", json={"id": 1, "title": "Emma", "author_id": 1}).raise_for_status()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if self.pipe is not None:
            self.pipe.close()
        if self._postgres is not None:
            self._postgres.remove()

    @property
    def postgres(self) -> PostgresServer:
        """Its PostgreSQL."""
        assert self._postgres is not None  # noqa: S101  (of this kind)
        return self._postgres

    @property
    def url(self) -> str:
        """The URL of its database."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.file}"
        return self.postgres.url.rpartition("/")[0] + f"/{DATABASE}"

    @property
    def log(self) -> Path:
        """What it logs to: a file, or a pipe."""
        return self.folder / "stderr"

    def start(self) -> None:
        """Start it, without waiting until it responds."""
        port = self.base.rpartition(":")[2]
        self._process = start(
            self.folder, environment(self.url, self.folder, port=port, workers=WORKERS, **self.settings)
        )

    def kill(self) -> None:
        """Kill all its processes at once, with SIGKILL."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOPS_WITHIN)
            self._process = None

    def log_to_pipe(self, wanted: bool) -> None:  # noqa: FBT001  (what it is says the name)
        """Let it log to a pipe, or to a file; it is started again if it does not yet."""
        if wanted == (self.pipe is not None):
            return
        self.kill()
        if self.pipe is not None:
            self.pipe.close()
        self.pipe = None
        self.log.unlink()
        if wanted:
            self.pipe = LogPipe(self.log)
        self.start()
        self.wait_for_workers()

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        if self._process is None:
            return []
        with suppress(psutil.NoSuchProcess):
            return [child for child in psutil.Process(self._process.pid).children() if _listens(child)]
        return []

    def processes(self) -> list[psutil.Process]:
        """All its processes: the supervisor, and the processes that it started."""
        if self._process is None:
            return []
        supervisor = psutil.Process(self._process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def wait_for_workers(self) -> None:
        """Wait until all workers serve.

        Raises:
            TimeoutError: they do not.
        """
        wait_until(lambda: len(self.workers()) == WORKERS and self._answers(), within=STARTS_WITHIN)

    def client(self, token: str = "", seconds: float = 60) -> httpx.Client:
        """A client, which waits for so many seconds."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.base, headers=headers, timeout=seconds, trust_env=False, verify=False)  # noqa: S501  (no TLS here)

    def register(self) -> str:
        """Register the user. Returns: an access token."""
        with self.client() as client:
            client.post("/register", json={"username": "alice", "password": PASSWORD}).raise_for_status()
        return self.sign_in()

    def sign_in(self) -> str:
        """Sign the user in. Returns: an access token, valid for 15 minutes."""
        with self.client() as client:
            reply = client.post("/auth/login", json={"username": "alice", "password": PASSWORD}).raise_for_status()
            return str(reply.json()["access_token"])

    def administer(self, *statements: str) -> None:
        """Execute statements on PostgreSQL as its administrator, in the database that every server has."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def names(self) -> set[str]:
        """The names of all authors and the titles of all books, as another program reads them."""
        query = "SELECT name FROM authors UNION ALL SELECT title FROM books"
        if self.kind == "sqlite":
            with closing(sqlite3.connect(self.file)) as connection:
                return {name for (name,) in connection.execute(query)}
        with psycopg.connect(self.url) as reader:
            return {name for (name,) in reader.execute(query)}

    def _answers(self) -> bool:
        try:
            with self.client(seconds=5) as client:
                return client.get("/healthz").is_success
        except httpx.TransportError:
            return False


def _listens(process: psutil.Process) -> bool:
    try:
        return bool(process.net_connections("tcp"))
    except psutil.NoSuchProcess:  # it ended while it was looked at
        return False
