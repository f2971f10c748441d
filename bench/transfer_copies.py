"""Plain COPY of the rows of a catalogue, the yardstick of imports: the same tables, constraints and indexes."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import psycopg
from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from pathlib import Path

PARTS = 1 << 20
"""Bytes that are read at once."""
TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""
REFERENCES = """
    SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND conrelid <> confrelid AND connamespace = 'public'::regnamespace
"""


def dump(url: str, folder: Path) -> None:
    """Write the rows of each table that has some to a file of its name."""
    folder.mkdir()
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            file = folder / table
            statement = SQL("COPY {} TO STDOUT").format(Identifier(table))
            with file.open("wb") as opened, connection.cursor().copy(statement) as copy:
                for part in copy:
                    opened.write(part)
            if not file.stat().st_size:
                file.unlink()


def copy_in(url: str, folder: Path) -> float:
    """Copy the rows into the tables of a migrated database. Returns: the seconds that it took."""
    with psycopg.connect(url) as connection:
        tables = in_order(connection, {file.name for file in folder.iterdir()})
        for table in tables:  # a migration may have written some of the rows
            connection.execute(SQL("TRUNCATE {} CASCADE").format(Identifier(table)))
        connection.commit()
        started = perf_counter()
        for table in tables:
            statement = SQL("COPY {} FROM STDIN").format(Identifier(table))
            with (folder / table).open("rb") as opened, connection.cursor().copy(statement) as copy:
                while part := opened.read(PARTS):
                    copy.write(part)
        connection.commit()
        return perf_counter() - started


def in_order(connection: psycopg.Connection, tables: set[str]) -> list[str]:
    """The tables, each after those that its rows refer to."""
    needed = {table: set[str]() for table in tables}
    for table, other in connection.execute(REFERENCES):
        if table in tables and other in tables:
            needed[table].add(other)
    ordered: list[str] = []
    while needed:
        ready = sorted(table for table, others in needed.items() if others.issubset(ordered))
        ordered += ready
        needed = {table: others for table, others in needed.items() if table not in ready}
    return ordered
