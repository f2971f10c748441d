"""Pages of a search on PostgreSQL, without reading more than a page needs.

Frequent words are found by checking the next records one by one; for rare ones, all records that the index finds are
sorted. PostgreSQL itself would choose by its estimate of how frequent the words are, and where that is wrong (words
that rarely occur together, or a filter) it reads a million records: 0.8 to 3 seconds. So it is left no choice: `id + 0`
is in no index. Numbers are literals in the statements, so that the generic plan knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Integer,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    not_,
    select,
    tuple_,
    union_all,
)

from app.search.postgres import anywhere, has, in_tier, parameters
from app.search.tiers import Tier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, TableClause

    from app.search.backend import Holds, Parameters
    from app.search.query import WordQuery

PROBED = 1000
"""Records that are checked one by one before the index is queried: 0.3 ms."""
HITS = 3
"""Matches among the probed records that make it likely that the next records fill a page."""
WALKED = 20_000
"""The most records that are checked one by one: 7 ms."""
RECORDS_TO_A_STEP = 3
"""Records that are checked one by one in the time of one look-up in another table."""
SAMPLES = 4
"""Places in the table from which records are sampled to tell whether words are frequent."""
FREQUENT = 0
"""A pseudo-tier: the words are frequent, and the tiers have to be read one after the other."""


def earliest(search: TableClause, tier: Tier, after_id: ColumnElement[int], limit: int) -> CompoundSelect[int]:
    """The statement for the lowest ids after `after_id` in a tier."""
    at_most = _number(limit)

    def among_next(count: ColumnElement[int]) -> Select[int]:
        next_ones = select(search).where(search.c.id > after_id).order_by(search.c.id).limit(count).subquery()
        return select(next_ones.c.id).where(in_tier(next_ones, tier)).order_by(next_ones.c.id).limit(at_most)

    hits = _count(among_next(_number(PROBED)).subquery())
    walked = case((hits >= _number(min(HITS, limit)), _number(WALKED)), else_=_number(0))
    near = among_next(walked).cte()
    enough = _count(near) >= at_most
    by_index = all_in(search, tier, after_id, lambda _: [not_(enough)]).limit(at_most).subquery()
    return union_all(select(near.c.id).where(enough), select(by_index.c.id))


def at_once(search: TableClause, hold: Holds, limit: int) -> Subquery:
    """A page in one step, with the tier of each record: the complete page if the words are rare.

    If they are frequent, only records with the exact title, and one row with the pseudo-tier `FREQUENT`.
    """
    frequent = select((_count(_sample(search)) >= _number(HITS)).label("so")).cte()
    is_frequent = select(frequent.c.so).scalar_subquery()
    beyond = tuple_(bindparam("tier", type_=Integer), bindparam("after", type_=BigInteger))

    def page_of(found: ColumnElement[bool]) -> Select[int, int]:
        of_words = select(_tier_of(search).label("tier"), search.c.id).where(found).subquery()
        place = tuple_(of_words.c.tier, of_words.c.id)
        rows = select(of_words.c.tier, of_words.c.id).where(place > beyond, *hold(of_words.c.id))
        page = rows.order_by(of_words.c.tier, of_words.c.id).limit(_number(limit)).subquery()
        return select(page.c.tier, page.c.id)

    said = select(_number(FREQUENT), _number(0)).where(is_frequent)
    everything = page_of(and_(anywhere(search), not_(is_frequent)))
    titles = page_of(and_(has(search.c.title, "title"), is_frequent))
    return union_all(everything, titles, said).subquery()


def parameters_at_once(query: WordQuery, tiers: Mapping[Tier, Parameters]) -> dict[str, str | None]:
    """The parameters of the statement of `at_once`, derived from those of each tier."""
    nothing: Parameters = {"required": None}
    return parameters(query) | {
        "typed": tiers.get(Tier.TITLE_AS_TYPED, nothing)["required"],
        "title": tiers.get(Tier.TITLE, nothing)["required"],
        "closer": tiers.get(Tier.CLOSER_IN_TITLE, nothing)["required"],
        "whole": tiers[Tier.WORDS_IN_TITLE]["required"],
        "beginning": tiers[Tier.WORDS_ANYWHERE]["not_in_title"],
    }


def _tier_of(search: TableClause) -> ColumnElement[int]:
    """The tier of a record that has the words in any field."""
    return case(
        (has(search.c.title, "typed"), _number(Tier.TITLE_AS_TYPED)),
        (has(search.c.title, "title"), _number(Tier.TITLE)),
        (has(search.c.title, "closer"), _number(Tier.CLOSER_IN_TITLE)),
        (has(search.c.title, "whole"), _number(Tier.WORDS_IN_TITLE)),
        (has(search.c.title, "beginning"), _number(Tier.BEGINNING_IN_TITLE)),
        (has(search.c.everything, "whole"), _number(Tier.WORDS_ANYWHERE)),
        else_=_number(Tier.BEGINNING_ANYWHERE),
    )


def _sample(search: TableClause) -> Subquery:
    """The records with the words, of a sample of a thousand."""
    sample = _sampled(search)
    return select(sample.c.id).where(anywhere(sample)).subquery()


def _sampled(search: TableClause) -> Subquery:
    """A sample of a thousand records, from several parts of the table."""
    last = select(func.max(search.c.id)).scalar_subquery()
    parts = []
    for part in range(SAMPLES):
        begin = cast(last * _number(part) / _number(SAMPLES), BigInteger)  # the index could not be used with a fraction
        next_ones = select(search).where(search.c.id > begin).order_by(search.c.id).limit(_number(PROBED // SAMPLES))
        parts.append(select(next_ones.subquery()))
    return union_all(*parts).subquery()


def record_has(search: TableClause, record_id: ColumnElement[int], query: WordQuery) -> ColumnElement[bool]:
    """The condition that a single record has, in any field, the words of a query."""
    found = select(anywhere(search)).where(search.c.id == record_id)
    return found.params(parameters(query)).scalar_subquery()


def few_in(search: TableClause, tier: Tier) -> Select[bool]:
    """Whether a tier has few enough records for the index to find them all quickly."""
    rows = _sampled(search)
    return select(_count(select(rows.c.id).where(in_tier(rows, tier)).subquery()) < _number(HITS))


def all_ids(search: TableClause) -> Select[int]:
    """The ids of all records that have the words, by the index of words: with this order no plan can stop early."""
    return select(search.c.id).where(anywhere(search)).order_by(search.c.id + _number(0))


def all_in(search: TableClause, tier: Tier, after_id: ColumnElement[int], hold: Holds) -> Select[int]:
    """The ids after `after_id` in a tier, in order, by the index of words."""
    no_index_has = search.c.id + _number(0)
    found = select(search.c.id).where(in_tier(search, tier), no_index_has > after_id, *hold(search.c.id))
    return found.order_by(no_index_has)


def next_in(
    search: TableClause, tier: Tier, after_id: ColumnElement[int], steps: int
) -> tuple[Subquery, list[ColumnElement[bool]]]:
    """The next records, up to `steps` of them, and the conditions that they are in a tier."""
    next_ones = select(search).where(search.c.id > after_id).order_by(search.c.id).limit(_number(steps)).subquery()
    return next_ones, [in_tier(next_ones, tier)]


def tier_of(
    search: TableClause, record_id: ColumnElement[int], query: WordQuery, tiers: Mapping[Tier, Parameters]
) -> ColumnElement[int]:
    """The tier of a single record; null if it does not have the words."""
    found = select(_tier_of(search)).where(search.c.id == record_id, anywhere(search))
    return found.params(parameters_at_once(query, tiers)).scalar_subquery()


def frequent(search: TableClause) -> Select[bool]:
    """Whether the words are so frequent that the index would collect a large part of the table."""
    return select(_count(_sample(search)) >= _number(HITS))


def _number(number: int) -> ColumnElement[int]:
    """A number as a literal in the statement."""
    return literal_column(str(int(number)), Integer)


def _count(rows: FromClause) -> ColumnElement[int]:
    return select(func.count()).select_from(rows).scalar_subquery()
