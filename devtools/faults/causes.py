"""How each fault is caused: context managers, which end it."""

from __future__ import annotations

import random
import resource
import sqlite3
from contextlib import closing, contextmanager
from time import sleep
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import psycopg

from app.db.engines import make_engine
from app.db.migrating import migrating
from app.db.write_guard import allow_writes, refuse_writes
from devtools.databases import settings_for
from devtools.faults.target import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.faults.pipe import LogPipe
    from devtools.faults.target import Target

BEYOND = 2**30
"""A size in bytes, larger than any file of the service."""
FULL = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END"


def _pipe(target: Target) -> LogPipe:
    assert target.pipe is not None  # noqa: S101  (the fault needs it)
    return target.pipe


@contextmanager
def log_unread(target: Target) -> Iterator[None]:
    """The reader of the log's pipe sleeps."""
    with _pipe(target).unread():
        yield


@contextmanager
def log_closed(target: Target) -> Iterator[None]:
    """The log's pipe has no reader."""
    with _pipe(target).closed():
        yield


@contextmanager
def log_full(target: Target) -> Iterator[None]:
    """The file of the log may not grow: it is as large as files may be, with a hole in it. Other files are smaller."""
    with target.log.open("ab") as log:
        log.truncate(BEYOND)
        with _limited(target, BEYOND):
            yield
        log.truncate(0)


@contextmanager
def disk_full(target: Target) -> Iterator[None]:
    """No file of the database can grow. For PostgreSQL a trigger reports it in place of the disk."""
    if target.kind == "sqlite":
        with _limited(target, 0):
            yield
        return
    with psycopg.connect(target.url, autocommit=True) as connection:
        connection.execute(f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $${FULL}$$".encode())
        connection.execute("CREATE TRIGGER fails BEFORE INSERT ON authors FOR EACH ROW EXECUTE FUNCTION fail()")
        yield
        connection.execute("DROP TRIGGER fails ON authors")
        connection.execute("DROP FUNCTION fail()")


@contextmanager
def _limited(target: Target, size: int) -> Iterator[None]:
    """No process of the service can make a file grow beyond a size in bytes (setrlimit, RLIMIT_FSIZE)."""
    workers = target.workers()
    before = [worker.rlimit(resource.RLIMIT_FSIZE) for worker in workers]
    for worker, (_, most) in zip(workers, before, strict=True):
        worker.rlimit(resource.RLIMIT_FSIZE, (size, most))
    yield
    for worker, limits in zip(workers, before, strict=True):
        worker.rlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def worker_killed(target: Target) -> Iterator[None]:
    """SIGKILL of one worker."""
    random.choice(target.workers()).kill()  # noqa: S311  (not for secrets)
    yield


@contextmanager
def workers_killed(target: Target) -> Iterator[None]:
    """SIGKILL of both workers, half a second apart."""
    for worker in target.workers():
        worker.kill()
        sleep(0.5)
    yield


@contextmanager
def service_killed(target: Target) -> Iterator[None]:
    """SIGKILL of all processes of the service; then it is started."""
    target.kill()
    yield
    target.start()


@contextmanager
def worker_stopped(target: Target) -> Iterator[None]:
    """SIGSTOP of a worker, for good."""
    target.workers()[0].suspend()
    yield


@contextmanager
def worker_paused(target: Target) -> Iterator[None]:
    """SIGSTOP of a worker, and SIGCONT."""
    worker = target.workers()[0]
    worker.suspend()
    yield
    worker.resume()


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


@contextmanager
def migration_running(target: Target) -> Iterator[None]:
    """Another process migrates the database, and refuses writes meanwhile."""
    engine = make_engine(settings_for(target.url))
    try:
        with migrating(engine) as connection:
            with connection.begin():
                refuse_writes(connection)
            yield
            with connection.begin():
                allow_writes(connection)
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
    with closing(sqlite3.connect(target.file, timeout=60)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with target.file.open("r+b") as file:
        header = file.read(16)
        file.seek(0)
        file.write(bytes(16))
        file.flush()
        yield
        file.seek(0)
        file.write(header)


@contextmanager
def log_of_file_deleted(target: Target) -> Iterator[None]:
    """The write-ahead log of SQLite's file is deleted."""
    target.file.with_name(f"{target.file.name}-wal").unlink()
    yield
