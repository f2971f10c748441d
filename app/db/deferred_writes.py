"""Writes without results, left for the next statement of their transaction, so that they are one round trip with it.

On PostgreSQL they become its data-modifying CTEs. Each begins when the one that was left before it has ended, so rows
and unique keys are locked in that order; but all see the database as it was before the statement. Nothing else can tell
the difference: any other statement, and the commit, first sends what was left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, event, literal, literal_column, select, true
from sqlalchemy.sql.dml import Insert, Update

from app.db.driver_statements import fetch
from app.db.transaction_notes import forget_with_transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    Rows = Select[*tuple[Any, ...]]

Write = Callable[[ColumnElement[bool]], Insert | Update]
"""Builds a statement that writes rows under a condition, and returns a row for each.

It must be the same object for the same statement, so that this is compiled once.
"""
LEFT = "left_writes"
"""The key in `Connection.info`."""
_NOTHING = select(literal(1))


def defer(connection: Connection, write: Write, parameters: Mapping[str, Any]) -> None:
    """Leave a write for the next statement of the transaction, on PostgreSQL.

    If another with a parameter of that name is left, it is sent first.
    """
    if any(parameters.keys() & given.keys() for given in connection.info.get(LEFT, {}).values()):
        send(connection)
    connection.info.setdefault(LEFT, {})[write] = parameters


def execute_with_deferred(
    connection: Connection, statement: Rows, parameters: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Execute a SELECT, always the same object, as one statement with the writes that were left; they come first.

    Returns: its rows.
    """
    left: dict[Write, Mapping[str, Any]] = connection.info.pop(LEFT, {})
    if not left:
        return fetch(connection, statement, parameters)
    values = dict(parameters)
    for given in left.values():
        values |= given
    return fetch(connection, _together(statement, tuple(left)), values)


def send(connection: Connection) -> None:
    """Send what was left."""
    if connection.info.get(LEFT):
        execute_with_deferred(connection, _NOTHING, {})


def send_in_time(engine: Engine) -> None:
    """Send what was left before any other statement of this engine's connections."""
    event.listen(engine, "before_execute", lambda connection, *_statement: send(connection))
    event.listen(engine, "commit", send)
    forget_with_transaction(engine, LEFT)


@lru_cache(maxsize=256)
def _together(statement: Rows, writes: tuple[Write, ...]) -> Rows:
    """One statement, which waits for each write by counting the rows of its CTE."""
    done: ColumnElement[bool] = true()
    for place, write in enumerate(writes):
        cte = write(done).cte(f"write_{place}")
        statement = statement.add_cte(cte)
        done = literal_column(f"(SELECT count(*) FROM {cte.name}) >= 0")  # noqa: S608  (our own name)
    return statement.where(done)
