"""Search on SQLite: FTS5 over words that are already split."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, case, column, func, literal, or_, select, table
from sqlalchemy.dialects.sqlite import insert

from app.db.bulk import among
from app.models import SearchWord
from app.search.query import All, Term
from app.search.tiers import Tier, matches
from app.search.typos import new_variants

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, Subquery, TableClause
    from sqlalchemy.sql.dml import Insert

    from app.search.backend import Parameters
    from app.search.query import Expression, WordQuery


@cache
def search_table(kind: str) -> TableClause:
    """The table of a kind. FTS5 matches against the column with the table's own name."""
    name = f"{kind}_search"
    return table(name, column("rowid"), column("title"), column("everything"), column(name))


def id_of(search: TableClause) -> ColumnElement[int]:
    """The record's id."""
    return search.c.rowid


def put(connection: Connection, search: TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the words of records, replacing what is stored. Each row has `id`, and `title` and `everything`, lists."""
    joined = [{"id": row["id"], **{name: " ".join(row[name]) for name in ("title", "everything")}} for row in rows]
    connection.execute(_put(search), joined)


add = put
"""Store the words of new records."""


@cache
def _put(search: TableClause) -> Insert:
    return (
        insert(search)
        .prefix_with("OR REPLACE")
        .values(rowid=bindparam("id"), title=bindparam("title"), everything=bindparam("everything"))
    )


def learn(connection: Connection, words: Collection[str], at_most: int | None) -> None:
    """Store the words that are new, by their variants: all, or the shortest."""
    is_one = among(connection, SearchWord.variant, words)
    known = connection.scalars(select(SearchWord.word).where(is_one, SearchWord.variant == SearchWord.word))
    pairs = new_variants(sorted(set(words).difference(known), key=len)[:at_most])
    if pairs:
        rows = [{"variant": variant, "word": word} for variant, word in pairs]
        connection.execute(insert(SearchWord).on_conflict_do_nothing(), rows)


def earliest(search: TableClause, tier: Tier, after_id: ColumnElement[int], limit: int) -> Select[int]:
    """The statement for the lowest ids after `after_id` in a tier. FTS5 finds them in this order."""
    del tier  # only the parameters depend on it
    key = search.c.rowid
    return select(key.label("id")).where(anywhere(search), key > after_id).order_by(key).limit(limit)


def anywhere(search: TableClause) -> ColumnElement[bool]:
    """The condition that a record has, in any field, all words of a query, whose `parameters` go with the statement."""
    return search.c[search.name].bool_op("MATCH")(bindparam("required", type_=Text))


def all_ids(search: TableClause) -> Select[int]:
    """The ids of all records that have the words."""
    return select(search.c.rowid).where(anywhere(search))


def record_has(search: TableClause, record_id: ColumnElement[int], query: WordQuery) -> ColumnElement[bool]:
    """The condition that a single record has, in any field, the words of a query.

    Starting a search in FTS5 takes 10 to 50 microseconds; scanning the text that it stores takes 2.
    """
    content = table(f"{search.name}_content", column("id"), column("c1", Text))
    text = literal(" ") + content.c.c1 + " "
    return select(_contains(text, query.required)).where(content.c.id == record_id).scalar_subquery()


RECORDS_TO_A_STEP = 1
"""A step is a record that has the words."""


def next_in(
    search: TableClause, tier: Tier, after_id: ColumnElement[int], steps: int
) -> tuple[Subquery, list[ColumnElement[bool]]]:
    """The next ids in a tier, up to `steps` of them, without further conditions."""
    return earliest(search, tier, after_id, steps).subquery(), []


def tier_of(
    search: TableClause, record_id: ColumnElement[int], query: WordQuery, tiers: Mapping[Tier, Parameters]
) -> ColumnElement[int]:
    """The tier of a single record; null if it does not have the words. It scans the text, as `record_has` does."""
    del tiers
    content = table(f"{search.name}_content", column("id"), column("c0", Text), column("c1", Text))
    title, everything = (literal(" ") + text + " " for text in (content.c.c0, content.c.c1))
    tier = case(
        *(
            (_contains(title if tier < Tier.WORDS_ANYWHERE else everything, match.required), literal(int(tier)))
            for tier, match in matches(query).items()
        )
    )
    return select(tier).where(content.c.id == record_id, _contains(everything, query.required)).scalar_subquery()


def frequent(search: TableClause) -> None:
    """Not supported, hence None: FTS5 stops as soon as it has found enough."""
    del search


def _contains(text: ColumnElement[str], required: Expression) -> ColumnElement[bool]:
    if isinstance(required, Term):
        return func.instr(text, f" {required.word}{'' if required.beginning else ' '}") > 0
    parts = [_contains(text, part) for part in required.of]
    return and_(*parts) if isinstance(required, All) else or_(*parts)


def parameters(query: WordQuery) -> dict[str, str]:
    """The parameters of a query in any field."""
    return {"required": f"everything : {_match(query.required)}"}


def parameters_by_tier(query: WordQuery) -> dict[Tier, dict[str, str]]:
    """The parameters of a query in each tier. FTS5 needs all of it in one MATCH."""
    return {tier: {"required": _in_tier(tier, *match)} for tier, match in matches(query).items()}


def _in_tier(tier: Tier, required: Expression, not_in_title: Expression | None, not_anywhere: Expression | None) -> str:
    place = "title" if tier < Tier.WORDS_ANYWHERE else "everything"
    left_out = [
        f"{column} : {_match(part)}"
        for column, part in (("title", not_in_title), ("everything", not_anywhere))
        if part is not None
    ]
    here = f"{place} : {_match(required)}"
    return f"({here}) NOT ({' OR '.join(left_out)})" if left_out else here


def _match(required: Expression) -> str:
    if isinstance(required, Term):
        return f'"{required.word}"{" *" if required.beginning else ""}'
    return f"({(' AND ' if isinstance(required, All) else ' OR ').join(map(_match, required.of))})"
