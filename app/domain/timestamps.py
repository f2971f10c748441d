"""Times as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def rfc3339_utc(moment: datetime) -> str:
    """A time in UTC as clients get it, such as `2026-11-22T10:00:00Z` (RFC 3339, section 5.6)."""
    return moment.isoformat().replace("+00:00", "Z")
