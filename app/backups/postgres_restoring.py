"""Restoring a dump into PostgreSQL within one transaction, so that a failure leaves the database as it was.

`pg_restore` alone would commit before anything is verified. So it only translates the dump to SQL, and that runs on a
connection of ours.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, cast

from sqlalchemy import text

from app.backups.errors import BackupError
from app.backups.postgres import namespace_of
from app.backups.postgres_programs import output_of, program
from app.backups.table_digests import REVISION, tables_in
from app.models import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import psycopg
    from sqlalchemy import Connection, Table

    from app.backups.archive import Manifest

NOT_SQL = re.compile(rb"^(?:\\(?:un)?restrict .*|SET transaction_timeout = .*)$", re.MULTILINE)
"""Lines for psql alone, and a setting that servers before PostgreSQL 17 do not have."""
COPY = re.compile(rb"COPY .+ FROM stdin;\n")
END_OF_DATA = b"\\.\n"
BUFFER = 1 << 18
OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'books-api' AND pid <> pg_backend_pid()
""")
"""Connections of the service; `app.db.engines` sets the name."""
ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('books-api'), hashtext('restore'))")


def require_possible(connection: Connection, manifest: Manifest) -> None:
    """Check what would make the restore fail, or disturb the service.

    Raises:
        BackupError: the service or another restore is at work, or the tables would be in another schema.
    """
    namespace = namespace_of(connection)
    if namespace != manifest.namespace:
        msg = (
            f"the tables of the backup are in the schema {manifest.namespace}, but the service uses {namespace} here: "
            "change the search_path of the role, or create the schema"
        )
        raise BackupError(msg)
    others = connection.scalar(OTHERS)
    if others:
        msg = f"the service has connections to the database ({others}): stop it first"
        raise BackupError(msg)
    if not connection.scalar(ALONE):
        msg = "another restore into this database is under way"
        raise BackupError(msg)


def tables_of_service(connection: Connection, manifest: Manifest) -> list[Table]:
    """The tables in the database that a restore would replace; others are left alone."""
    names = {*Base.metadata.tables, *manifest.tables, REVISION}
    return [table for table in tables_in(connection) if table.name in names]


def drop(connection: Connection, tables: Iterable[Table]) -> None:
    """Drop these tables, with what belongs to them."""
    if names := _names(connection, tables):
        connection.exec_driver_sql(f"DROP TABLE {names} CASCADE")


def _names(connection: Connection, tables: Iterable[Table]) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return ", ".join(quote(table.name) for table in tables)


def load(connection: Connection, dump: Path, manifest: Manifest, advance: Callable[[int], object]) -> None:
    """Create what is in a dump, within the transaction of the connection.

    Raises:
        BackupError: pg_restore is not installed in a version that fits, or fails.
        psycopg.Error: the server refuses a statement.
    """
    namespace = str(manifest.namespace)
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    for section in ("pre-data", "data", "post-data"):
        command = [
            program("pg_restore", int(manifest.server.partition(".")[0])),
            "--file=-",
            f"--section={section}",
            f"--schema={namespace}",
            "--no-owner",
            "--no-privileges",
            "--no-tablespaces",
        ]
        with dump.open("rb") as source, output_of(command, {}, source) as script:
            if section == "data":
                _run_data(driver, script, advance)
            else:
                _run(driver, script.read())
    driver.execute("RESET ALL")  # what the scripts have set, such as an empty search_path
    connection.exec_driver_sql(f"ANALYZE {_names(connection, tables_of_service(connection, manifest))}")


def _run(driver: psycopg.Connection, script: bytes) -> None:
    driver.execute(NOT_SQL.sub(b"", script), prepare=False)


def _run_data(driver: psycopg.Connection, script: IO[bytes], advance: Callable[[int], object]) -> None:
    """Run statements and the data that follow each COPY, as psql does."""
    statements: list[bytes] = []
    for line in script:
        if not COPY.fullmatch(line):
            statements.append(line)
            continue
        _run(driver, b"".join(statements))
        statements = []
        with driver.cursor().copy(line) as copy:
            buffer = bytearray()
            for row in script:
                if row == END_OF_DATA:
                    break
                buffer += row
                if len(buffer) >= BUFFER:
                    copy.write(bytes(buffer))
                    advance(len(buffer))
                    buffer.clear()
            copy.write(bytes(buffer))
    _run(driver, b"".join(statements))
