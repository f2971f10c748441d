"""Engines whose connections belong to a watched SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakMethod

from sqlalchemy import event, exc

from app.db.failures import failure
from app.db.sqlite_connections import WatchedConnection, set_up
from app.errors import DatabaseCorrupt

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
    from sqlalchemy.pool import ConnectionPoolEntry

    from app.db.sqlite_file import DatabaseFile

LOOKS_EVERY = 1.0
"""Seconds between two looks at a file that is not in use."""

_files: WeakKeyDictionary[Engine, DatabaseFile] = WeakKeyDictionary()


def file_of(engine: Engine) -> DatabaseFile | None:
    """The file of an engine; None for PostgreSQL."""
    return _files.get(engine)


def watch_always(file: DatabaseFile) -> None:
    """Look at a file every second, whether it is in use or not. It never returns."""
    while True:
        sleep(LOOKS_EVERY)
        with suppress(Exception):  # the next look may succeed; requests report what they meet
            file.watch()


def watch_file(engine: Engine, file: DatabaseFile) -> None:
    """Let the connections of an engine notice what happens to their file.

    A URL with `uri=true`, which may name anything, is left to SQLite.
    """
    _files[engine] = file
    file.close_idle.append(WeakMethod(engine.dispose))
    _connect_to(engine, file)
    _leave_what_is_outdated(engine, file)

    def note_damage(context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, sqlite3.Error) and isinstance(failure(error), DatabaseCorrupt):
            file.suspect()

    event.listen(engine, "handle_error", note_damage, insert=True)  # before the error is translated


def _connect_to(engine: Engine, file: DatabaseFile) -> None:

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: Dialect, _entry: ConnectionPoolEntry, arguments: list[Any], options: dict[str, Any]
    ) -> sqlite3.Connection:
        if not options.get("uri"):
            return file.connect(arguments, options)
        connection: sqlite3.Connection = sqlite3.connect(*arguments, **options)
        set_up(connection)
        return connection

    @event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # which SQLAlchemy has just set


def _leave_what_is_outdated(engine: Engine, file: DatabaseFile) -> None:
    @event.listens_for(engine, "checkout")
    def replace_unusable(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _fairy: object) -> None:
        if isinstance(connection, WatchedConnection):
            connection.is_in_use = True
            if not file.is_usable(connection):
                raise exc.DisconnectionError

    @event.listens_for(engine, "checkin")
    def close_outdated(connection: DBAPIConnection | None, _entry: ConnectionPoolEntry) -> None:
        if isinstance(connection, WatchedConnection):
            connection.is_in_use = False
            if file.is_outdated(connection):
                connection.close()
