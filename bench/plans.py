"""PostgreSQL's plans for the statements of a read, custom (for these values) and generic (for any values)."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.database import Database
    from bench.reads import Call

LARGE = 10_000
"""Rows from which on a table is large, and should not be scanned sequentially."""
PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Plan:
    """A statement's plan: its node lines, and the large tables that it scans sequentially."""

    lines: list[str]
    scanned: list[str]
    scanned_when_generic: list[str]


def plans_of(database: Database, call: Call) -> list[Plan]:
    """The plans of all statements that a read sends."""
    with statements(database) as sent, database.reading() as connection:
        call(connection)
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        large = {name for (name,) in connection.execute("SELECT relname FROM pg_class WHERE reltuples > %s", (LARGE,))}
        return [_plan(connection, statement, values, large) for statement, values in sent]


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The statements that the block sends, with their values."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def note(_connection: object, _cursor: object, statement: str, values: dict[str, Any], *_rest: object) -> None:
        sent.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _plan(connection: psycopg.Connection[Any], statement: str, values: dict[str, Any], large: set[str]) -> Plan:
    """Both plans: a prepared statement gets a custom plan five times, and then perhaps a generic one."""
    names = list(dict.fromkeys(PARAMETER.findall(statement)))
    numbered = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement).replace("%%", "%")
    connection.execute(sql.SQL("PREPARE hot AS {}").format(sql.SQL(numbered)))
    literals = sql.SQL(", ").join(sql.Literal(values[name]) for name in names)
    execute = sql.SQL("EXECUTE hot({})").format(literals) if names else sql.SQL("EXECUTE hot")
    explained = []
    for mode in ("force_custom_plan", "force_generic_plan"):
        connection.execute(sql.SQL("SET plan_cache_mode = {}").format(sql.Literal(mode)))
        rows = connection.execute(sql.SQL("EXPLAIN (COSTS OFF) {}").format(execute)).fetchall()
        explained.append([line for (line,) in rows])
    connection.execute("DEALLOCATE hot")
    custom, generic = explained
    return Plan(custom, _scanned(custom, large), _scanned(generic, large))


def _scanned(lines: list[str], large: set[str]) -> list[str]:
    found = [match[1] for line in lines if (match := re.search(r"Seq Scan on (\w+)", line))]
    return sorted({name for name in found if name in large})
