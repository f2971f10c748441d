"""Search on SQLite: FTS5 over words that come ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, column, select, table
from sqlalchemy.dialects.sqlite import insert

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select, TableClause
    from sqlalchemy.sql.dml import Insert

    from app.search.query import Term, WordQuery

    Asked = Callable[[TableClause], ColumnElement[bool]]
    Narrow = Callable[[Select[int], ColumnElement[int]], Select[int]]


def search_table(kind: str) -> TableClause:
    """The table of a kind. In FTS5 the column with the table's own name is the one that is matched."""
    name = f"{kind}_search"
    return table(name, column("rowid"), column("title"), column("everything"), column(name))


def id_of(search: TableClause) -> ColumnElement[int]:
    """The record's id."""
    return search.c.rowid


def put(search: TableClause) -> Insert:
    """The statement that keeps a record's words: `id`, `title` and `everything`, words with spaces between."""
    return (
        insert(search)
        .prefix_with("OR REPLACE")
        .values(rowid=bindparam("id"), title=bindparam("title"), everything=bindparam("everything"))
    )


def earliest(
    search: TableClause, asked: Asked, narrow: Narrow, after_id: ColumnElement[int], limit: int
) -> Select[int]:
    """The least ids after one, of records that have what is asked for. FTS5 finds them in this order."""
    key = search.c.rowid
    rows = select(key.label("id")).where(asked(search), key > after_id)
    return narrow(rows, key).order_by(key).limit(limit)


def in_title(search: TableClause) -> ColumnElement[bool]:
    """Whether the title has all that the query asks for, whose `parameters` go with the statement."""
    return _match(search, "in_title")


def anywhere(search: TableClause) -> ColumnElement[bool]:
    """Whether the record has it all."""
    return _match(search, "anywhere")


def elsewhere(search: TableClause) -> ColumnElement[bool]:
    """Whether the record has it all, and the title by itself has not. FTS5 wants all of it in one MATCH."""
    return _match(search, "elsewhere")


def parameters(query: WordQuery) -> dict[str, str | None]:
    """What a query asks for, in each of the places."""
    asked = " AND ".join(f"({' OR '.join(map(_term, group))})" for group in query.groups)
    in_title, anywhere = f"title : ({asked})", f"everything : ({asked})"
    return {"in_title": in_title, "anywhere": anywhere, "elsewhere": f"({anywhere}) NOT ({in_title})"}


def kept_words(words: list[str]) -> str:
    """Words as `put` takes them."""
    return " ".join(words)


def _match(search: TableClause, place: str) -> ColumnElement[bool]:
    return search.c[search.name].bool_op("MATCH")(bindparam(place, type_=Text))


def _term(term: Term) -> str:
    return f'"{term.word}"{" *" if term.beginning else ""}'
