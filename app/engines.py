"""Engines for the two databases, with what each needs to be told."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL

from app.referee import name_broken_constraint
from app.settings import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from app.settings import Settings

POSTGRES_DRIVERS = {"postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"}
SQLITE_DRIVERS = {"sqlite", "sqlite+pysqlite"}
IDLE_BEFORE_PING = 1.0
"""Seconds after which a pooled connection is asked whether it still lives: a busy one need not be asked."""


def database_url(text: str) -> URL:
    """The URL with the driver that this service uses: psycopg 3, whatever the URL names.

    Raises:
        SettingsError: not a URL, or of another kind of database.
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


def make_engine(settings: Settings) -> Engine:
    """An engine for the database that the settings name. Nothing is connected yet.

    Raises:
        SettingsError: the URL cannot be used.
    """
    url = database_url(settings.database_url)
    engine = _sqlite_engine(url, settings) if url.drivername == "sqlite" else _postgres_engine(url, settings)
    event.listen(engine, "handle_error", name_broken_constraint)
    return engine


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "hide_parameters": True,  # an error in the log must not show what somebody entrusted to us
        "pool_size": settings.db_pool_size,
        "max_overflow": settings.db_max_overflow,
        "pool_timeout": settings.db_pool_timeout,
    }


def _postgres_engine(url: URL, settings: Settings) -> Engine:
    connect_args: dict[str, Any] = {
        "connect_timeout": settings.db_connect_timeout,
        "application_name": "books-api",
    }
    if settings.db_prepare_statements:
        # No JIT: its compiling costs more than any read here takes.
        connect_args["options"] = f"-c lock_timeout={round(settings.db_lock_timeout * 1000)} -c jit=off -c TimeZone=UTC"
    else:  # for PgBouncer, which refuses `options`, too
        connect_args["prepare_threshold"] = None
    engine = create_engine(url, connect_args=connect_args, **_options(settings))

    @event.listens_for(engine, "checkin")
    def note_the_time(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def ping_what_was_idle(connection: DBAPIConnection, entry: ConnectionPoolEntry, _fairy: object) -> None:
        """Replace what died while idle, without the round trip that pool_pre_ping costs on every request."""
        if monotonic() - entry.info.get("idle_since", monotonic()) < IDLE_BEFORE_PING:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise exc.DisconnectionError from error

    return engine


def _sqlite_engine(url: URL, settings: Settings) -> Engine:
    if url.database in {None, "", ":memory:"}:
        # Several connections cannot share a real :memory: database and wait for each other; see docs/decisions.
        url = url.set(database=str(_passing_file()))
    engine = create_engine(
        url, connect_args={"timeout": settings.db_lock_timeout, "check_same_thread": False}, **_options(settings)
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: "begin" below does
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged write survives a loss of power
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """Writers begin as writers: of 200 concurrent read-then-write transactions plain BEGIN locked out 182."""
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")

    return engine


def _passing_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="books-api-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "books.db"
