"""Frequent statements, which go straight to PostgreSQL's driver.

SQLAlchemy takes three times as long as the driver to execute a statement that it has compiled before: 160 µs, for a
context, a cursor, a description of the columns and a result. Here SQL and cursor are kept, and rows are tuples. The
rest is as with `Connection.execute`: its listeners, what errors become, and the types of parameters and columns.
"""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import Error, RawCursor
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from app.db.statement_times import note_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection, Select, TextClause
    from sqlalchemy.types import TypeEngine

    Convert = Callable[[Any], Any]
    Statement = Select[*tuple[Any, ...]] | TextClause

CURSORS = "direct_cursors"
"""The key in `Connection.info`, which lasts as long as the driver's connection."""
MOST_CURSORS = 256
"""Of a connection: lists of each length have statements of their own."""
_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
"""As the engines', but with parameters as PostgreSQL writes them: psycopg then need not look for them in the text."""


class _Sql(NamedTuple):
    """A compiled statement."""

    text: str
    constants: dict[str, Any]
    """Parameters that the statement itself has."""
    parameters: list[tuple[str, Convert | None]]
    """The names of all parameters in order, and what converts their values for the driver."""
    columns: list[tuple[int, Convert]]
    """The places of columns whose values are converted, and by what."""


def fetch(connection: Connection, statement: Statement, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute a statement and fetch its rows; SQLite's are SQLAlchemy's.

    Args:
        connection: in a transaction, or in AUTOCOMMIT.
        statement: always the same object, so that it is compiled once.
        parameters: by their names.

    Raises:
        BooksError, sqlalchemy.exc.DBAPIError: as with `Connection.execute`.
    """
    if connection.dialect.name != "postgresql":
        return [tuple(row) for row in connection.execute(statement, parameters)]
    listeners = connection.engine.dispatch
    listeners.before_execute(connection, statement, [parameters], {}, {})
    sql = _compiled(statement)
    given = {**sql.constants, **parameters}
    values = [given[name] if convert is None else convert(given[name]) for name, convert in sql.parameters]
    cursor = _cursor_of(connection, sql.text)
    listeners.before_cursor_execute(connection, cursor, sql.text, values, None, False)  # noqa: FBT003  (SQLAlchemy's)
    began = perf_counter()
    try:
        rows = cursor.execute(sql.text, values).fetchall()
    except Error as error:
        connection._handle_dbapi_exception(error, sql.text, values, None, None)  # noqa: SLF001  (nothing public calls the listeners of errors)
    finally:
        note_time(perf_counter() - began, sql.text)
    return [_converted(row, sql.columns) for row in rows] if sql.columns else rows


def _cursor_of(connection: Connection, text: str) -> RawCursor[Any]:
    """The connection's own cursor for a statement, which remembers how it writes and reads the values of this one."""
    cursors: dict[str, RawCursor[Any]] = connection.info.setdefault(CURSORS, {})
    if text not in cursors:
        if len(cursors) >= MOST_CURSORS:
            cursors.clear()
        driver: Any = connection.connection.driver_connection
        cursors[text] = RawCursor(driver)
    return cursors[text]


@lru_cache(maxsize=2 * MOST_CURSORS)
def _compiled(statement: Statement) -> _Sql:
    compiled = statement.compile(dialect=_DIALECT)
    names = compiled.positiontup or []
    columns = enumerate(column.type for column in getattr(statement, "selected_columns", ()))
    readers = [(place, _of(of_type).result_processor(_DIALECT, None)) for place, of_type in columns]
    return _Sql(
        str(compiled),
        {name: value for name, value in compiled.params.items() if value is not None},
        [(name, _of(compiled.binds[name].type).bind_processor(_DIALECT)) for name in names],
        [(place, convert) for place, convert in readers if convert],
    )


def _of(of_type: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type as this database has it."""
    return of_type.dialect_impl(_DIALECT)


def _converted(row: tuple[Any, ...], columns: list[tuple[int, Convert]]) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in columns:
        values[place] = convert(values[place])
    return tuple(values)
