"""What a database holds, in numbers that a backup and its restored copy can be compared by."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, Table, func, inspect, select

from app.backups.archive import TableContent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Row

DERIVED = {"book_search", "author_search", "search_words"}
"""Tables whose content follows from that of others: only their rows are counted."""
INTERNAL = re.compile(r"_search_(data|idx|content|docsize|config)")
"""The tables in which SQLite keeps the index of a search table."""
REVISION = "alembic_version"
WITHOUT_ACCOUNTS = {"audit_events"}
"""Tables that have rows before there is any account: failed logins."""
AT_ONCE = 1000


def tables_in(connection: Connection) -> list[Table]:
    """All tables of the database, whatever its revision is."""
    inspector, metadata = inspect(connection), MetaData()
    names = sorted(name for name in inspector.get_table_names() if not INTERNAL.search(name))
    return [
        Table(name, metadata, *(Column(column["name"]) for column in inspector.get_columns(name))) for name in names
    ]


def contents(connection: Connection, advance: Callable[[int], object] = int) -> dict[str, TableContent]:
    """The content of each table. On PostgreSQL, within a transaction that sees one snapshot.

    Args:
        connection: within a transaction.
        advance: called with the number of rows that have been read since the last call.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL TimeZone = 'UTC'")  # times are compared as text
    return {table.name: _content(connection, table, advance) for table in tables_in(connection)}


def _content(connection: Connection, table: Table, advance: Callable[[int], object]) -> TableContent:
    if table.name in DERIVED:
        return TableContent(rows=connection.scalar(select(func.count()).select_from(table)) or 0)
    columns = sorted(table.columns, key=lambda column: column.name)
    rows = connection.execute(select(*columns), execution_options={"yield_per": AT_ONCE}).partitions()
    number, digest = _digest(rows, advance)
    return TableContent(rows=number, digest=digest)


def _digest(parts: Iterable[Sequence[Row[tuple[object, ...]]]], advance: Callable[[int], object]) -> tuple[int, str]:
    """Count rows, and sum up the digest of each: the order, which depends on the locale for some keys, is of no
    importance."""  # noqa: D205,D209  (one sentence)
    number = total = 0
    for rows in parts:
        for row in rows:
            text = json.dumps(list(row), ensure_ascii=False, default=str)
            total += int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest())
        number += len(rows)
        advance(len(rows))
    return number, f"{total % 2**256:064x}"


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None if it has none, and so is not one of this service."""
    tables = {table.name: table for table in tables_in(connection)}
    found = tables.get(REVISION)
    return None if found is None else connection.scalar(select(found.c.version_num))


def has_records(connection: Connection, tables: Iterable[Table]) -> bool:
    """Whether any of the tables has records or accounts."""
    return any(
        connection.scalar(select(select(1).select_from(table).exists()))
        for table in tables
        if table.name not in {REVISION} | DERIVED | WITHOUT_ACCOUNTS
    )
