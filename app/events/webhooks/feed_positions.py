"""Positions in the feed of changes, for webhooks, which each have a cursor in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.models import Change

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def last_position(connection: Connection) -> int:
    """The position of the last change of the feed; 0 without any."""
    return connection.scalar(select(func.max(Change.position))) or 0


def position_before(connection: Connection, moment: datetime) -> int:
    """A position after which all changes follow that were made at this time or later; some of those are earlier.

    Times follow positions but for transactions that took long: they are searched like sorted ones, in 20 look-ups where
    a scan would read a million rows.
    """
    first = connection.scalar(select(func.min(Change.position)))
    if first is None:
        return 0
    low, high = first, last_position(connection) + 1
    while low < high:
        middle = (low + high) // 2
        at = connection.scalar(select(Change.at).where(Change.position == middle))
        if at is None or at < moment:
            low = middle + 1
        else:
            high = middle
    return int(low) - 1
