"""How large the database is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

TABLES = ("books", "authors", "users", "sessions", "search_words", "audit_events")
"""The tables that grow with use."""
ESTIMATED_FROM = 100_000
"""Rows from which PostgreSQL's estimate is taken: to count a million takes it a tenth of a second."""
ESTIMATE = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:table)")
"""Of the last VACUUM or ANALYZE; negative if there was none."""


def count_rows(connection: Connection) -> Iterator[tuple[str, int]]:
    """The number of rows of each table, estimated on PostgreSQL if there are many."""
    return ((table, _rows(connection, table)) for table in TABLES)


def bytes_on_disk(connection: Connection) -> dict[str, int]:
    """The size in bytes of the database, and on SQLite of its write-ahead log."""
    if connection.dialect.name == "postgresql":
        return {"data": int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())}
    [path] = [row.file for row in connection.exec_driver_sql("PRAGMA database_list") if row.name == "main"]
    return {"data": _size(Path(path)), "wal": _size(Path(f"{path}-wal"))}


def _rows(connection: Connection, table: str) -> int:
    if connection.dialect.name == "postgresql":
        estimate = int(connection.scalar(ESTIMATE, {"table": table}) or 0)
        if estimate >= ESTIMATED_FROM:
            return estimate
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608  (one of TABLES)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
