"""Statements for many rows, whose text is the same for any number of them: it is compiled and prepared once.

PostgreSQL gets all rows as one parameter, a JSON text: in an INSERT with many VALUES, or an executemany, SQLAlchemy and
the driver convert each value. SQLite's driver runs an executemany by itself.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from sqlalchemy import JSON, BigInteger, Text, any_, bindparam, cast, column, func, literal_column, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.copying import copy_rows
from app.db.deferred_writes import defer
from app.db.types import TextArray

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Engine, Label, Select, Table, TableValuedAlias
    from sqlalchemy.dialects.postgresql import Insert
    from sqlalchemy.orm import InstrumentedAttribute, Session
    from sqlalchemy.types import TypeEngine

    from app.db.deferred_writes import Write

    Rows = Sequence[Mapping[str, Any]]

MANY = 100
"""Rows for which COPY is worth a round trip of its own."""
ONE: Label[int] = literal_column("1").label("one")
"""What each row of a write returns that is left for later."""


def among(
    db: Session | Connection, key: ColumnElement[Any] | InstrumentedAttribute[Any], values: Collection[Any]
) -> Any:  # noqa: ANN401  (a condition)
    """The condition that a column, of integers or text, has one of the values, which are one parameter."""
    if is_postgres(db):
        of_type = postgresql.ARRAY(BigInteger) if isinstance(key.type, BigInteger) else TextArray()
        return key == any_(cast(list(values), of_type))
    texts = func.json_each(json.dumps(list(values), ensure_ascii=False)).table_valued("value")
    return key.in_(select(texts.c.value))


def insert_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, which all have the same columns. On PostgreSQL a few are left for the next statement."""
    if not rows:
        return
    if is_postgres(connection) and len(rows) >= MANY:
        copy_rows(connection, table, rows)
    elif is_postgres(connection):
        defer(connection, _inserting(table, tuple(rows[0])), {_parameter(table): as_json(rows)})
    else:
        connection.execute(sqlite.insert(table), list(rows))


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
            writer at a time, there must be none. Otherwise, on PostgreSQL, they are left for the next statement.

    Returns: the ids of the records that were left out.
    """
    if not rows:
        return set()
    if not (skip_taken and is_postgres(connection)):
        for of_table, of_rows in ((table, rows), *parts.items()):
            insert_rows(connection, of_table, of_rows)
        return set()
    rows = list(rows)
    filled = {part: of_rows for part, of_rows in parts.items() if of_rows}
    statement = _insert_free_records(table, tuple(rows[0]), tuple((part, tuple(filled[part][0])) for part in filled))
    given = {_parameter(of_table): as_json(of_rows) for of_table, of_rows in {table: rows, **filled}.items()}
    return {row["id"] for row in rows}.difference(connection.scalars(statement, given))


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
        defer(connection, _updating(table, tuple(rows[0])), {_changed(table): as_json(rows)})
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
    return given.render_derived(name="given", with_types=True)


def as_json(rows: Rows) -> str:
    """Rows as a parameter."""
    return to_json(list(rows)).decode()


def is_postgres(db: Session | Connection | Engine) -> bool:
    """Whether the database is PostgreSQL."""
    engine = db.get_bind() if hasattr(db, "get_bind") else db
    return engine.dialect.name == "postgresql"


def _parameter(table: Table) -> str:
    return f"rows_of_{table.name}"


def _changed(table: Table) -> str:
    return f"changed_{table.name}"


def _given(table: Table, names: tuple[str, ...], parameter: str) -> TableValuedAlias:
    return rows_of({name: table.c[name].type for name in names}, parameter)


def _insert(table: Table, names: tuple[str, ...], when: ColumnElement[bool]) -> Insert:
    rows: Select[Any] = (
        select(literal_column("given.*")).select_from(_given(table, names, _parameter(table))).where(when)
    )
    return postgresql.insert(table).from_select(names, rows, include_defaults=False)


@cache
def _inserting(table: Table, names: tuple[str, ...]) -> Write:
    return lambda when: _insert(table, names, when).returning(ONE)


@cache
def _updating(table: Table, names: tuple[str, ...]) -> Write:
    given = _given(table, names, _changed(table))
    values = {name: given.c[name] for name in names if name != "id"}
    return lambda when: update(table).where(table.c.id == given.c.id, when).values(values).returning(ONE)


@cache
def _insert_free_records(
    table: Table, names: tuple[str, ...], parts: tuple[tuple[Table, tuple[str, ...]], ...]
) -> Select[int]:
    """One statement, whose parts see what its first insert returns."""
    new = _insert(table, names, true()).on_conflict_do_nothing().returning(table.c.id).cte("new")
    statement = select(new.c.id)
    for part, part_names in parts:
        given = _given(part, part_names, _parameter(part))
        of_new = select(given).where(given.c[part_names[0]].in_(select(new.c.id)))
        insert_part = postgresql.insert(part).from_select(part_names, of_new, include_defaults=False)
        statement = statement.add_cte(insert_part.cte(f"new_{part.name}"))
    return statement
