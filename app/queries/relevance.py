"""Lists by relevance: exact titles first, then titles with the words, then other matches; each group by id.

Typos are tolerated only if nothing matches exactly. The cursor of a page records which mode it was, so that all pages
of a list use the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, select

from app.db.driver_statements import fetch
from app.errors import InvalidCursor
from app.queries.filtered_lists import ListReader
from app.queries.index_ranges import Filter, all_hold
from app.queries.keyset import Order, Page, SortValues, Total, page_of
from app.queries.page_size import small, with_large
from app.queries.ranked_lists import RankedReader
from app.search.index import SearchIndex
from app.search.query import WordQuery
from app.search.tiers import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select, TableClause

    from app.models import Record
    from app.search.backend import PageReader, RankedPageReader

EXACT, FORGIVING = 0, 1
TIERS = set(Tier)
TERMS_OF_A_LOOK_UP = 16
"""How many words of a query are checked in about the time of a look-up by id."""
ANY_TITLE, ANYWHERE = Tier.WORDS_IN_TITLE, Tier.WORDS_ANYWHERE
"""The tiers for which statements are built; the statements of other tiers differ only in their parameters."""


@dataclass(frozen=True)
class Wanted:
    """A request for a list: the filters, the order and the page."""

    filters: list[Filter]
    order: Order | None
    """None: by relevance."""
    after: SortValues | None
    limit: int
    with_total: bool


class Searcher:
    """Searches the records of one kind."""

    def __init__(self, connection: Connection, record: type[Record], kind: str) -> None:
        self.connection = connection
        self.record = record
        self.index = SearchIndex(connection, kind)

    def page(self, text: str, wanted: Wanted) -> Page:
        """A page of the records that have the words of the text."""
        query = WordQuery.of(text)
        if not query.required.of:
            return Page([], total=Total(0) if wanted.with_total else None)
        mode, after = self._resume(wanted.after)
        if mode == EXACT:
            page = self._page(query, EXACT, after, wanted)
            if page.documents or page.after is not None or after is not None:
                return page
        return self._page(self.index.forgiving(query), FORGIVING, after, wanted)

    def _resume(self, after: SortValues | None) -> tuple[int, SortValues | None]:
        if after is None:
            return EXACT, None
        mode, *key = after
        if mode not in {EXACT, FORGIVING} or not key:
            raise InvalidCursor
        return int(mode), key

    def _page(self, query: WordQuery, mode: int, after: SortValues | None, wanted: Wanted) -> Page:
        if wanted.order is None and not wanted.with_total:
            page, total = self._by_relevance(query, after, wanted), None
        else:
            reader = ListReader(self.connection, self.record, [*wanted.filters, self._with_words(query)])
            if wanted.order is None:
                page = self._by_relevance(query, after, wanted)
            else:
                page = reader.page(wanted.order, after, wanted.limit)
            total = reader.count() if wanted.with_total else None
        return Page(page.documents, None if page.after is None else [mode, *page.after], total)

    def _by_relevance(self, query: WordQuery, after: SortValues | None, wanted: Wanted) -> Page:
        """Read tier by tier until the page is full; rare words take a single step, where the backend supports that."""
        tier, after_id = (min(Tier), 0) if after is None else _tier_and_id(after)
        shape = (self.index.table, self.record, wanted.limit + 1)
        by_tier = self.index.backend.parameters_by_tier(query)
        rows: list[Any] = []
        ranked = self.index.ranked_pages
        if ranked is not None:
            values = ranked.parameters_at_once(query, by_tier) | {"tier": tier, "after": after_id}
            if wanted.filters:
                rows = list(self.connection.execute(at_once(ranked, *shape, wanted.filters), values))
            else:
                rows = fetch(self.connection, at_once_alone(ranked, *shape), values)
            if not rows or rows[0][0]:
                return page_of(with_large(self.connection, self.record, rows), wanted.limit)
            del rows[0]  # the row states that the words are frequent
        if wanted.filters:
            reader = RankedReader(self.connection, self.record, wanted.filters, self.index, query)
            return reader.page((tier, after_id), wanted.limit)
        if ranked is not None and tier <= Tier.TITLE:
            tier, after_id = Tier.CLOSER_IN_TITLE, 0
        for each, parameters in by_tier.items():
            if len(rows) > wanted.limit:
                break
            if each >= tier:
                values = {**parameters, "after": after_id if each == tier else 0}
                alike = ANYWHERE if each >= ANYWHERE else ANY_TITLE
                statement = of_tier(self.index.pages, *shape, alike)
                rows += [(each, *row) for row in fetch(self.connection, statement, values)]
        return page_of(with_large(self.connection, self.record, rows), wanted.limit)

    def _with_words(self, query: WordQuery) -> Filter:
        """The words of a query as a filter."""
        return Filter(
            (),
            lambda record_id: self.index.has(record_id, query),
            found=self.index.ids(query),
            frequent=self.index.collects_too_much(query),
            cost=1 + query.terms // TERMS_OF_A_LOOK_UP,
        )


@lru_cache(maxsize=1000)
def of_tier(
    pages: PageReader,
    search: TableClause,
    record: type[Record],
    at_most: int,
    tier: Tier,
) -> Select[*tuple[Any, ...]]:
    """The statement for the records of a tier after an id. Cached, since building it takes as long as a search."""
    after = bindparam("after", type_=BigInteger)
    ids = pages.earliest(search, tier, after, at_most).cte()
    return (
        select(ids.c.id, small(record.document)).join(record, record.id == ids.c.id).order_by(ids.c.id).limit(at_most)
    )


def at_once(
    pages: RankedPageReader,
    search: TableClause,
    record: type[Record],
    at_most: int,
    filters: Sequence[Filter] = (),
) -> Select[*tuple[Any, ...]]:
    """The statement for the records of all tiers after a place, where the database finds them in one step."""
    rows = pages.at_once(search, lambda record_id: all_hold(record, filters, record_id), at_most)
    joined = select(rows.c.tier, rows.c.id, small(record.document)).join(record, record.id == rows.c.id, isouter=True)
    return joined.order_by(rows.c.tier, rows.c.id)


at_once_alone = lru_cache(maxsize=500)(at_once)
"""The same without filters, cached."""


def _tier_and_id(key: SortValues) -> tuple[int, int]:
    match key:
        case [int(tier), int(record_id)] if tier in TIERS:
            return tier, record_id
    raise InvalidCursor
