"""Statements for many rows, whose text is the same for any number of them: it is compiled and prepared once.

PostgreSQL gets all rows as one parameter, a JSON text: in an INSERT with many VALUES, or an executemany, SQLAlchemy and
the driver convert each value. SQLite's driver runs an executemany by itself.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from sqlalchemy import JSON, BigInteger, Text, any_, bindparam, cast, column, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, TableValuedAlias, Update
    from sqlalchemy.dialects.postgresql import Insert
    from sqlalchemy.orm import InstrumentedAttribute, Session
    from sqlalchemy.types import TypeEngine

    Rows = Sequence[Mapping[str, Any]]


def among(
    db: Session | Connection, key: ColumnElement[Any] | InstrumentedAttribute[Any], values: Collection[Any]
) -> Any:  # noqa: ANN401  (a condition)
    """The condition that a column, of integers or text, has one of the values, which are one parameter."""
    if is_postgres(db):
        of_type = BigInteger if isinstance(key.type, BigInteger) else Text
        return key == any_(cast(list(values), postgresql.ARRAY(of_type)))
    texts = func.json_each(json.dumps(list(values), ensure_ascii=False)).table_valued("value")
    return key.in_(select(texts.c.value))


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, which all have the same columns."""
    if not rows:
        return
    if is_postgres(connection):
        connection.execute(_insert(table, tuple(rows[0])), {"rows": as_json(rows)})
    else:
        connection.execute(sqlite.insert(table), rows)


def insert_records(
    connection: Connection, table: Table, rows: Rows, parts: Mapping[Table, Rows], *, skip_taken: bool = False
) -> set[int]:
    """Insert records, and their parts in other tables, whose first column refers to the record.

    Args:
        connection: in a transaction.
        table: the table of the records.
        rows: the records.
        parts: the rows of the other tables.
        skip_taken: leave out records that violate a unique constraint, and their parts. On SQLite, which has one
            writer at a time, there must be none.

    Returns: the ids of the records that were inserted.
    """
    if not rows:
        return set()
    if not is_postgres(connection):
        for of_table, of_rows in ((table, rows), *parts.items()):
            insert_rows(connection, of_table, of_rows)
        return {row["id"] for row in rows}
    filled = {part: of_rows for part, of_rows in parts.items() if of_rows}
    statement = _insert_records(
        table, tuple(rows[0]), tuple((part, tuple(filled[part][0])) for part in filled), skip_taken
    )
    given = {f"rows_of_{part.name}": as_json(of_rows) for part, of_rows in filled.items()}
    return set(connection.scalars(statement, {"rows": as_json(rows), **given}))


def update_rows(connection: Connection, table: Table, rows: Rows, before: Iterable[Mapping[str, Any]]) -> None:
    """Set the columns of rows by their ids.

    Args:
        connection: in a transaction.
        table: their table.
        rows: the rows.
        before: what each was. SQLite rewrites the index of every column that a statement sets, changed or not.
    """
    if not rows:
        return
    if is_postgres(connection):
        connection.execute(_update(table, tuple(rows[0])), {"rows": as_json(rows)})
        return
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, was in zip(rows, before, strict=True):
        changed = {name: value for name, value in row.items() if value != was[name]}
        alike.setdefault(tuple(changed), []).append({"id_": row["id"], **changed})
    for names, some in alike.items():
        by_id = update(table).where(table.c.id == bindparam("id_"))
        connection.execute(by_id.values({name: bindparam(name) for name in names}), some)


def rows_of(columns: Mapping[str, TypeEngine[Any]], parameter: str = "rows") -> TableValuedAlias:
    """On PostgreSQL: the rows in a parameter, as a table."""
    typed = [column(name, of_type) for name, of_type in columns.items()]
    given = func.json_to_recordset(cast(bindparam(parameter, type_=Text), JSON)).table_valued(*typed, name="given")
    return given.render_derived(with_types=True)


def as_json(rows: Rows) -> str:
    """Rows as a parameter."""
    return to_json(rows).decode()


def is_postgres(db: Session | Connection | Engine) -> bool:
    """Whether the database is PostgreSQL."""
    engine = db.get_bind() if hasattr(db, "get_bind") else db
    return engine.dialect.name == "postgresql"


@cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    given = rows_of({name: table.c[name].type for name in names})
    return postgresql.insert(table).from_select(names, select(given), include_defaults=False)


@cache
def _update(table: Table, names: tuple[str, ...]) -> Update:
    given = rows_of({name: table.c[name].type for name in names})
    return update(table).where(table.c.id == given.c.id).values({name: given.c[name] for name in names if name != "id"})


@cache
def _insert_records(
    table: Table,
    names: tuple[str, ...],
    parts: tuple[tuple[Table, tuple[str, ...]], ...],
    skip_taken: bool,  # noqa: FBT001  (part of the key of the cache)
) -> Select[int]:
    """One statement, whose parts see what its first insert returns."""
    insert = _insert(table, names)
    new = (insert.on_conflict_do_nothing() if skip_taken else insert).returning(table.c.id).cte("new")
    statement = select(new.c.id)
    for part, part_names in parts:
        given = rows_of({name: part.c[name].type for name in part_names}, f"rows_of_{part.name}")
        of_new = select(given).where(given.c[part_names[0]].in_(select(new.c.id)))
        insert_part = postgresql.insert(part).from_select(part_names, of_new, include_defaults=False)
        statement = statement.add_cte(insert_part.cte(f"new_{part.name}"))
    return statement
