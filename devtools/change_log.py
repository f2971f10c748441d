"""Compares the change log with the catalogue: each record must be what its last change says.

Tests call it after races, and the benchmark of the feed after its faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

TABLES = {"book": "books", "author": "authors"}

_DIFFERENT = (
    "SELECT last.record_id FROM changes AS last LEFT JOIN {table} AS record ON record.id = last.record_id"
    " WHERE last.id IN (SELECT max(id) FROM changes WHERE kind = '{kind}' GROUP BY record_id)"
    " AND (last.after IS DISTINCT FROM record.document OR last.version <> coalesce(record.version, last.version))"
)
_UNLOGGED = (
    "SELECT record.id FROM {table} AS record WHERE NOT EXISTS"
    " (SELECT 1 FROM changes WHERE kind = '{kind}' AND record_id = record.id)"
)
_BROKEN = (
    "SELECT record_id FROM (SELECT record_id, version, before,"
    " lag(id) OVER record AS previous, lag(version) OVER record AS earlier, lag(after) OVER record AS left_as"
    " FROM changes WHERE kind = '{kind}' WINDOW record AS (PARTITION BY record_id ORDER BY id)) AS chained"
    " WHERE previous IS NOT NULL AND (version <> earlier + 1 OR before IS DISTINCT FROM left_as)"
)
_GAPS = "SELECT max(position) - min(position) + 1 - count(position) FROM changes HAVING count(position) > 0"
_OUT_OF_ORDER = (
    "SELECT record_id FROM (SELECT record_id, position, lag(position) OVER"
    " (PARTITION BY kind, record_id ORDER BY id) AS earlier FROM changes WHERE position IS NOT NULL) AS placed"
    " WHERE position < earlier"
)


def faults_of_log(connection: Connection, *, complete: bool = False) -> dict[str, list[int]]:
    """What is wrong with the change log.

    Args:
        connection: to a database that is not being written to.
        complete: whether each record was created since there is a log, so that none is without a change.

    Returns: the ids of records by what is wrong with their changes, and the number of gaps in the feed; empty if
        nothing is wrong.
    """
    found = {"out of order in the feed": _ids(connection, _OUT_OF_ORDER), "gaps in the feed": _gaps(connection)}
    for kind, table in TABLES.items():
        found[f"{table} that are not what their last change says"] = _ids(connection, _DIFFERENT, kind, table)
        found[f"{table} with a change that does not continue the last"] = _ids(connection, _BROKEN, kind, table)
        if complete:
            found[f"{table} without a change"] = _ids(connection, _UNLOGGED, kind, table)
    return {fault: ids for fault, ids in found.items() if ids}


def _ids(connection: Connection, statement: str, kind: str = "", table: str = "") -> list[int]:
    return list(connection.scalars(text(statement.format(kind=kind, table=table))))


def _gaps(connection: Connection) -> list[int]:
    return [gaps for gaps in connection.scalars(text(_GAPS)) if gaps]
