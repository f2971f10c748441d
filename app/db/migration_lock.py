"""The lock that lets only one process migrate a database at a time."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Protocol

import psycopg

from app.db.migration_report import say
from app.errors import DatabaseMigrating, DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

WAIT = 1800.0
"""Seconds that a migration waits for another, unless a setting says otherwise."""
SECONDS_BETWEEN_TRIES = 0.5
SECONDS_BETWEEN_LINES = 10.0

KEY = "hashtext('books-api'), hashtext('migrations')"
TRY = f"SELECT pg_try_advisory_xact_lock({KEY})"
HOLDER = """
    SELECT 'process ' || pid || ' of PostgreSQL (' || application_name || coalesce(', from ' || host(client_addr), '')
        || '), connected since ' || to_char(backend_start AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' UTC'
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint = hashtext('books-api')::bigint & 4294967295
        AND objid::bigint = hashtext('migrations')::bigint & 4294967295
"""
"""Who has the lock; PostgreSQL shows the two keys as unsigned numbers."""


class MigrationLock(Protocol):
    """The lock of one database."""

    def take(self) -> bool:
        """Take it, if it is free."""

    def holder(self) -> str:
        """The process that has it."""

    def require(self) -> None:
        """Check that it was not lost.

        Raises:
            DatabaseUnavailable: the connection that has it ended.
        """

    def release(self) -> None:
        """Release it, or give up waiting."""


class AdvisoryLock:
    """An advisory lock of PostgreSQL, in a transaction on a connection of its own.

    A session's lock would do as well, but PgBouncer gives the transactions of one session to different connections. The
    transaction does not hinder VACUUM, since it has neither a snapshot nor an id.
    """

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool.recreate()  # the engine's own pool may have a single connection
        fairy = self._pool.connect()
        self._fairy = fairy
        self._driver: psycopg.Connection[tuple[object]] = fairy.driver_connection  # type: ignore[assignment]  # psycopg's
        self._driver.execute("SET LOCAL idle_in_transaction_session_timeout = 0")

    def take(self) -> bool:
        """Take it, if it is free."""
        return bool(self._value(TRY))

    def holder(self) -> str:
        """The process that has it."""
        return str(self._value(HOLDER) or "a process that has just ended")

    def require(self) -> None:
        """Check that the connection still exists."""
        try:
            self._value("SELECT 1")
        except psycopg.OperationalError as error:
            msg = "the connection with the lock of migrations ended; run the command again"
            raise DatabaseUnavailable(msg) from error

    def release(self) -> None:
        """End the transaction."""
        with suppress(psycopg.Error):
            self._driver.rollback()
        self._fairy.close()
        self._pool.dispose()

    def _value(self, query: str) -> object:
        row = self._driver.execute(query.encode()).fetchone()
        return None if row is None else row[0]


@dataclass
class FileLock:
    """A locked file beside that of SQLite. Its lock ends with the process, so a file that remains blocks no other."""

    path: Path
    _file: int | None = None

    def take(self) -> bool:
        """Take it, if it is free."""
        file = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = os.fstat(file).st_ino == self.path.stat().st_ino  # not deleted by the process that had it
        except (BlockingIOError, FileNotFoundError):
            taken = False
        if not taken:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        now = f"{datetime.now(UTC):%H:%M:%S} UTC"
        os.write(file, f"process {os.getpid()} on {socket.gethostname()}, since {now}".encode())
        self._file = file
        return True

    def holder(self) -> str:
        """The process that has it."""
        with suppress(OSError):
            return self.path.read_text() or "another process"
        return "another process"

    def require(self) -> None:
        """It cannot be lost."""

    def release(self) -> None:
        """Delete the file, and close it."""
        if self._file is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._file)


class NoLock:
    """For a database that only this process can open."""

    def take(self) -> bool:
        """It is always free."""
        return True

    def holder(self) -> str:
        """No process."""
        return ""

    def require(self) -> None:
        """It cannot be lost."""

    def release(self) -> None:
        """There is nothing to release."""


@contextmanager
def one_at_a_time(engine: Engine, wait: float = WAIT) -> Iterator[MigrationLock]:
    """Migrate alone, after waiting for another process that migrates the same database.

    Args:
        engine: of the database.
        wait: the seconds after which it gives up.

    Raises:
        DatabaseMigrating: the other process has not finished in time; the message says which it is.
        DatabaseUnavailable: the database cannot be reached.
    """
    try:
        lock = _lock_of(engine)
    except psycopg.Error as error:
        raise DatabaseUnavailable from error
    try:
        _wait_for(lock, wait)
        yield lock
    finally:
        lock.release()


def _wait_for(lock: MigrationLock, wait: float) -> None:
    began = monotonic()
    next_line = began
    while not _taken(lock):
        now = monotonic()
        if now - began > wait:
            msg = f"another migration of this database is still running after {wait:g} seconds: {lock.holder()}"
            raise DatabaseMigrating(msg)
        if now >= next_line:
            say(f"waiting for another migration of this database: {lock.holder()}")
            next_line = now + SECONDS_BETWEEN_LINES
        sleep(min(SECONDS_BETWEEN_TRIES, wait))


def _taken(lock: MigrationLock) -> bool:
    try:
        return lock.take()
    except (OSError, psycopg.Error) as error:
        raise DatabaseUnavailable from error


def _lock_of(engine: Engine) -> MigrationLock:
    if engine.dialect.name == "postgresql":
        return AdvisoryLock(engine)
    path = engine.url.database or ""
    return FileLock(lock_file(path)) if path and not path.startswith("file:") else NoLock()


def lock_file(database: str) -> Path:
    """The file that is locked while the SQLite database of this path is migrated."""
    return Path(f"{database}.migrating")


def is_migrated_by_another(connection: Connection) -> bool:
    """Whether a process has the lock at the moment."""
    if connection.dialect.name == "postgresql":
        return connection.exec_driver_sql(HOLDER).first() is not None
    path = lock_file(connection.engine.url.database or "")
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
