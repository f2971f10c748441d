"""Search on PostgreSQL: tsvectors of words that are already split, with GIN indexes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, Text, and_, bindparam, case, cast, column, exists, func, select, table, true
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR, insert

from app.db.bulk import MANY, ONE, as_json, rows_of
from app.db.copying import DerivedRows, copy_rows
from app.db.deferred_writes import defer
from app.db.types import TextArray
from app.models import SearchWord
from app.search.query import All, Either, Term
from app.search.tiers import Tier, matches
from app.search.words import without_spaces

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, TableClause
    from sqlalchemy.sql.dml import Insert

    from app.db.deferred_writes import Write
    from app.search.query import Expression, WordQuery

SHORT_BEGINNING = 1
"""The length of prefixes so common that the index is queried only for the other words."""


@cache
def search_table(kind: str) -> TableClause:
    """The table of a kind, with the record's id, the words of its title, and all of its words."""
    return table(f"{kind}_search", column("id"), column("title", TSVECTOR), column("everything", TSVECTOR))


def id_of(search: TableClause) -> ColumnElement[int]:
    """The record's id."""
    return search.c.id


def put(connection: Connection, search: TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Leave the words of records for the next statement. Each row has `id`, and `title` and `everything`, lists."""
    defer(connection, _putting(search), {_parameter(search): as_json(rows)})


def add(connection: Connection, search: TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the words of new records: many at once, a few with the next statement."""
    if len(rows) < MANY:
        put(connection, search, rows)
    else:
        copy_rows(connection, search, DerivedRows(rows, _as_vectors))


def _as_vectors(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in which the words are texts of the type tsvector."""
    return {
        "id": row["id"],
        **{name: _quoted("\n".join(row[name])) if row[name] else "" for name in ("title", "everything")},
    }


def _quoted(words: str) -> str:
    """One word, or several with line feeds between them, as PostgreSQL reads them."""
    escaped = words.replace("\\", "\\\\").replace("'", "''").replace("\n", "' '")
    return f"'{escaped}'"


@cache
def _putting(search: TableClause) -> Write:
    given = rows_of({"id": BigInteger(), "title": ARRAY(Text), "everything": ARRAY(Text)}, _parameter(search))
    vectors = (func.array_to_tsvector(given.c[name]) for name in ("title", "everything"))
    rows = select(given.c.id, *vectors)

    def build(when: ColumnElement[bool]) -> Insert:
        new = insert(search).from_select(["id", "title", "everything"], rows.where(when))
        replaced = {"title": new.excluded.title, "everything": new.excluded.everything}
        return new.on_conflict_do_update(index_elements=["id"], set_=replaced).returning(ONE)

    return build


def _parameter(search: TableClause) -> str:
    return f"rows_of_{search.name}"


def learn(connection: Connection, words: Collection[str], at_most: int | None) -> None:
    """Leave words for the next statement, which stores those that are new, by their variants: all, or the shortest.

    The transaction has locked WORDS with an earlier statement, so that those that are known remain until the commit.
    """
    defer(connection, _learning, {"words": list(words), "most_words": at_most})


def _learning(when: ColumnElement[bool]) -> Insert:
    """`app.search.typos.variants`, in SQL. All writers insert in the same order, so that they cannot deadlock."""
    given = func.unnest(cast(bindparam("words"), TextArray())).table_valued("word", name="given").render_derived()
    known = exists().where(SearchWord.variant == given.c.word, SearchWord.word == given.c.word)
    shortest = func.length(given.c.word)
    most = bindparam("most_words", type_=Integer)
    new = select(given.c.word).where(when, ~known).order_by(shortest).limit(most).cte("new_words")
    place = func.generate_series(0, func.length(new.c.word)).table_valued("place").render_derived(name="places")
    without = func.left(new.c.word, place.c.place - 1).concat(func.substr(new.c.word, place.c.place + 1))
    variant = case((place.c.place == 0, new.c.word), else_=without)
    rows = (
        select(variant, new.c.word)
        .select_from(new.join(place, true()))
        .order_by(variant.collate("C"), new.c.word.collate("C"))
    )
    return insert(SearchWord).from_select(["variant", "word"], rows).on_conflict_do_nothing().returning(ONE)


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
    return _parameters(query.required)


def parameters_by_tier(query: WordQuery) -> dict[Tier, dict[str, str | None]]:
    """The parameters of a query in each tier."""
    return {
        tier: _parameters(match.required)
        | {name: tsquery(getattr(match, name)) for name in ("not_in_title", "not_anywhere")}
        for tier, match in matches(query).items()
    }


def has(words: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """The condition that the words match the parameter of that name; null if it is null."""
    return words.bool_op("@@")(_hidden_from_planner(name))


def tsquery(required: Expression | None) -> str | None:
    """The query as a `tsquery`."""
    match required:
        case None:
            return None
        case Term(word, beginning):
            return f"{_quoted(word)}{':*' if beginning else ''}"
        case All(of):
            return f"({' & '.join(filter(None, map(tsquery, of)))})"
        case Either(of):
            return f"({' | '.join(filter(None, map(tsquery, of)))})"


def _has(words: ColumnElement[str]) -> ColumnElement[bool]:
    """Match short prefixes in a form that cannot use the index, which would collect half of the records."""
    has_not_all = words.bool_op("@@")(func.tsquery_not(_hidden_from_planner("all")))
    return and_(has(words, "required"), has_not_all.is_not(true()))


def _hidden_from_planner(name: str) -> ColumnElement[str]:
    """A parameter that the planner cannot inspect: planning each query took 10 ms and more.

    Its estimates are wrong for words that rarely occur together: it expects a limit to be reached soon, and scans the
    whole table.
    """
    return select(cast(bindparam(name, type_=Text), TSQUERY)).scalar_subquery()


def _parameters(required: Expression) -> dict[str, str | None]:
    """The query for the index, and the full query if it differs."""
    indexed = _without_short_beginnings(required)
    if indexed is None or indexed == required:
        return {"required": tsquery(required), "all": None}
    return {"required": tsquery(indexed), "all": tsquery(required)}


def _without_short_beginnings(required: Expression) -> Expression | None:
    """The query without short prefixes; None if nothing is left."""
    match required:
        case Term():
            return None if _is_short_beginning(required) else required
        case All(of):
            kept = tuple(part for part in map(_without_short_beginnings, of) if part is not None)
            return All(kept) if kept else None
        case Either(of):
            parts = tuple(map(_without_short_beginnings, of))
            return None if None in parts else Either(tuple(part for part in parts if part is not None))


def _is_short_beginning(term: Term) -> bool:
    return term.beginning and len(term.word) <= SHORT_BEGINNING and not without_spaces(term.word)
