"""Index ranges, and the filters that find their records in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select, union_all

from app.queries.keyset import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, Subquery

    from app.models import Record
    from app.queries.keyset import SortValues


@dataclass(frozen=True)
class IndexRange:
    """A range of an index: its first columns are fixed; the rest give the order, and the first of these has bounds."""

    columns: tuple[Any, ...]
    """The last is the record's id."""
    fixed: tuple[tuple[Any, Any], ...] = ()
    """Columns with their values; None: NULL."""
    least: Any = None
    most: Any = None
    only: ColumnElement[bool] | None = None
    """A further condition."""
    repeats: bool = False
    """Whether a record may occur in the range more than once."""

    def rows(self, after: SortValues | None = None, *, descending: bool = False) -> Select[Any]:
        """The columns, including the fixed ones, in order and without duplicate rows.

        The last fixed column is constrained by `>=` and `<=` instead of `=`. With `=`, the planners would also consider
        other indexes in which the remaining columns have this order, and read those from end to end.
        """
        index = Order((*(column for column, _ in self.fixed), *self.columns), descending=descending)
        known = [(column, value) for column, value in self.fixed if value is not None]
        bounds = [(column, value, value) for column, value in known[-1:]]
        bounds.append((self.columns[0], self.least, self.most))
        query = select(*index.columns).order_by(*index.sorted())
        query = query.where(*(column.is_(None) for column, value in self.fixed if value is None))
        query = query.where(*(column == value for column, value in known[:-1]))
        query = query.where(*(column >= least for column, least, _ in bounds if least is not None))
        query = query.where(*(column <= most for column, _, most in bounds if most is not None))
        if self.only is not None:
            query = query.where(self.only)
        if after is not None:
            compared = Order((*(column for column, _ in known), *self.columns), descending=descending)
            query = query.where(compared.beyond([*(value for _, value in known), *after]))
        return query.distinct() if self.repeats else query


@dataclass(frozen=True)
class Filter:
    """A condition, both as index ranges that find records and as a check of a single record."""

    ranges: Sequence[IndexRange]
    """Index ranges that together contain each matching record once."""
    holds: ColumnElement[bool] | Callable[[ColumnElement[int]], ColumnElement[bool]]
    """The condition on the record's own columns; or, for the id of a record, what looks it up in another table."""
    walks: Mapping[tuple[Any, ...], Sequence[IndexRange]] = field(default_factory=dict)
    """Index ranges in the order of a list, by the columns of that order."""

    found: Select[int] | None = None
    """The ids, if no index ranges contain them."""
    frequent: bool = False
    """Whether it is known to match too many records to be worth counting."""
    cost: int = 1
    """How many look-ups by id take as long as the check of a record."""

    def ids(self, at_most: int) -> Subquery:
        """At most this many of the ids, in no particular order."""
        if self.found is not None:
            return self.found.limit(at_most).subquery()
        parts = [select(_last(index_range.rows().limit(at_most).subquery(), 1)[0]) for index_range in self.ranges]
        return (parts[0] if len(parts) == 1 else select(union_all(*parts).subquery())).limit(at_most).subquery()


def all_hold(
    record: type[Record], filters: Sequence[Filter], record_id: ColumnElement[int]
) -> list[ColumnElement[bool]]:
    """The conditions that the record with that id matches all filters: one for each look-up that this takes.

    Those on the record's own columns share a look-up.
    """
    own = [one.holds for one in filters if not callable(one.holds)]
    elsewhere = [one.holds(record_id) for one in filters if callable(one.holds)]
    if not own:
        return elsewhere
    return [select(and_(*own)).where(record.id == record_id).scalar_subquery(), *elsewhere]


def in_order(
    ranges: Sequence[IndexRange], at_most: int, after: SortValues | None, *, descending: bool, skipped: int = 0
) -> Subquery:
    """The first rows of several ranges, merged in their common order, with the columns of that order."""
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
