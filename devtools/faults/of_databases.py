"""Faults of the database: context managers, which end what they cause."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import psycopg
from sqlalchemy.exc import DBAPIError

from app.db.engines import make_engine
from app.db.migrating import migrating
from app.db.write_guard import allow_writes, refuse_writes
from app.errors import DatabaseUnavailable
from devtools.databases import settings_for
from devtools.faults.target import DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from devtools.faults.target import Target

ATTEMPTS = 10
"""How often a lock is tried, each time for as long as a migration waits for one."""


@contextmanager
def locked(target: Target) -> Iterator[None]:
    """Another program has SQLite's file locked for writing, or PostgreSQL's tables for everything."""
    if target.kind == "sqlite":
        with closing(sqlite3.connect(target.file, isolation_level=None, timeout=60)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(target.url) as connection:
        connection.execute("LOCK TABLE authors, books")
        yield
        connection.rollback()


def _retry_until_done(connection: Connection, step: Callable[[Connection], None]) -> None:
    """Repeat a step whose lock is not available because of the load, as a migration does."""
    for attempt in range(ATTEMPTS):
        try:
            with connection.begin():
                step(connection)
        except (DBAPIError, DatabaseUnavailable):
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return


@contextmanager
def migration_running(target: Target) -> Iterator[None]:
    """Another process migrates the database, and refuses writes meanwhile."""
    engine = make_engine(settings_for(target.url))
    try:
        with migrating(engine) as connection:
            _retry_until_done(connection, refuse_writes)
            yield
            _retry_until_done(connection, allow_writes)
    finally:
        engine.dispose()


@contextmanager
def postgres_silent(target: Target) -> Iterator[None]:
    """SIGSTOP of all processes of PostgreSQL."""
    with target.postgres.silent():
        yield


@contextmanager
def postgres_read_only(target: Target) -> Iterator[None]:
    """PostgreSQL refuses writes, as a standby does."""
    target.administer("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    yield
    target.administer("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")


@contextmanager
def postgres_killed(target: Target) -> Iterator[None]:
    """SIGKILL of all processes of PostgreSQL; then it is started."""
    target.postgres.kill()
    yield
    target.postgres.start()


@contextmanager
def backend_killed(target: Target) -> Iterator[None]:
    """SIGKILL of the process of one of the service's connections: PostgreSQL ends all others, and recovers."""
    query = f"SELECT pid FROM pg_stat_activity WHERE datname = '{DATABASE}' AND backend_type = 'client backend'"  # noqa: S608  (our own name)
    with psycopg.connect(target.postgres.url) as connection:
        pids = [pid for (pid,) in connection.execute(query.encode())]
    psutil.Process(random.choice(pids)).kill()  # noqa: S311  (not for secrets)
    yield


@contextmanager
def database_renamed(target: Target) -> Iterator[None]:
    """The database has another name."""
    target.administer(
        f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{DATABASE}'",  # noqa: S608  (our own name)
        f"ALTER DATABASE {DATABASE} RENAME TO renamed",
    )
    yield
    target.administer(
        f"ALTER DATABASE renamed RENAME TO {DATABASE}", f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS true"
    )


@contextmanager
def file_moved(target: Target) -> Iterator[None]:
    """The file of SQLite has another name."""
    elsewhere = target.file.with_name("elsewhere.db")
    target.file.rename(elsewhere)
    yield
    elsewhere.rename(target.file)


@contextmanager
def file_replaced(target: Target) -> Iterator[None]:
    """A backup is moved over the file of SQLite, while the service runs."""
    copy = target.file.with_name("copy.db")
    with closing(sqlite3.connect(target.file)) as source, closing(sqlite3.connect(copy)) as backup:
        source.backup(backup)
    copy.replace(target.file)
    yield


@contextmanager
def file_damaged(target: Target) -> Iterator[None]:
    """The header of SQLite's file is overwritten, and then restored; the write-ahead log has no copy of it."""
    with target.file.open("r+b") as file:
        header = file.read(16)
        with closing(sqlite3.connect(target.file, timeout=60, isolation_level=None)) as connection:
            _empty_log_and_lock(connection, target.file)
            file.seek(0)
            file.write(bytes(16))
            file.flush()
        yield
        file.seek(0)
        file.write(header)


def _empty_log_and_lock(connection: sqlite3.Connection, path: Path) -> None:
    """Checkpoint the write-ahead log, and begin a transaction in which no other writes to it."""
    while True:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        if not path.with_name(f"{path.name}-wal").stat().st_size:
            return
        connection.execute("ROLLBACK")


@contextmanager
def log_of_file_deleted(target: Target) -> Iterator[None]:
    """The write-ahead log of SQLite's file is deleted."""
    target.file.with_name(f"{target.file.name}-wal").unlink()
    yield
