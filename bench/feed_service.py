"""What the benchmark of the feed runs on: a database, services and deliverers of webhooks, killed and started again."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, suppress
from functools import partial
from time import monotonic, sleep
from typing import TYPE_CHECKING, Self

import httpx
from sqlalchemy import exc, func, select, update

from app.database import Database
from app.errors import Unavailable
from app.models import Change, User
from app.security.roles import ADMIN
from bench.feed_deliveries import SETTINGS, Deliveries
from devtools.databases import settings_for
from devtools.polling import wait_until
from devtools.postgres import PostgresServer, free_port
from devtools.serving import STARTS_WITHIN, environment, migrated, start

if TYPE_CHECKING:
    import random
    import subprocess
    from pathlib import Path
    from types import TracebackType

SETTLED_AFTER = 2.0
"""Seconds after a kill's end in which lags are still attributed to it."""


class Services:
    """Two services on one database.

    Args:
        kind: of the database: `sqlite` or `postgresql`.
        folder: for their files.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self._postgres = PostgresServer(durable=True) if kind == "postgresql" else None
        self.ports = [free_port(), free_port()]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._closing = ExitStack()
        self.disturbed: list[tuple[float, float]] = []
        """When processes were killed, and when all was well again."""
        self.committed: dict[tuple[str, int, int], float] = {}
        """When the version of a record was acknowledged, by its kind and id."""
        self.key = ""
        """An API key that may write."""

    def __enter__(self) -> Self:
        if self._postgres is not None:
            self._postgres.start()
        self.url = self._postgres.url if self._postgres else f"sqlite:///{self.folder / 'books.db'}"
        migrated(self.url)
        self.database = Database.of(settings_for(self.url, db_pool_size=20))
        for port in self.ports:
            self._start(port)
        self._wait_for_services()
        with httpx.Client(base_url=self.address(0), timeout=60, trust_env=False) as client:
            user = {"username": "writer", "password": "correct horse battery"}
            client.post("/register", json=user).raise_for_status()
            token = client.post("/auth/login", json=user).raise_for_status().json()["access_token"]
            body = {"name": "writer", "scopes": ["books:read", "books:write"]}
            bearer = {"Authorization": f"Bearer {token}"}
            self.key = client.post("/auth/keys", json=body, headers=bearer).raise_for_status().json()["key"]
            with self.database.transaction() as db:
                db.execute(update(User).values(role=ADMIN))
            self.deliveries = self._closing.enter_context(Deliveries(environment(self.url, self.folder, **SETTINGS)))
            client.post("/webhooks", json=self.deliveries.webhook, headers=bearer).raise_for_status()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        for port in self.ports:
            self._kill(port)
        self.database.engine.dispose()
        if self._postgres is not None:
            self._postgres.remove()

    def address(self, number: int) -> str:
        """The address of one of the services."""
        return f"http://127.0.0.1:{self.ports[number % len(self.ports)]}"

    def environment(self) -> dict[str, str]:
        """The environment variables of a command on the database."""
        return environment(self.url, self.folder)

    def changes(self) -> int:
        """How many changes are committed; 0 while the database is unavailable."""
        with suppress(Unavailable, exc.SQLAlchemyError), self.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(Change)) or 0)
        return 0

    def undelivered(self) -> list[int]:
        """The ids of the changes that the receiver of webhooks has not got yet."""
        with self.database.reading() as connection:
            return self.deliveries.missing(connection)

    def kill_one(self, chance: random.Random) -> None:
        """Kill a service, a deliverer or PostgreSQL with SIGKILL, and start it again."""
        began = monotonic()
        kills = [partial(self._restart, port) for port in self.ports]
        kills.append(partial(self.deliveries.kill_one, chance))
        if self._postgres is not None:
            kills.append(partial(_restart_postgres, self._postgres))
        chance.choice(kills)()
        self._wait_for_services()
        self.deliveries.revive()
        self.disturbed.append((began, monotonic() + SETTLED_AFTER))

    def was_disturbed(self, began: float, ended: float) -> bool:
        """Whether processes were being killed at some moment between these two."""
        return any(began < end and start < ended for start, end in self.disturbed)

    def revive(self) -> None:
        """Wait until all processes are well."""
        self._wait_for_services()
        self.deliveries.revive()
        sleep(SETTLED_AFTER)

    def _restart(self, port: int) -> None:
        self._kill(port)
        self._start(port)

    def _start(self, port: int) -> None:
        folder = self.folder / str(port)
        (folder / "instance").mkdir(parents=True, exist_ok=True)
        self._processes[port] = start(folder, environment(self.url, folder, port=port, db_queue=64, **SETTINGS))

    def _kill(self, port: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._processes[port].pid, signal.SIGKILL)
        self._processes[port].wait(STARTS_WITHIN)

    def _wait_for_services(self) -> None:
        wait_until(lambda: all(_is_ready(self.address(number)) for number in range(2)), within=STARTS_WITHIN)


def _restart_postgres(server: PostgresServer) -> None:
    server.kill()
    server.start()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False
