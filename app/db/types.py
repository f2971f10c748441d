"""Column types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, DateTime, Integer, String, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits; SQLite counts up only in a column that says INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, in UTC; SQLite keeps no offset, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a time that does not say where it is."""
        if value is not None and value.tzinfo is None:
            msg = "a time without an offset"
            raise ValueError(msg)
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Every time comes back in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


SortKey = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared by its code points, so that both databases sort alike, whatever their locale."""

Tag = String(35).with_variant(String(35, collation="C"), "postgresql")
"""A language tag, likewise: those that begin alike stand together in an index, which they do not in most locales."""
