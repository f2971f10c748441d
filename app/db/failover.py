"""PostgreSQL servers that became read-only, as after a failover, and those that take their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from app.errors import DatabaseReadOnly

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine import ExceptionContext


def is_read_only(connection: Connection) -> bool:
    """Whether the server refuses the writes of this transaction. SQLite refuses the transaction itself."""
    if connection.dialect.name == "sqlite":
        return False
    return bool(connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on")


def leave_read_only_server(context: ExceptionContext) -> None:
    """Listener for the "handle_error" event of an engine for writes: connect again after a refused write.

    With several hosts in `DATABASE_URL` and `target_session_attrs`, the next connection is to the new primary.

    Raises:
        DatabaseReadOnly: the transaction was read-only (SQLSTATE 25006).
    """
    if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction):
        context.is_disconnect = True
        raise DatabaseReadOnly from context.original_exception


def for_readers(url: URL) -> URL:
    """The URL of connections for reads. Those are read-only, and so would never be at a `read-write` server."""
    if url.query.get("target_session_attrs") == "read-write":
        return url.update_query_dict({"target_session_attrs": "primary"})
    return url
