"""Lists that are sorted by one index and filtered by others, read without scanning a whole table.

There are two plans. A *walk* follows an index in the order of the list and keeps the records that pass the filters,
which is fast if many pass. A *collection* takes all records that the rarest filter finds in its own index, checks them
against the other filters and sorts them, which is fast if they are few. Which of the two is faster cannot be known
beforehand (SQLite keeps no statistics, and PostgreSQL assumes that filters and orders are independent), so both are
tried in turns, each bounded, and each longer than the previous one. If even the last turn does not fill a page (filters
that match many records each, but hardly any together), the page is shorter than requested, and its cursor continues
where the walk stopped.

The queries leave the planners no choice: indexes are read in their own order, and everything else by id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, case, func, literal, null, select, union_all

from app.queries import keyset
from app.queries.index_ranges import IndexRange, all_hold, in_order
from app.queries.keyset import Order, Page, Total, capped_count, page_of, plain_key, slice_after
from app.queries.page_size import small, with_large

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, Label, Select, Subquery

    from app.models import Record
    from app.queries.index_ranges import Filter
    from app.queries.keyset import SortValues
    from app.schemas.pages import PageQuery


class Turn(NamedTuple):
    """How many records are walked, and how many may then be collected."""

    walked: int
    collected: int


TURNS = (Turn(1_000, 6_000), Turn(6_000, 12_000), Turn(10_000, 0))
"""A look-up by id takes 2 to 5 microseconds of CPU at a million books, and most lists need two for each record."""
COLLECTION_FIRST = Turn(0, TURNS[0].collected)
"""Where the check of a record takes longer than a look-up, such as that for many words."""
MOST_LOOK_UPS = 10_000
"""How many look-ups counting may take: with counting each filter, 30 to 80 ms of CPU at a million books."""
LEAST_CHECKED = 5_000
"""Up to how many records are counted however many look-ups each of them takes."""
SMALL = 25_000
"""Catalogues with no higher id are counted exactly: in them, a look-up takes half as long."""


class ListReader:
    """Reads the records that match all filters."""

    def __init__(self, connection: Connection, record: type[Record], filters: Sequence[Filter]) -> None:
        self.connection = connection
        self.record = record
        self.filters = filters
        self._sizes: tuple[int, list[int]] = (-1, [])
        self._last_id = 0

    def page_counted(self, order: Order, after: SortValues | None, wanted: PageQuery) -> Page:
        """A page, with the total if it is requested."""
        page = self.page(order, after, wanted.limit)
        return Page(page.documents, page.after, self.count() if wanted.count == "exact" else None)

    def page(self, order: Order, after: SortValues | None, limit: int) -> Page:
        """A page in this order. It may be shorter than the limit although there is a next page."""
        if not self.filters:
            return slice_after(self.connection, self.record, select(self.record.id), order, after, limit)
        start = None if after is None else order.opened(after)
        found, here = self._in_turns(order, start, limit)
        page = page_of(with_large(self.connection, self.record, found), limit, order)
        return page if page.after or here is None else Page(page.documents, order.closed(here))

    def count(self) -> Total:
        """The total number of records; a lower bound if counting would take too long."""
        match self.filters:
            case []:
                return capped_count(self.connection, IndexRange((self.record.id,)).rows())
            case [alone] if not alone.frequent:
                return capped_count(self.connection, select(alone.ids(keyset.MOST_COUNTED + 1)))
        self._probe(MOST_LOOK_UPS)
        rarest = min(self.filters, key=self._size)
        known = None if rarest.frequent else rarest
        look_ups = len(self.others_hold(known, literal(0)))
        most = SMALL if self._last_id <= SMALL else max(MOST_LOOK_UPS // look_ups, LEAST_CHECKED)
        if known is None:
            ids = in_order([IndexRange((self.record.id,))], most + 1, None, descending=False)
        else:
            ids = known.ids(most + 1)
        holds = case((and_(*self.others_hold(known, ids.c[0])), 1))
        checked, found = self.connection.execute(select(func.count(), func.count(holds)).select_from(ids)).one()
        return Total(found, at_least=checked > most)

    def _in_turns(self, order: Order, after: SortValues | None, limit: int) -> tuple[list[Any], SortValues | None]:
        """The keys and documents found, one more than the limit if there are, and where the walk stopped."""
        found, here = list[Any](), after
        cost = max(one.cost for one in self.filters)
        for walked, collected in TURNS if cost == 1 else (COLLECTION_FIRST, *TURNS):
            if walked:
                more, here = self._walk(order, here, limit + 1 - len(found), walked // cost)
                found += more
                if len(found) > limit or here is None:
                    break
            if (rarest := self.rarest(collected)) is not None:
                return self._collected(rarest, order, after, limit + 1, collected), None
        return found, here

    def _walk(
        self, order: Order, after: SortValues | None, wanted: int, steps: int
    ) -> tuple[list[Any], SortValues | None]:
        """The keys and documents found within this many steps, and the key where the walk stopped; None at the end."""
        along = min((one for one in self.filters if order.columns in one.walks), key=self._size, default=None)
        ranges = [IndexRange(order.columns)] if along is None else along.walks[order.columns]
        if [along] == self.filters:
            return self._read(in_order(ranges, wanted, after, descending=order.descending), order), None
        source = in_order(ranges, steps, after, descending=order.descending)
        record_id = list(source.c)[-1]
        found = select(*source.c).where(*self.others_hold(along, record_id)).limit(wanted).cte("found")
        end = in_order(ranges, 1, after, descending=order.descending, skipped=steps - 1)
        too_few = select(func.count()).select_from(found).scalar_subquery() < wanted
        rows = union_all(self.with_documents(found), select(*end.c, null()).where(too_few)).subquery()
        in_turn = Order(tuple(rows.c)[:-1], descending=order.descending)
        answer = self.connection.execute(select(*rows.c).order_by(*in_turn.sorted())).all()
        ends = [row for row in answer if row[-1] is None]
        return [row for row in answer if row[-1] is not None], plain_key(ends[0]) if ends else None

    def _collected(
        self, rarest: Filter, order: Order, after: SortValues | None, wanted: int, at_most: int
    ) -> list[Any]:
        """The keys and documents found among all records of the rarest filter."""
        ids = rarest.ids(at_most)
        record_id = ids.c[0]
        keys = [self._look_up(column, record_id) for column in order.columns[:-1]]
        # The limit, which is never reached, keeps the planners from repeating the look-up wherever a key is used.
        rows = select(*keys, record_id).where(*self.others_hold(rarest, record_id)).limit(at_most).subquery()
        in_turn = Order(tuple(rows.c), descending=order.descending)
        beyond = () if after is None else (in_turn.beyond(after),)
        few = select(*rows.c).where(*beyond).order_by(*in_turn.sorted()).limit(wanted).subquery()
        return self._read(few, order)

    def _read(self, rows: Subquery, order: Order) -> list[Any]:
        """The rows of keys, in order and with their documents."""
        in_turn = Order(tuple(rows.c), descending=order.descending)
        return list(self.connection.execute(self.with_documents(rows).order_by(*in_turn.sorted())))

    def with_documents(self, rows: FromClause) -> Select[Any]:
        """Add the documents to rows whose last column is a record's id, apart from those that are large."""
        return select(*rows.c, self._look_up(small(self.record.document), list(rows.c)[-1]))

    def _look_up(self, column: Any, record_id: ColumnElement[int]) -> Label[Any]:  # noqa: ANN401  (any column)
        return select(column).where(self.record.id == record_id).scalar_subquery().label(None)

    def others_hold(self, one: Filter | None, record_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """The conditions that a record matches all filters, except one that is known to match."""
        return all_hold(self.record, [other for other in self.filters if other is not one], record_id)

    def rarest(self, at_most: int) -> Filter | None:
        """The filter whose records take the least time to check against the others, if they are at most this many."""
        if not at_most:
            return None
        self._probe(at_most)
        cost = sum(one.cost for one in self.filters)
        few = [one for one in self.filters if self._size(one) <= at_most]
        return min(few, key=lambda one: self._size(one) * (cost - one.cost), default=None)

    def _probe(self, at_most: int) -> None:
        """Count the records of each filter, up to one more than `at_most`, unless the rarest is already known."""
        bound, counted = self._sizes
        if bound < at_most and not any(size <= bound for size in counted):
            ids = [None if one.frequent else one.ids(at_most + 1) for one in self.filters]
            sizes = [
                literal(at_most + 1) if some is None else select(func.count()).select_from(some).scalar_subquery()
                for some in ids
            ]
            last_id = select(func.coalesce(func.max(self.record.id), 0)).scalar_subquery()
            self._last_id, *counted = self.connection.execute(select(last_id, *sizes)).one()
            self._sizes = at_most, counted

    def _size(self, one: Filter) -> int:
        """The number of records of a filter, as far as they were counted."""
        place = next(place for place, other in enumerate(self.filters) if other is one)
        return self._sizes[1][place] if self._sizes[1] else 0
