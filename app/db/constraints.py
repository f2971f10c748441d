"""Translation of violated constraints and database failures into domain errors, for both databases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import exc

from app.db.error_counts import count_error
from app.db.failures import failure
from app.errors import (
    AuthorHasBooks,
    AuthorMissing,
    BooksError,
    DatabaseUnavailable,
    IdempotencyKeyInUse,
    IdentityTaken,
    IdTaken,
    IsbnTaken,
    SchemaChanged,
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
    "pk_idempotency_keys": IdempotencyKeyInUse,
    "fk_books_author_id_authors": AuthorMissing,
    "fk_book_contributors_author_id_authors": AuthorHasBooks,
}


def raise_domain_error(context: ExceptionContext) -> None:
    """Listener for an engine's "handle_error" event: count the error, and translate it.

    Raises:
        BooksError: the error of the constraint, or that of the database if the statement is not the cause.
    """
    count_error(context)
    broken, original = context.sqlalchemy_exception, context.original_exception
    if isinstance(broken, exc.IntegrityError):
        error = ERROR_BY_CONSTRAINT.get(_constraint_name(original))
        if error is not None:
            raise error from original
        return
    known = failure(original)
    if known is not None:
        if isinstance(known, SchemaChanged):  # statements that are prepared on the pooled connections fail as well
            context.is_disconnect = True
        raise known from original
    if (
        isinstance(broken, exc.OperationalError | exc.InterfaceError)
        or context.is_disconnect
        or context.connection is None  # connecting failed
    ):
        raise DatabaseUnavailable from original


def _constraint_name(original: BaseException) -> str:
    """PostgreSQL reports the name; SQLite only the columns ("UNIQUE constraint failed: books.isbn")."""
    if isinstance(original, psycopg.Error):
        return original.diag.constraint_name or ""
    failed = re.findall(r"(?<=[:,] )(\w+)\.(\w+)", str(original)) if "UNIQUE constraint" in str(original) else []
    if not failed:
        return ""
    table, columns = failed[0][0], "_".join(column for _, column in failed)
    return f"pk_{table}" if columns == "id" else f"uq_{table}_{columns}"
