"""Counting the errors of the database."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg

from app.metrics.instruments import DB_ERRORS

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext


def count_error(context: ExceptionContext) -> None:
    """Count the error of an engine's "handle_error" event."""
    DB_ERRORS(error_name(context.original_exception)).inc()


def error_name(error: BaseException) -> str:
    """The SQLSTATE of PostgreSQL (its manual, appendix A), the name of SQLite's result code, or that of the exception.

    A connection that fails or ends without a word of the server has no SQLSTATE.
    """
    if isinstance(error, psycopg.Error):
        return error.sqlstate or "connection"
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", type(error).__name__)
    return type(error).__name__
