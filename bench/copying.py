"""Copying a catalogue from PostgreSQL to SQLite."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg

from app.database import Database
from bench.filling import COLUMNS
from devtools.databases import migrate, settings_for

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress

AT_ONCE = 20_000
INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
WORDS = "id, array_to_string(tsvector_to_array(title), ' '), array_to_string(tsvector_to_array(everything), ' ')"


def copied(server: str, path: Path, progress: Progress) -> Database:
    """Copy the catalogue to a file, unless it exists."""
    database = Database.of(settings_for(f"sqlite:///{path}", db_statement_timeout=0))
    if path.exists():
        return database
    migrate(database.engine)
    database.engine.dispose()
    with psycopg.connect(server) as source, sqlite3.connect(path) as target:
        for pragma in ("synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
            target.execute(f"PRAGMA {pragma}")
        indexes = target.execute(INDEXES).fetchall()
        for name, _ in indexes:
            target.execute(f"DROP INDEX {name}")
        for table in progress.track(COLUMNS, description="copy to SQLite"):
            _copy(source, target, table)
        for _, definition in indexes:
            target.execute(definition)
    return database


def _copy(source: psycopg.Connection[Any], target: sqlite3.Connection, table: str) -> None:
    columns = COLUMNS[table].replace(" ", "").split(",")
    is_search = table.endswith("_search")
    into = ["rowid", *columns[1:]] if is_search else columns
    insert = f"INSERT INTO {table} ({', '.join(into)}) VALUES ({', '.join('?' * len(into))})"  # noqa: S608
    with source.cursor(name=table) as cursor:
        cursor.execute(f"SELECT {WORDS if is_search else COLUMNS[table]} FROM {table}")  # noqa: S608
        while rows := cursor.fetchmany(AT_ONCE):
            target.executemany(insert, ([_value(value) for value in row] for row in rows))


def _value(value: Any) -> Any:  # noqa: ANN401  (a column's value)
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
