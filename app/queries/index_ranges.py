"""Stretches of indexes, and the filters that find their records there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, union_all

from app.queries.keyset import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, Subquery

    from app.queries.keyset import SortValues


@dataclass(frozen=True)
class IndexRange:
    """A stretch of an index: its first columns fixed, in the order of those that follow, between two bounds."""

    columns: tuple[Any, ...]
    """The last is the record's id."""
    fixed: tuple[tuple[Any, Any], ...] = ()
    least: Any = None
    most: Any = None
    only: ColumnElement[bool] | None = None
    """What has to hold besides."""
    repeats: bool = False
    """Whether the index has a record more than once."""

    def rows(self, after: SortValues | None = None, *, descending: bool = False) -> Select[Any]:
        """Its columns, the fixed ones included, in order and each row once.

        The last fixed column lies between a value and itself. Were it equal to the value, the planners would also
        consider other indexes in which the rest has this order, and read those from end to end.
        """
        index = Order((*(column for column, _ in self.fixed), *self.columns), descending=descending)
        bounds = [(column, value, value) for column, value in self.fixed[-1:]]
        bounds.append((self.columns[0], self.least, self.most))
        query = select(*index.columns).order_by(*index.sorted())
        query = query.where(*(column == value for column, value in self.fixed[:-1]))
        query = query.where(*(column >= least for column, least, _ in bounds if least is not None))
        query = query.where(*(column <= most for column, _, most in bounds if most is not None))
        if self.only is not None:
            query = query.where(self.only)
        if after is not None:
            query = query.where(index.beyond([*(value for _, value in self.fixed), *after]))
        return query.distinct() if self.repeats else query


@dataclass(frozen=True)
class Filter:
    """A condition: what an index finds, and what a single record can be checked for."""

    ranges: Sequence[IndexRange]
    """Stretches of an index that have each of the records once."""
    holds: Callable[[ColumnElement[int]], ColumnElement[bool]]
    """Whether it holds of the record with that id."""
    walks: Mapping[tuple[Any, ...], Sequence[IndexRange]] = field(default_factory=dict)
    """The same in other orders, by their columns."""

    found: Select[int] | None = None
    """The ids, where no ranges have them."""
    frequent: bool = False
    """Whether it is known to find so much that it is not worth counting."""

    def ids(self, at_most: int) -> Subquery:
        """So many of the ids at most, in no order."""
        if self.found is not None:
            return self.found.limit(at_most).subquery()
        parts = [select(_last(index_range.rows().limit(at_most).subquery(), 1)[0]) for index_range in self.ranges]
        return (parts[0] if len(parts) == 1 else select(union_all(*parts).subquery())).limit(at_most).subquery()


def in_order(
    ranges: Sequence[IndexRange], at_most: int, after: SortValues | None, *, descending: bool, skipped: int = 0
) -> Subquery:
    """The first rows of several ranges in their common order: the columns of the order."""
    width = len(ranges[0].columns)
    if len(ranges) == 1:
        rows = ranges[0].rows(after, descending=descending).limit(at_most).offset(skipped).subquery()
        return select(*_last(rows, width)).subquery()
    some = [
        index_range.rows(after, descending=descending).limit(at_most + skipped).subquery() for index_range in ranges
    ]
    merged = union_all(*(select(*_last(rows, width)) for rows in some)).subquery()
    order = Order(tuple(merged.c), descending=descending)
    return select(*merged.c).order_by(*order.sorted()).limit(at_most).offset(skipped).subquery()


def _last(rows: Subquery, width: int) -> Sequence[ColumnElement[Any]]:
    return list(rows.c)[-width:]
