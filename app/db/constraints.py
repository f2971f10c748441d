"""Translation of violated constraints and database failures into domain errors, for both databases."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import exc

from app.db.error_counts import count_error
from app.db.write_guard import MARK, REFUSAL
from app.errors import (
    AuthorHasBooks,
    AuthorMissing,
    BooksError,
    DatabaseBusy,
    DatabaseMigrating,
    DatabaseUnavailable,
    IdentityTaken,
    IdTaken,
    IsbnTaken,
    QueryTooSlow,
    SchemaChanged,
    Unavailable,
    UsernameTaken,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext

ERROR_BY_CONSTRAINT: dict[str, type[BooksError]] = {
    "pk_books": IdTaken,
    "pk_authors": IdTaken,
    "uq_books_isbn": IsbnTaken,
    "uq_users_username_key": UsernameTaken,
    "uq_identities_issuer_subject": IdentityTaken,
    "fk_books_author_id_authors": AuthorMissing,
    "fk_book_contributors_author_id_authors": AuthorHasBooks,
}


MISSING = ("no such table", "no such column", "has no column named")
"""Messages of SQLite about a schema that is not as expected."""


def raise_domain_error(context: ExceptionContext) -> None:
    """Listener for an engine's "handle_error" event: count the error, and translate it.

    Raises:
        BooksError: the error of the constraint, or Unavailable (DatabaseUnavailable, SchemaChanged, …) if the statement
            is not the cause.
    """
    count_error(context)
    broken, original = context.sqlalchemy_exception, context.original_exception
    if isinstance(broken, exc.IntegrityError):
        error = ERROR_BY_CONSTRAINT.get(_constraint_name(original))
        if error is not None:
            raise error from original
    elif _schema_changed(original):
        context.is_disconnect = True  # statements that are prepared on the pooled connections would fail as well
        raise SchemaChanged from original
    elif (
        isinstance(broken, exc.OperationalError | exc.InterfaceError)
        or context.is_disconnect
        or context.connection is None  # connecting failed
    ):
        raise _unavailable(original) from original


def _schema_changed(original: BaseException) -> bool:
    """Whether a table, a column or the type of a column is not as the program expects."""
    match original:
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedColumn():
            return True
        case psycopg.errors.FeatureNotSupported():
            return "cached plan" in str(original)
        case sqlite3.OperationalError(sqlite_errorcode=sqlite3.SQLITE_ERROR):
            return any(phrase in str(original) for phrase in MISSING)
    return False


def _unavailable(original: BaseException) -> Unavailable:
    if REFUSAL in str(original) or MARK in str(original):  # by the guard of a migration
        return DatabaseMigrating()
    match original:
        case psycopg.errors.QueryCanceled() | sqlite3.OperationalError(sqlite_errorcode=sqlite3.SQLITE_INTERRUPT):
            return QueryTooSlow()
        case psycopg.errors.LockNotAvailable() | sqlite3.OperationalError(sqlite_errorcode=sqlite3.SQLITE_BUSY):
            return DatabaseBusy()
    return DatabaseUnavailable()


def _constraint_name(original: BaseException) -> str:
    """PostgreSQL reports the name; SQLite only the columns ("UNIQUE constraint failed: books.isbn")."""
    if isinstance(original, psycopg.Error):
        return original.diag.constraint_name or ""
    failed = re.findall(r"(?<=[:,] )(\w+)\.(\w+)", str(original)) if "UNIQUE constraint" in str(original) else []
    if not failed:
        return ""
    table, columns = failed[0][0], "_".join(column for _, column in failed)
    return f"pk_{table}" if columns == "id" else f"uq_{table}_{columns}"
