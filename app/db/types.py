"""Column types that mean the same on both databases."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json
from sqlalchemy import BigInteger, DateTime, Integer, String, Text, TypeDecorator
from sqlalchemy.types import UserDefinedType

if TYPE_CHECKING:
    from sqlalchemy import Dialect

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits; SQLite autoincrements only a column declared INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC. SQLite stores no offset, so it is restored when a value is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  (SQLAlchemy's)
        """Convert to UTC; reject a time without an offset."""
        if value is not None and value.tzinfo is None:
            msg = "a time without an offset"
            raise ValueError(msg)
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  (SQLAlchemy's)
        """Return every time in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class JsonList(TypeDecorator[list[Any]]):
    """A list as JSON text; NULL is an empty list. What is written in bulk to PostgreSQL gets the same text from it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> str:  # noqa: ARG002  (SQLAlchemy's)
        """The text, as compact as PostgreSQL's."""
        return to_json(value or []).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[Any]:  # noqa: ARG002  (SQLAlchemy's)
        """The list."""
        return list(from_json(value)) if value else []


class TextArray(UserDefinedType[Collection[str]]):
    """An array of texts, on PostgreSQL. It is sent as one text: the driver takes four times as long for a list."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Its name."""
        return "TEXT[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Collection[str] | None], str | None]:  # noqa: ARG002  (SQLAlchemy's)
        """What writes the values as PostgreSQL reads them (PostgreSQL 15, section 8.15.6)."""

        def write(values: Collection[str] | None) -> str | None:
            if values is None:
                return None
            quoted = [
                value.replace("\\", "\\\\").replace('"', '\\"') if "\\" in value or '"' in value else value
                for value in values
            ]
            return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"

        return write


SortKey = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared by code point, so that both databases sort alike in every locale."""

Tag = String(35).with_variant(String(35, collation="C"), "postgresql")
"""A language tag, compared by code point as well: tags with a common prefix are adjacent in an index, which is not so
in most locales."""
