"""Slices of an ordered list of documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, tuple_

from app.errors import InvalidCursor
from app.models.types import UtcDateTime
from app.pagination import Key, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from app.models import Record
    from app.schemas.pages import PageQuery


@dataclass(frozen=True)
class Order:
    """The columns that a list is sorted by; the last is unique, and none is null."""

    columns: tuple[Any, ...]
    descending: bool = False
    rule: int = 0
    """The rule that made the keys among the columns; 0 where there are none. A cursor of another rule is refused: it
    would make a walk across an upgrade repeat rows and lose others."""

    def sorted(self) -> list[ColumnElement[Any]]:
        """What to order by."""
        return [column.desc() if self.descending else column.asc() for column in self.columns]

    def beyond(self, key: Key) -> ColumnElement[bool]:
        """Whether a row comes after the one with this key.

        Raises:
            InvalidCursor: the key is of another order, or made by another rule.
        """
        if self.rule:
            if key[:1] != [self.rule]:
                raise InvalidCursor
            key = key[1:]
        if len(key) != len(self.columns):
            raise InvalidCursor
        here, there = tuple_(*self.columns), tuple_(*map(_value, self.columns, key))
        return here < there if self.descending else here > there


def slice_after(  # noqa: PLR0913, PLR0917  (a slice has this many sides)
    connection: Connection, record: type[Record], query: Select[Any], order: Order, after: Key | None, limit: int
) -> Page:
    """The documents that follow the row with key `after`, in one query.

    Args:
        connection: where to read.
        record: the kind of record.
        query: which rows; any select over the record's table.
        order: what they are sorted by.
        after: the key of the last row of the page before; None for the first page.
        limit: the most documents.
    """
    wanted = query.with_only_columns(*order.columns, record.document).order_by(*order.sorted()).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(order.beyond(after))
    return page_of(connection.execute(wanted).all(), limit, order.rule)


def slice_by_id(  # noqa: PLR0913  (likewise)
    connection: Connection, record: type[Record], ids: Select[int], after: Key | None, limit: int, *, descending: bool
) -> Page:
    """The documents of the records whose ids a query finds, by id, in one query.

    The ids are cut to the page before any record is looked at: the planner by itself reads all records along with them
    (at a million books a rare genre's page took a hundred times as long).
    """
    order = Order((ids.selected_columns[0],), descending=descending)
    some = ids if after is None else ids.where(order.beyond(after))
    few = some.order_by(*order.sorted()).limit(limit + 1).subquery()
    by_id = Order((record.id,), descending=descending).sorted()
    wanted = select(record.id, record.document).join(few, few.c[0] == record.id).order_by(*by_id)
    return page_of(connection.execute(wanted).all(), limit)


def slice_of_rows(  # noqa: PLR0913, PLR0917  (likewise)
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    order: Order,
    wanted: PageQuery,
    after: Key | None,
    document: Callable[[Row[Any]], str],
) -> Page:
    """A page of rows that have no ready document: one is made of each. The query selects the columns of the order."""
    total = count(connection, query) if wanted.count == "exact" else None
    if after is not None:
        query = query.where(order.beyond(after))
    rows = connection.execute(query.order_by(*order.sorted()).limit(wanted.limit + 1)).all()
    keys = [[getattr(row, column.key) for column in order.columns] for row in rows]
    page = page_of([(*key, document(row)) for key, row in zip(keys, rows, strict=True)], wanted.limit, order.rule)
    return Page(page.documents, page.after, total)


def page_of(rows: list[Row[Any]] | Any, limit: int, rule: int = 0) -> Page:  # noqa: ANN401  (rows of any kind)
    """Rows of a key and a document as a page; one more than the limit tells that there are more.

    Where a rule made the key, the rule stands before it.
    """
    more = len(rows) > limit
    documents = [row[-1] for row in rows[:limit]]
    if not more:
        return Page(documents)
    key = [_plain(part) for part in rows[limit - 1][:-1]]
    return Page(documents, [rule, *key] if rule else key)


def count(connection: Connection, query: Select[Any]) -> int:
    """How many rows a query finds."""
    return connection.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _plain(part: Any) -> int | str | None:  # noqa: ANN401  (a column's value)
    return part.isoformat() if isinstance(part, datetime) else part


def _value(column: Any, part: int | str | None) -> Any:  # noqa: ANN401  (a column's value)
    """A part of a key as its column has it."""
    if isinstance(column.type, UtcDateTime):
        return literal(datetime.fromisoformat(str(part)), column.type)
    return part
