"""The quota of an account: how many records that it added may exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, union_all

from app.db.locks import lock_exclusive
from app.errors import QuotaReached
from app.models import Author, Book

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.security.identity import Principal


class Quota:
    """The records that a member may still add in this transaction. Admins, and services without a quota, have no limit.

    Create it before the transaction takes any other lock: the creations of one member wait for each other, since two at
    the same moment could both count what was there before.
    """

    def __init__(self, db: Session, principal: Principal, most: int | None) -> None:
        """Args: most: the quota; None if there is none."""
        self._left: int | None = None
        if most is None or principal.is_admin:
            return
        lock_exclusive(db, f"quota of {principal.id}")
        own = [select(table.id).where(table.created_by == principal.id).limit(most) for table in (Book, Author)]
        rows = union_all(*(select(some.subquery()) for some in own)).subquery()
        self._left = max(0, most - (db.scalar(select(func.count()).select_from(rows)) or 0))

    def require_room(self) -> None:
        """Check that the member may add a record.

        Raises:
            QuotaReached: there are as many as the quota allows.
        """
        if self._left is not None and self._left <= 0:
            raise QuotaReached

    def use(self) -> None:
        """Count a record that was added."""
        if self._left is not None:
            self._left -= 1

    def use_all(self, records: int) -> None:
        """Count several records, of which none is added if there is not room for all.

        Raises:
            QuotaReached: there would be more than the quota allows.
        """
        if self._left is not None:
            if self._left < records:
                raise QuotaReached
            self._left -= records
