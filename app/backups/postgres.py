"""Dumps of PostgreSQL databases by `pg_dump`, in the snapshot of a transaction of ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from app.backups.errors import BackupError
from app.backups.postgres_programs import connection_of, output_of, program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from app.db.response_timeouts import ImpatientConnection

CHUNK = 1 << 20
LOCK_TIMEOUT = "60000"
"""Milliseconds that pg_dump waits for a table which a migration has locked."""


@contextmanager
def patient(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements may take as long as they need.

    Raises:
        DatabaseUnavailable: the server cannot be reached.
    """
    with engine.connect() as connection:
        driver = _driver(connection)
        usual, driver.patience = driver.patience, None
        try:
            yield connection
        finally:
            driver.patience = usual


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that sees one moment of the database, and does not disturb writers."""
    with patient(engine) as connection, connection.begin():
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield connection


def namespace_of(connection: Connection) -> str:
    """The schema in which the service's tables are.

    Raises:
        BackupError: the role may use none.
    """
    found: str | None = connection.exec_driver_sql("SELECT current_schema()").scalar()
    if found is None:
        msg = "the database has no schema for tables that this role may use (search_path)"
        raise BackupError(msg)
    return found


def dump(connection: Connection, namespace: str) -> Iterator[bytes]:
    """The file that `pg_dump` writes of the snapshot of this connection.

    Raises:
        BackupError: pg_dump is not installed in a version that fits, or fails.
    """
    dbname, environment = connection_of(connection)
    exported = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar()
    quoted = namespace.replace('"', '""')
    command = [
        program("pg_dump", major_version(connection)),
        "--format=custom",
        "--compress=3",
        f"--snapshot={exported}",
        f'--schema="{quoted}"',
        "--no-owner",  # the role may have another name elsewhere
        "--no-privileges",
        "--no-comments",
        "--no-security-labels",
        "--no-publications",
        "--no-subscriptions",
        f"--lock-wait-timeout={LOCK_TIMEOUT}",
        "--no-password",
        f"--dbname={dbname}",
    ]
    with output_of(command, environment) as output:
        while chunk := output.read(CHUNK):
            yield chunk


def major_version(connection: Connection) -> int:
    """The major version of the server."""
    return _driver(connection).info.server_version // 10_000


def server_version(connection: Connection) -> str:
    """The version of the server, such as `17.2`."""
    return str(connection.exec_driver_sql("SHOW server_version").scalar()).split()[0]


def _driver(connection: Connection) -> ImpatientConnection:
    return cast("ImpatientConnection", connection.connection.driver_connection)
