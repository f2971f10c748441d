"""Pruning of the change log: what is older than the operator keeps is deleted, the oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select

from app.models import Batch, Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.database import Database

AT_ONCE = 2_000
"""Changes that one transaction deletes: some ten milliseconds, for which writers wait on SQLite."""


def prune_changes(database: Database, before: datetime, progress: Callable[[int], object] = int) -> int:
    """Delete the changes that were made before a time, and batches that have none left.

    The feed keeps no gaps: only its beginning is deleted, up to the first change that is kept, and never its last
    change, from which the positions go on. Followers that have not seen what is deleted get a 410.

    Args:
        database: may be in use.
        before: changes at this time or later are kept.
        progress: called with the number of changes that were deleted, after each transaction.

    Returns: how many were deleted.
    """
    with database.reading() as connection:
        last = connection.scalar(select(func.max(Change.position))) or 0
        kept = select(func.min(Change.position)).where(Change.at >= before, Change.position.is_not(None))
        end = min(connection.scalar(kept) or last, last)
        first = connection.scalar(select(func.min(Change.position))) or last
    pruned = 0
    while first < end:
        upto = min(first + AT_ONCE, end)
        with database.transaction() as db:
            done = delete(Change).where(Change.position >= first, Change.position < upto).returning(Change.id)
            pruned += len(db.scalars(done).all())
        progress(upto - first)
        first = upto
    with database.transaction() as db:
        empty = Batch.at < before, ~exists().where(Change.batch_id == Batch.id, Change.batch_id.is_not(None))
        db.execute(delete(Batch).where(*empty))
    return pruned
