"""Locks that stand for more than a row.

They are PostgreSQL's advisory locks, held until the commit; on SQLite there is one writer at a time, and nothing to
hold. Whoever takes several takes them in this order: BATCHES, NAMES, those of ids. So no two wait for each other.
ADMINS comes before the rows of users, and goes with none of those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

NAMES = "names"
"""Names that stand in documents of other records: shared by who writes such a document, held alone by who changes a
name, so that no document is written with a name that is being changed."""
BATCHES = "batches"
"""Held alone by who writes many books in one transaction: two such could wait for each other's books for ever."""
ADMINS = "admins"
"""Held alone by an admin who does something about users: of two who take the last admins away, one comes too late; and
who was taken away finds that out."""

_SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtext('books-api'), hashtext(:name))")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('books-api'), hashtext(:name))")

# What is new and not yet committed is a lock as well: whoever names it too waits. With it the order is BATCHES, NAMES,
# the rows of books by id, new genres, ids, new ISBNs, new words of search.


def lock_shared(connection: Connection | Session, name: str) -> None:
    """Keep out whoever wants the lock alone."""
    _take(connection, _SHARE, name)


def lock_exclusive(connection: Connection | Session, name: str) -> None:
    """Wait for all who share the lock, and keep everybody out."""
    _take(connection, _ALONE, name)


def _take(connection: Connection | Session, statement: object, name: str) -> None:
    engine = connection.get_bind() if hasattr(connection, "get_bind") else connection
    if engine.dialect.name == "postgresql":
        connection.execute(statement, {"name": name})  # type: ignore[call-overload]
