"""Filtered lists by relevance, without reading all records that frequent words find.

Like other lists, they are read by walks and collections in turns (see `app.queries.filtered_lists`). A walk goes
through the tiers in order and checks their records against the filters; a collection takes all records that the rarest
filter finds, and looks up the tier of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, func, literal, select, tuple_

from app.queries import filtered_lists
from app.queries.filtered_lists import ListReader
from app.queries.keyset import Page, page_of
from app.queries.page_size import with_large
from app.search.tiers import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from app.models import Record
    from app.queries.index_ranges import Filter
    from app.search.backend import RankedPageReader
    from app.search.index import SearchIndex
    from app.search.query import WordQuery

Place = tuple[int, int]
"""A tier, and the id of a record in it."""


class RankedReader:
    """Reads the records that have the words of a query and match all filters, the most relevant first."""

    def __init__(
        self,
        connection: Connection,
        record: type[Record],
        filters: Sequence[Filter],
        index: SearchIndex,
        query: WordQuery,
    ) -> None:
        self.connection = connection
        self.lists = ListReader(connection, record, filters)
        self.index = index
        self.query = query
        self._few: dict[Tier, bool] = {}
        self.tiers = index.backend.parameters_by_tier(query)

    def page(self, after: Place, limit: int) -> Page:
        """A page of the records after that place. It may be shorter than the limit although there is a next page."""
        found, here = list[Any](), after
        end: Place | None = after
        for walked, collected in filtered_lists.TURNS:
            more, end = self._walk(here, limit + 1 - len(found), walked * self.index.pages.RECORDS_TO_A_STEP)
            found += more
            if len(found) > limit or end is None:
                break
            here = end
            if (rarest := self.lists.rarest(collected)) is not None:
                found, end = self._collected(rarest, after, limit + 1, collected), None
                break
        page = page_of(with_large(self.connection, self.lists.record, found), limit)
        return page if page.after or end is None else Page(page.documents, [int(end[0]), end[1]])

    def _walk(self, after: Place, wanted: int, steps: int) -> tuple[list[Any], Place | None]:
        """The places and documents found within this many steps, and where the walk stopped; None at the end."""
        found: list[Any] = []
        left = steps
        for tier in self.tiers:
            if tier < after[0]:
                continue
            start = after[1] if tier == after[0] else 0
            if left <= 0:
                return found, (tier, start)
            rows, end, taken = self._walk_tier(tier, start, wanted - len(found), steps)
            found += rows
            if len(found) == wanted or end is not None:
                return found, (tier, end or 0)
            left -= taken
        return found, None

    def _walk_tier(self, tier: Tier, after: int, wanted: int, steps: int) -> tuple[list[Any], int | None, int]:
        """A walk through one tier; also returns the number of steps."""
        values = {**self.tiers[tier], "after": after}
        search, pages = self.index.table, self.index.pages
        after_id = bindparam("after", type_=BigInteger)
        ranked = self.index.ranked_pages
        if ranked is not None and self._has_few(tier, ranked):
            ids = ranked.all_in(search, tier, after_id, lambda one: self.lists.others_hold(None, one))
            return self._read(tier, ids.limit(wanted), values), None, 0
        source, holds = pages.next_in(search, tier, after_id, steps)
        checked = select(source.c.id).where(*holds, *self.lists.others_hold(None, source.c.id))
        rows = self._read(tier, checked.limit(wanted), values)
        if len(rows) == wanted:
            return rows, None, steps
        taken, last = self.connection.execute(select(func.count(), func.max(source.c.id)), values).one()
        return rows, last if taken == steps else None, taken

    def _has_few(self, tier: Tier, ranked: RankedPageReader) -> bool:
        """Whether a tier is known to have few enough records to check them all."""
        if tier not in self._few:
            self._few[tier] = bool(self.connection.scalar(ranked.few_in(self.index.table, tier), self.tiers[tier]))
        return self._few[tier]

    def _read(self, tier: Tier, ids: Any, values: dict[str, Any]) -> list[Any]:  # noqa: ANN401  (a select)
        rows = select(literal(int(tier)).label("tier"), ids.subquery().c.id).subquery()
        return list(self.connection.execute(self.lists.with_documents(rows).order_by(rows.c.id), values))

    def _collected(self, rarest: Filter, after: Place, wanted: int, at_most: int) -> list[Any]:
        """The places and documents found among all records of the rarest filter."""
        ids = rarest.ids(at_most)
        record_id: ColumnElement[int] = ids.c[0]
        tier = self.index.pages.tier_of(self.index.table, record_id, self.query, self.tiers).label("tier")
        # The limit, which is never reached, keeps the planners from repeating the look-up wherever the tier is used.
        rows = select(tier, record_id.label("id")).where(*self.lists.others_hold(rarest, record_id))
        ranked = rows.limit(at_most).subquery()
        place = tuple_(ranked.c.tier, ranked.c.id)
        beyond = ranked.c.tier.is_not(None), place > tuple_(literal(after[0]), literal(after[1]))
        few = select(ranked.c.tier, ranked.c.id).where(*beyond).order_by(ranked.c.tier, ranked.c.id)
        page = few.limit(wanted).subquery()
        return list(self.connection.execute(self.lists.with_documents(page).order_by(page.c.tier, page.c.id)))
