"""Ids: given by the service, or brought by a client, and never two the same.

Sequences know nothing of ids that clients bring. So on PostgreSQL whoever brings one waits until nobody is being
given one, moves the sequence past it, and holds the others off until the commit; readers notice nothing. SQLite
has one writer at a time. There the sequence is the row that AUTOINCREMENT keeps, so no id is ever given twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause

_GIVE = {
    "postgresql": text(
        "SELECT nextval(pg_get_serial_sequence(:table, 'id'))"
        " FROM (SELECT pg_advisory_xact_lock_shared(hashtext('ids'), hashtext(:table))) AS held"
    ),
    "sqlite": text("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = :table RETURNING seq"),
}
_MAKE_WAY: dict[str, list[TextClause]] = {
    "postgresql": [
        text("SELECT pg_advisory_xact_lock(hashtext('ids'), hashtext(:table))"),
        text(
            "SELECT setval(ids, :id) FROM (SELECT pg_get_serial_sequence(:table, 'id')::regclass AS ids) AS sequence"
            " WHERE :id > coalesce(pg_sequence_last_value(ids), 0)"
        ),
    ],
    "sqlite": [text("UPDATE sqlite_sequence SET seq = max(seq, :id) WHERE name = :table")],
}
_BEGIN_SQLITE = text(
    "INSERT INTO sqlite_sequence (name, seq)"
    " SELECT :table, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)"
)


def next_id(connection: Connection, table: str) -> int:
    """An id that nobody has, nor will bring before this transaction ends."""
    _begin_sequence(connection, table)
    return int(connection.execute(_GIVE[connection.dialect.name], {"table": table}).scalar_one())


def lock_ids(connection: Connection, table: str) -> None:
    """Begin a transaction that will bring ids and be given others: it cannot go from one to the other."""
    if connection.dialect.name == "postgresql":
        connection.execute(_MAKE_WAY["postgresql"][0], {"table": table})


def reserve_id(connection: Connection, table: str, brought: int) -> None:
    """See to it that no later record is given the id that a client brings."""
    _begin_sequence(connection, table)
    for statement in _MAKE_WAY[connection.dialect.name]:
        connection.execute(statement, {"table": table, "id": brought})


def _begin_sequence(connection: Connection, table: str) -> None:
    """SQLite makes a table's row when the first record goes in, which is too late here."""
    if connection.dialect.name == "sqlite":
        connection.execute(_BEGIN_SQLITE, {"table": table})
