"""Slices of an ordered list of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, tuple_

from app.pagination import Key, Page

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from app.models import Record


def slice_after(  # noqa: PLR0913  (a slice has this many sides)
    connection: Connection,
    record: type[Record],
    query: Select[Any],
    *,
    key: tuple[InstrumentedAttribute[Any], ...],
    after: Key | None,
    limit: int,
    counted: bool,
) -> Page:
    """The documents that follow the row with key `after`, in the order of `key`; one query, and one to count.

    Args:
        connection: where to read.
        record: the kind of record.
        query: which rows; any select over the record's table.
        key: the sort columns; the last is unique, and none is null.
        after: their values in the last row of the page before; None for the first page.
        limit: the most documents.
        counted: whether to count all rows that the query finds.
    """
    total = connection.scalar(select(func.count()).select_from(query.subquery())) if counted else None
    wanted = query.with_only_columns(*key, record.document).order_by(*key).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(tuple_(*key) > tuple_(*after))
    rows = connection.execute(wanted).all()
    more = len(rows) > limit
    documents = [row[-1] for row in rows[:limit]]
    return Page(documents, list(rows[limit - 1][:-1]) if more else None, total)
