"""Search on PostgreSQL: tsvectors of words that are already split, with GIN indexes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, and_, bindparam, cast, column, func, select, table, true
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR, insert

from app.db.bulk import as_json, rows_of
from app.search.query import All, Either, Term
from app.search.tiers import Tier, matches
from app.search.words import without_spaces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, TableClause
    from sqlalchemy.orm import Session
    from sqlalchemy.sql.dml import Insert

    from app.search.query import Asked, WordQuery

SHORT_BEGINNING = 1
"""The length of prefixes so common that the index is queried only for the other words."""


@cache
def search_table(kind: str) -> TableClause:
    """The table of a kind, with the record's id, the words of its title, and all of its words."""
    return table(f"{kind}_search", column("id"), column("title", TSVECTOR), column("everything", TSVECTOR))


def id_of(search: TableClause) -> ColumnElement[int]:
    """The record's id."""
    return search.c.id


def put(connection: Connection | Session, search: TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the words of records, replacing what is stored. Each row has `id`, and `title` and `everything`, lists."""
    connection.execute(_put(search), {"rows": as_json(rows)})


@cache
def _put(search: TableClause) -> Insert:
    given = rows_of({"id": BigInteger(), "title": ARRAY(Text), "everything": ARRAY(Text)})
    vectors = (func.array_to_tsvector(given.c[name]) for name in ("title", "everything"))
    new = insert(search).from_select(["id", "title", "everything"], select(given.c.id, *vectors))
    return new.on_conflict_do_update(
        index_elements=["id"], set_={"title": new.excluded.title, "everything": new.excluded.everything}
    )


def in_tier(search: FromClause, tier: Tier) -> ColumnElement[bool]:
    """The condition that a record is in a tier, whose parameters go with the statement."""
    place = search.c.title if tier < Tier.WORDS_ANYWHERE else search.c.everything
    return and_(
        _has(place),
        has(search.c.title, "not_in_title").is_not(true()),
        has(search.c.everything, "not_anywhere").is_not(true()),
    )


def anywhere(search: FromClause) -> ColumnElement[bool]:
    """The condition that a record has, in any field, all words of a query, whose `parameters` go with the statement."""
    return _has(search.c.everything)


def parameters(query: WordQuery) -> dict[str, str | None]:
    """The parameters of a query in any field."""
    return _parameters(query.asked)


def parameters_by_tier(query: WordQuery) -> dict[Tier, dict[str, str | None]]:
    """The parameters of a query in each tier."""
    return {
        tier: _parameters(match.asked)
        | {name: tsquery(getattr(match, name)) for name in ("not_in_title", "not_anywhere")}
        for tier, match in matches(query).items()
    }


def has(words: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """The condition that the words match the parameter of that name; null if it is null."""
    return words.bool_op("@@")(_hidden_from_planner(name))


def tsquery(asked: Asked | None) -> str | None:
    """The query as a `tsquery`."""
    match asked:
        case None:
            return None
        case Term(word, beginning):
            quoted = word.replace("\\", "\\\\").replace("'", "''")
            return f"'{quoted}'{':*' if beginning else ''}"
        case All(of):
            return f"({' & '.join(filter(None, map(tsquery, of)))})"
        case Either(of):
            return f"({' | '.join(filter(None, map(tsquery, of)))})"


def _has(words: ColumnElement[str]) -> ColumnElement[bool]:
    """Match short prefixes in a form that cannot use the index, which would collect half of the records."""
    has_not_all = words.bool_op("@@")(func.tsquery_not(_hidden_from_planner("all")))
    return and_(has(words, "asked"), has_not_all.is_not(true()))


def _hidden_from_planner(name: str) -> ColumnElement[str]:
    """A parameter that the planner cannot inspect: planning each query took 10 ms and more.

    Its estimates are wrong for words that rarely occur together: it expects a limit to be reached soon, and scans the
    whole table.
    """
    return select(cast(bindparam(name, type_=Text), TSQUERY)).scalar_subquery()


def _parameters(asked: Asked) -> dict[str, str | None]:
    """The query for the index, and the full query if it differs."""
    indexed = _without_short_beginnings(asked)
    if indexed is None or indexed == asked:
        return {"asked": tsquery(asked), "all": None}
    return {"asked": tsquery(indexed), "all": tsquery(asked)}


def _without_short_beginnings(asked: Asked) -> Asked | None:
    """The query without short prefixes; None if nothing is left."""
    match asked:
        case Term():
            return None if _is_short_beginning(asked) else asked
        case All(of):
            kept = tuple(part for part in map(_without_short_beginnings, of) if part is not None)
            return All(kept) if kept else None
        case Either(of):
            parts = tuple(map(_without_short_beginnings, of))
            return None if None in parts else Either(tuple(part for part in parts if part is not None))


def _is_short_beginning(term: Term) -> bool:
    return term.beginning and len(term.word) <= SHORT_BEGINNING and not without_spaces(term.word)
