"""Engines for PostgreSQL and SQLite, with the options that each needs."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL

from app.db.connection_pools import ping_idle_connections, pool_options
from app.db.constraints import raise_domain_error
from app.db.copying import execute_or_copy
from app.db.deferred_writes import send_in_time
from app.db.error_messages import forget_values
from app.db.failover import for_readers, leave_read_only_server
from app.db.locks import SHARED
from app.db.response_timeouts import KEEPALIVES, give_up_on_silence
from app.db.sqlite_engines import file_of, watch_file
from app.db.sqlite_file import DatabaseFile
from app.db.statement_times import are_measured, measure
from app.db.transaction_notes import forget_with_transaction
from app.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from app.settings import Settings

POSTGRES_DRIVERS = {"postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"}
SQLITE_DRIVERS = {"sqlite", "sqlite+pysqlite"}
READERS_WAIT = 2.0
"""Seconds that a reader waits for a lock. On PostgreSQL only schema changes block readers, and they take less."""
READING = " -c default_transaction_read_only=on -c enable_seqscan=off"
"""PostgreSQL parameters for readers. No read needs a sequential scan, but wrong estimates would choose one."""
ANSWERS_WITHIN = 2.0
"""Seconds that PostgreSQL may take to report that a statement was cancelled."""
STEPS = 100_000
"""Steps of SQLite's virtual machine between two checks of the time: a few milliseconds without the GIL."""
MANY = 10
"""Connections of an engine outside the service, such as a script's."""


def database_url(text: str) -> URL:
    """The URL with the driver that this service uses: psycopg 3, even if the URL names another.

    Raises:
        SettingsError: it is not a URL, or names another kind of database.
    """
    try:
        url = make_url(text)
    except exc.ArgumentError:
        msg = "DATABASE_URL is not a database URL, such as postgresql://user:password@localhost:5432/books"
        raise SettingsError(msg) from None
    if url.drivername in POSTGRES_DRIVERS:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in SQLITE_DRIVERS:
        return url.set(drivername="sqlite")
    msg = f"DATABASE_URL: {url.drivername} is not supported; use postgresql:// or sqlite:///"
    raise SettingsError(msg)


def make_engine(settings: Settings, connections: int = MANY) -> Engine:
    """An engine for writes, scripts and migrations, without a statement timeout. It does not connect yet.

    Raises:
        SettingsError: the URL cannot be used.
    """
    url = database_url(settings.database_url)
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        # Several connections cannot share a real :memory: database and wait for each other; see docs/decisions.
        url = url.set(database=str(_temporary_database()))
    engine = _engine(url, settings, connections, {"lock_timeout": settings.db_lock_timeout})
    if url.drivername == "sqlite":
        file = DatabaseFile(str(url.database))
        watch_file(engine, file)
        # For this engine only: such an event makes each use of a connection cost 100 µs more.
        event.listen(engine, "engine_disposed", lambda _engine: file.close())
        _lock_when_writers_begin(engine, settings.db_lock_timeout)
    else:
        event.listen(engine, "begin", _limit_the_wait)
        event.listen(engine, "handle_error", leave_read_only_server)
        event.listen(engine, "do_execute", execute_or_copy)
        send_in_time(engine)
        forget_with_transaction(engine, SHARED)
    return engine


def make_reading_engine(writing: Engine, settings: Settings, connections: int) -> Engine:
    """An engine for reads on the database of one for writes, in AUTOCOMMIT and with a statement timeout.

    AUTOCOMMIT saves two round trips per read, and psycopg drops prepared statements on ROLLBACK.
    """
    limits = {"lock_timeout": min(READERS_WAIT, settings.db_lock_timeout)}
    limit = settings.db_statement_timeout
    engine = _engine(
        for_readers(writing.url),
        settings,
        connections,
        limits | ({"statement_timeout": limit} if limit else {}),
        parameters=READING,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
    )
    file = file_of(writing)
    if file is not None:
        watch_file(engine, file)
        event.listen(engine, "connect", lambda connection, _entry: connection.execute("PRAGMA query_only = ON"))
        if limit:
            _interrupt_what_takes_longer(engine, limit)
    return engine


@contextmanager
def transaction_without_waiting(engine: Engine) -> Iterator[Connection]:
    """A transaction that fails at once instead of waiting for a lock.

    Raises:
        DatabaseUnavailable: a lock is not available.
    """
    with engine.execution_options(writes=True, lock_timeout=0).connect() as connection, connection.begin():
        yield connection


def _engine(
    url: URL,
    settings: Settings,
    connections: int,
    timeouts: dict[str, float],
    parameters: str = "",
    **options: Any,  # noqa: ANN401  (SQLAlchemy's)
) -> Engine:
    options |= pool_options(settings, connections)
    options["hide_parameters"] = True  # errors in the log must not reveal personal data
    if url.drivername == "sqlite":
        engine = create_engine(
            url, connect_args={"timeout": timeouts["lock_timeout"], "check_same_thread": False}, **options
        )
    else:
        engine = _postgres_engine(url, settings, timeouts, parameters, options)
    if are_measured(settings):
        measure(engine)
    event.listen(engine, "handle_error", forget_values)
    event.listen(engine, "handle_error", raise_domain_error)
    return engine


def _postgres_engine(
    url: URL, settings: Settings, timeouts: dict[str, float], parameters: str, options: dict[str, Any]
) -> Engine:
    connect_args: dict[str, Any] = {
        "connect_timeout": settings.db_connect_timeout,
        "application_name": "books-api",
        **KEEPALIVES,
    }
    if settings.db_prepare_statements:
        limits = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in timeouts.items())
        # No JIT: compiling takes longer than any query here.
        connect_args["options"] = f"{limits} -c jit=off -c TimeZone=UTC{parameters}"
    else:  # for PgBouncer, which also rejects `options`
        connect_args["prepare_threshold"] = None
    engine = create_engine(url, connect_args=connect_args, **options)
    give_up_on_silence(engine, timeouts.get("statement_timeout", settings.db_silence_timeout) + ANSWERS_WITHIN)
    ping_idle_connections(engine)
    return engine


def _lock_when_writers_begin(engine: Engine, usual: float) -> None:
    """Lock SQLite for writing at BEGIN: plain BEGIN locked out 182 of 200 concurrent read-then-write transactions.

    Args:
        engine: for writes.
        usual: the seconds to wait for the lock, unless the transaction's option `lock_timeout` has fewer.
    """

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return
        seconds = options.get("lock_timeout", usual)
        if connection.info.get("lock_timeout", usual) != seconds:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
            connection.info["lock_timeout"] = seconds
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _limit_the_wait(connection: Connection) -> None:
    """Let a transaction on PostgreSQL wait for locks no longer than its option `lock_timeout` says."""
    seconds = connection.get_execution_options().get("lock_timeout")
    if seconds is not None:  # in milliseconds; 0 would mean no limit
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(round(seconds * 1000), 1)}")


def _interrupt_what_takes_longer(engine: Engine, seconds: float) -> None:
    """Limit the time of each read on SQLite, whose progress handler decides every few steps whether to continue."""

    @event.listens_for(engine, "connect")
    def watch(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        connection.set_progress_handler(lambda: monotonic() > entry.info.get("ends_at", inf), STEPS)

    @event.listens_for(engine, "checkout")
    def begin(_connection: DBAPIConnection, entry: ConnectionPoolEntry, _fairy: object) -> None:
        entry.info["ends_at"] = monotonic() + seconds


def _temporary_database() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="books-api-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "books.db"
