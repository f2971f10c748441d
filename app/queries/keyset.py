"""Keyset pagination: each page begins after the last row of the previous one, so inserts and deletions do not shift it.

Not sqlakeyset: it loads entities, while a list here reads only stored documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, literal, select, tuple_

from app.db.types import UtcDateTime
from app.errors import InvalidCursor
from app.queries.page_size import LEFT_OUT, small, with_large

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from app.models import Record
    from app.schemas.pages import PageQuery

SortValues = list[int | str | None]
"""The values of the sort columns in one row; the last is unique."""

MOST_COUNTED = 100_000
"""Where counting stops: it takes 10 ms in an index."""


class Total(NamedTuple):
    """The total number of entries in a list."""

    number: int
    at_least: bool = False
    """Whether counting stopped at `number`, since going on would have taken too long."""

    def __str__(self) -> str:
        """The value of `X-Total-Count`."""
        return f"{self.number}{'+' if self.at_least else ''}"


@dataclass(frozen=True)
class Page:
    """A page of documents, in order. `after` is the key after which the next page begins; None if there is none."""

    documents: list[str]
    after: SortValues | None = None
    total: Total | None = None


@dataclass(frozen=True)
class Order:
    """The sort columns of a list; the last is unique, and none is nullable."""

    columns: tuple[Any, ...]
    descending: bool = False
    rule: int = 0
    """The version of the rule that derives the sort keys among the columns; 0 without any. A cursor of another version
    is rejected: after an upgrade it would repeat rows and lose others."""

    def sorted(self) -> list[ColumnElement[Any]]:
        """The columns for ORDER BY."""
        return [column.desc() if self.descending else column.asc() for column in self.columns]

    def beyond(self, key: SortValues) -> ColumnElement[bool]:
        """The condition that a row comes after the one with this key.

        Raises:
            InvalidCursor: the key belongs to another order or rule.
        """
        key = self.opened(key)
        row, place = tuple_(*self.columns), tuple_(*map(_value, self.columns, key))
        return row < place if self.descending else row > place

    def opened(self, key: SortValues) -> SortValues:
        """The values in a key.

        Raises:
            InvalidCursor: the key belongs to another order or rule.
        """
        rule, values = ([self.rule], key[1:]) if self.rule else ([], key)
        if key != [*rule, *values] or len(values) != len(self.columns):
            raise InvalidCursor
        return values

    def closed(self, values: SortValues) -> SortValues:
        """The key with these values, preceded by the version of the rule, if any."""
        return [self.rule, *values] if self.rule else values


NO_RULE = Order(())


def slice_after(  # noqa: PLR0913, PLR0917  (each is needed to describe a page)
    connection: Connection, record: type[Record], query: Select[Any], order: Order, after: SortValues | None, limit: int
) -> Page:
    """A page of the documents that follow the row with key `after`, in one query.

    Args:
        connection: a connection for reading.
        record: the class of the records.
        query: selects the rows; any select over the record's table.
        order: the order of the list.
        after: the key of the last row of the previous page; None for the first page.
        limit: the maximum number of documents.
    """
    columns = *order.columns, small(record.document)
    wanted = query.with_only_columns(*columns).order_by(*order.sorted()).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(order.beyond(after))
    return page_of(with_large(connection, record, connection.execute(wanted).all()), limit, order)


def slice_of_rows(  # noqa: PLR0913, PLR0917  (likewise)
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    order: Order,
    wanted: PageQuery,
    after: SortValues | None,
    document: Callable[[Row[Any]], str],
) -> Page:
    """A page of rows without stored documents; `document` renders each. The query selects the columns of the order."""
    return slice_with(connection, query, order, wanted, after, lambda rows: list(map(document, rows)))


def slice_with(  # noqa: PLR0913, PLR0917  (likewise)
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    order: Order,
    wanted: PageQuery,
    after: SortValues | None,
    documents: Callable[[Sequence[Row[Any]]], Sequence[str | None]],
) -> Page:
    """The same, where all rows are rendered together, some of them perhaps left out (see `page_of`)."""
    total = capped_count(connection, query) if wanted.count == "exact" else None
    if after is not None:
        query = query.where(order.beyond(after))
    rows = connection.execute(query.order_by(*order.sorted()).limit(wanted.limit + 1)).all()
    keys = [[getattr(row, column.key) for column in order.columns] for row in rows]
    page = page_of([(*key, one) for key, one in zip(keys, documents(rows), strict=True)], wanted.limit, order)
    return Page(page.documents, page.after, total)


def page_of(rows: list[Row[Any]] | Any, limit: int, order: Order = NO_RULE) -> Page:  # noqa: ANN401  (rows of any kind)
    """A page of rows that consist of a key and a document; a row beyond the page shows that there is a next one.

    It ends before a document that is left out; one that is None is of a record that does not exist any more.
    """
    documents = [row[-1] for row in rows[:limit]]
    if LEFT_OUT in documents:
        del documents[documents.index(LEFT_OUT) :]
    more = len(rows) > len(documents)
    after = order.closed(plain_key(rows[len(documents) - 1])) if more else None
    return Page([one for one in documents if one is not None], after)


def plain_key(row: Sequence[Any]) -> SortValues:
    """The key of a row that consists of a key and a document."""
    return [part.isoformat() if isinstance(part, datetime) else part for part in row[:-1]]


def capped_count(connection: Connection, query: Select[Any]) -> Total:
    """The number of rows of a query, counted up to `MOST_COUNTED`."""
    some = query.limit(MOST_COUNTED + 1).subquery()
    number = connection.scalar(select(func.count()).select_from(some)) or 0
    return Total(min(number, MOST_COUNTED), at_least=number > MOST_COUNTED)


def _value(column: Any, part: int | str | None) -> Any:  # noqa: ANN401  (a column's value)
    """A part of a key, converted to the type of its column."""
    if isinstance(column.type, UtcDateTime):
        return literal(datetime.fromisoformat(str(part)), column.type)
    return part
