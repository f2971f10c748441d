"""Failures of the database itself, classified by what its driver reports."""

from __future__ import annotations

import re
import sqlite3

import psycopg

from app.db.write_guard import MARK, MIGRATING
from app.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseFull,
    DatabaseMigrating,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseReplaced,
    QueryTooSlow,
    SchemaChanged,
    Unavailable,
)

PRIMARY = 0xFF
"""The bits of an SQLite result code that are the primary one; the others say more (sqlite.org/rescode.html)."""
BY_SQLITE_CODE: dict[int, type[Unavailable]] = {
    sqlite3.SQLITE_INTERRUPT: QueryTooSlow,
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_CORRUPT: DatabaseCorrupt,
    sqlite3.SQLITE_NOTADB: DatabaseCorrupt,
    sqlite3.SQLITE_READONLY_DBMOVED: DatabaseMissing,
    sqlite3.SQLITE_IOERR_SHORT_READ: DatabaseCorrupt,
}
"""Extended codes come before primary ones. A read that is too short is that of a file which was truncated."""
OTHER_SCHEMA = re.compile(r"no such (table|column)|has no column named")
"""Messages of SQLite about a schema that the service does not know, all of which have the code `SQLITE_ERROR`."""
OTHER_TYPES = "cached plan must not change result type"
"""PostgreSQL's message, with the code of any feature that is not supported, for a column whose type has changed."""
NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
"""PostgreSQL's message. libpq gives no SQLSTATE (3D000) for a connection that could not be made."""
BY_POSTGRES_ERROR: dict[type[psycopg.Error], type[Unavailable]] = {
    psycopg.errors.QueryCanceled: QueryTooSlow,
    psycopg.errors.LockNotAvailable: DatabaseBusy,
    psycopg.errors.DeadlockDetected: DatabaseBusy,  # such as with a migration, which locks table after table
    psycopg.errors.SerializationFailure: DatabaseBusy,
    psycopg.errors.DiskFull: DatabaseFull,
    psycopg.errors.DataCorrupted: DatabaseCorrupt,
    psycopg.errors.IndexCorrupted: DatabaseCorrupt,
    psycopg.errors.UndefinedFile: DatabaseCorrupt,  # of a table, in the server's data directory
    psycopg.errors.UndefinedTable: SchemaChanged,
    psycopg.errors.UndefinedColumn: SchemaChanged,
    psycopg.errors.InvalidCatalogName: DatabaseMissing,
}


class FileMissing(sqlite3.OperationalError):
    """There is no database file under its name."""


class FileReplaced(sqlite3.OperationalError):
    """Another file has the name of the one that is open, or of one of its companions."""


class FileDamaged(sqlite3.DatabaseError):
    """The file is shorter than its content."""


BY_FILE_ERROR: dict[type[sqlite3.Error], type[Unavailable]] = {
    FileMissing: DatabaseMissing,
    FileReplaced: DatabaseReplaced,
    FileDamaged: DatabaseCorrupt,
}


def failure(error: BaseException) -> Unavailable | None:
    """The domain error of what a driver reports; None if it is no failure of the database that is known here."""
    if isinstance(error, psycopg.Error):
        kind = BY_POSTGRES_ERROR.get(type(error)) or _of_postgres_message(str(error))
    elif isinstance(error, sqlite3.Error):
        kind = BY_FILE_ERROR.get(type(error)) or _of_sqlite(error)
    else:
        return None
    return None if kind is None else kind()


def _of_postgres_message(message: str) -> type[Unavailable] | None:
    if NO_DATABASE.search(message):
        return DatabaseMissing
    if OTHER_TYPES in message:
        return SchemaChanged
    return DatabaseMigrating if MIGRATING in message else None


def _of_sqlite(error: sqlite3.Error) -> type[Unavailable] | None:
    code: int = getattr(error, "sqlite_errorcode", 0)  # errors of the driver itself have none
    if MARK in str(error):
        return DatabaseMigrating
    if code == sqlite3.SQLITE_ERROR and OTHER_SCHEMA.search(str(error)):
        return SchemaChanged
    return BY_SQLITE_CODE.get(code) or BY_SQLITE_CODE.get(code & PRIMARY)
