"""Search on PostgreSQL: tsvectors of words that come ready, with GIN indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    not_,
    select,
    table,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR, insert

from app.search.words import without_spaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, TableClause
    from sqlalchemy.sql.dml import Insert

    from app.search.query import Group, Term, WordQuery

    Asked = Callable[[FromClause], ColumnElement[bool]]
    Narrow = Callable[[Select[int], ColumnElement[int]], Select[int]]

PROBED = 1000
"""Records that are looked at one by one before the index is asked: 0.3 ms."""
HITS = 3
"""Of those; with so many, a page of them is most likely among the next ones."""
WALKED = 20_000
"""Records that are looked at one by one at most: 7 ms."""
SHORT_BEGINNING = 1
"""Letters of a beginning that so many words have that the index is asked for the other words only."""


def search_table(kind: str) -> TableClause:
    """The table of a kind, with the record's id and the words of its title and of everything."""
    return table(f"{kind}_search", column("id"), column("title", TSVECTOR), column("everything", TSVECTOR))


def id_of(search: TableClause) -> ColumnElement[int]:
    """The record's id."""
    return search.c.id


def put(search: TableClause) -> Insert:
    """The statement that keeps a record's words: `id`, `title` and `everything`, lists of words."""
    values = insert(search).values(
        id=bindparam("id"),
        title=func.array_to_tsvector(cast(bindparam("title"), ARRAY(Text))),
        everything=func.array_to_tsvector(cast(bindparam("everything"), ARRAY(Text))),
    )
    return values.on_conflict_do_update(
        index_elements=["id"], set_={"title": values.excluded.title, "everything": values.excluded.everything}
    )


def earliest(
    search: TableClause, asked: Asked, narrow: Narrow, after_id: ColumnElement[int], limit: int
) -> CompoundSelect[int]:
    """The least ids after one, of records that have what is asked for.

    Frequent words are found among the next records, one by one; where a probe says that they are not frequent, all that
    the index finds is sorted. PostgreSQL by itself chooses between the two by how frequent it takes the words to be,
    and where it is wrong (words that avoid each other, or a filter) it reads a million records: 0.8 to 3 seconds. So it
    has no choice: `id + 0` is in no index. The numbers stand in the statement itself, for the plan for any values.
    """
    at_most = _number(limit)

    def among_next(count: ColumnElement[int]) -> Select[int]:
        next_ones = select(search).where(search.c.id > after_id).order_by(search.c.id).limit(count).subquery()
        found = select(next_ones.c.id).where(asked(next_ones))
        return narrow(found, next_ones.c.id).order_by(next_ones.c.id).limit(at_most)

    hits = _count(among_next(_number(PROBED)).subquery())
    walked = case((hits >= _number(min(HITS, limit)), _number(WALKED)), else_=_number(0))
    near = among_next(walked).cte()
    enough = _count(near) >= at_most
    no_index_has = search.c.id + _number(0)
    found = select(search.c.id).where(asked(search), no_index_has > after_id, not_(enough))
    by_index = narrow(found, search.c.id).order_by(no_index_has).limit(at_most).subquery()
    return union_all(select(near.c.id).where(enough), select(by_index.c.id))


def _number(number: int) -> ColumnElement[int]:
    """A number as it stands in the statement."""
    return literal_column(str(number), Integer)


def _count(rows: FromClause) -> ColumnElement[int]:
    return select(func.count()).select_from(rows).scalar_subquery()


def in_title(search: FromClause) -> ColumnElement[bool]:
    """Whether the title has all that the query asks for, whose `parameters` go with the statement."""
    return _has(search.c.title)


def anywhere(search: FromClause) -> ColumnElement[bool]:
    """Whether the record has it all."""
    return _has(search.c.everything)


def elsewhere(search: FromClause) -> ColumnElement[bool]:
    """Whether the record has it all, and the title by itself has not."""
    return and_(anywhere(search), not_(in_title(search)))


def parameters(query: WordQuery) -> dict[str, str | None]:
    """What a query asks for: words, and apart from them a short beginning, where there is one beside others."""
    short = [group for group in query.groups if _is_short_beginning(group[0])]
    long = [group for group in query.groups if group not in short]
    if not short or not long:
        return {"words": _tsquery(query.groups), "short": None}
    return {"words": _tsquery(long), "short": _tsquery(short)}


def kept_words(words: list[str]) -> list[str]:
    """Words as `put` takes them."""
    return words


def _has(words: ColumnElement[str]) -> ColumnElement[bool]:
    """A short beginning is asked for in a form that the index does not take: it would collect half of the records."""
    has_no_short = words.bool_op("@@")(func.tsquery_not(cast(bindparam("short", type_=Text), TSQUERY)))
    return and_(words.bool_op("@@")(cast(bindparam("words", type_=Text), TSQUERY)), has_no_short.is_not(true()))


def _is_short_beginning(term: Term) -> bool:
    return term.beginning and len(term.word) <= SHORT_BEGINNING and not without_spaces(term.word)


def _tsquery(groups: list[Group]) -> str:
    return " & ".join(f"({' | '.join(map(_term, group))})" for group in groups)


def _term(term: Term) -> str:
    quoted = term.word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'{':*' if term.beginning else ''}"
