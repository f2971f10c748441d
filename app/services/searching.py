"""Lists by relevance: what matches in its title comes first, then what matches elsewhere; within each, by id.

Only where nothing matches exactly are slips forgiven. The cursor of a page remembers which of the two it was, so
that a walk stays in one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, bindparam, func, literal_column, select, union_all

from app.errors import InvalidCursor
from app.pagination import Key, Page
from app.search.index import SearchIndex
from app.search.query import WordQuery
from app.services.slices import Order, count, page_of, slice_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CTE, ColumnElement, Connection, Select

    from app.models import Record

EXACT, FORGIVING = 0, 1
TIERS = IN_TITLE, ELSEWHERE = 0, 1


@dataclass(frozen=True)
class Wanted:
    """What is asked of a list, in whichever terms: the conditions, the order, the page."""

    conditions: list[ColumnElement[bool]]
    order: Order | None
    """None: by relevance."""
    after: Key | None
    limit: int
    counted: bool


class Searcher:
    """Searches the records of one kind."""

    def __init__(self, connection: Connection, record: type[Record], kind: str) -> None:
        self.connection = connection
        self.record = record
        self.index = SearchIndex(connection, kind)

    def page(self, text: str, wanted: Wanted) -> Page:
        """A page of what has the words of the text."""
        query = WordQuery.of(text)
        if not query.groups:
            return Page([], total=0 if wanted.counted else None)
        mode, after = self._resume(wanted.after)
        if mode == EXACT:
            page = self._page(query, EXACT, after, wanted)
            if page.documents or after is not None:
                return page
        return self._page(self.index.forgiving(query), FORGIVING, after, wanted)

    def _resume(self, after: Key | None) -> tuple[int, Key | None]:
        if after is None:
            return EXACT, None
        mode, *key = after
        if mode not in {EXACT, FORGIVING} or not key:
            raise InvalidCursor
        return int(mode), key

    def _page(self, query: WordQuery, mode: int, after: Key | None, wanted: Wanted) -> Page:
        if wanted.order is None:
            page = self._by_relevance(query, after, wanted)
        else:
            rows = select(self.record.id).where(self.record.id.in_(self.index.ids(query)), *wanted.conditions)
            page = slice_after(self.connection, self.record, rows, wanted.order, after, wanted.limit)
        total = self._count(query, wanted) if wanted.counted else None
        return Page(page.documents, None if page.after is None else [mode, *page.after], total)

    def _by_relevance(self, query: WordQuery, after: Key | None, wanted: Wanted) -> Page:
        tier, after_id = (IN_TITLE, 0) if after is None else _tier_and_id(after)
        shape = (self.index.backend, self.index.kind, self.record, tier, wanted.limit)
        statement = by_relevance(*shape, wanted.conditions) if wanted.conditions else by_relevance_alone(*shape)
        asked = {**self.index.parameters(query), "after": after_id}
        return page_of(self.connection.execute(statement, asked).all(), wanted.limit)

    def _count(self, query: WordQuery, wanted: Wanted) -> int:
        rows = select(self.record.id).where(self.record.id.in_(self.index.ids(query)), *wanted.conditions)
        return count(self.connection, rows)


def by_relevance(  # noqa: PLR0913, PLR0917  (a page has this many sides)
    backend: Any,  # noqa: ANN401  (a module)
    kind: str,
    record: type[Record],
    tier: int,
    limit: int,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Select[int, int, str]:
    """Both tiers in one query, neither of them longer than the page; the second only if the first is too short.

    It begins after the id `after` of the tier.
    """
    search, at_most = backend.search_table(kind), limit + 1

    def narrow(rows: Select[int], record_id: ColumnElement[int]) -> Select[int]:
        return rows.join(record, record.id == record_id).where(*conditions) if conditions else rows

    def earliest(asked: object, after: ColumnElement[int], in_tier: int) -> tuple[CTE, Select[int, int]]:
        ids = backend.earliest(search, asked, narrow, after, at_most).cte()
        return ids, select(literal_column(str(in_tier), Integer).label("tier"), ids.c.id)

    after = bindparam("after", type_=BigInteger)
    if tier == IN_TITLE:
        titles, of_titles = earliest(backend.in_title, after, IN_TITLE)
        too_few = select(func.count()).select_from(titles).scalar_subquery() < literal_column(str(at_most), Integer)
        _, of_others = earliest(backend.elsewhere, literal_column("0", BigInteger), ELSEWHERE)
        found = union_all(of_titles, of_others.where(too_few)).subquery()
    else:
        found = earliest(backend.elsewhere, after, ELSEWHERE)[1].subquery()
    return (
        select(found.c.tier, found.c.id, record.document)
        .join(record, record.id == found.c.id)
        .order_by(found.c.tier, found.c.id)
        .limit(at_most)
    )


by_relevance_alone = lru_cache(maxsize=500)(by_relevance)
"""The same without conditions, which is made once: that takes as long as a search."""


def _tier_and_id(key: Key) -> tuple[int, int]:
    match key:
        case [int(tier), int(record_id)] if tier in TIERS:
            return tier, record_id
    raise InvalidCursor
