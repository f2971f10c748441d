"""Migrations: the check that the database is up to date, and helpers for all migrations.

A service only checks, and does that without Alembic: it would have 3 MB of it in memory, and start later.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from app.db.migration_lock import is_migrated_by_another
from app.db.write_guard import guard_again
from app.errors import (
    DatabaseMigrating,
    DatabaseNewer,
    DatabaseOutdated,
    MigrationInterrupted,
    RevisionUnknown,
    SchemaChanged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.operations import BatchOperations
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection, MetaData

FOLDER = Path(__file__).parents[2] / "alembic"
VERSIONS = "alembic_version"
"""Alembic's table, of one row: the revision of the database."""
RECREATED = "migration_recreated_tables"
"""In the connection's `info`: whether a table was recreated, so that references must be checked."""
COLUMNS = {
    "postgresql": "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND attnum > 0"
    " AND NOT attisdropped",
    "sqlite": "SELECT tables.name, columns.name FROM sqlite_master AS tables"
    " JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'",
}


@cache
def newest() -> str:
    """The revision that this version of the service needs: the last of the numbers with which their files begin."""
    return max(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("*.py"))


@contextmanager
def changed_table(table: str) -> Iterator[BatchOperations]:
    """A table to change. On SQLite it is recreated, and would reuse the ids of deleted records without this."""
    from alembic import op  # noqa: PLC0415  (migrations alone need it, as above)

    connection, given = op.get_bind(), None
    if connection.dialect.name == "sqlite":
        given = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table})
    with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as changed:
        yield changed
    if given is not None:
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
        connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :given)"), {"table": table, "given": given}
        )
    if connection.dialect.name == "sqlite" and not op.get_context().as_sql:
        connection.info[RECREATED] = True
        guard_again(connection, table)


def heads_of(connection: Connection) -> tuple[str, ...]:
    """The revisions that the database is at: one, or none if it is empty."""
    if not inspect(connection).has_table(VERSIONS):
        return ()
    return tuple(connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalars())  # noqa: S608  (ours)


def require_known(heads: tuple[str, ...]) -> None:
    """Check that this version has the migrations that these revisions name.

    Raises:
        DatabaseNewer, RevisionUnknown: it has not.
    """
    known = {script.revision for script in _scripts().walk_revisions()}
    for head in heads:
        if head not in known:
            # Revisions are numbered: a larger number is of a version to come.
            raise DatabaseNewer if head.isdecimal() and int(head) > int(newest()) else RevisionUnknown


def require_migrated(connection: Connection) -> None:
    """Check that the database is at the revision that this version of the service needs.

    It takes one short query if that is so.

    Raises:
        DatabaseMigrating: another process is migrating it at the moment.
        MigrationInterrupted: a migration ended half-way.
        DatabaseNewer: it was migrated by a newer version.
        RevisionUnknown: its revision is not one of this version's.
        DatabaseOutdated: migrations are pending.
    """
    heads = heads_of(connection)
    if heads == (newest(),):
        return
    if is_migrated_by_another(connection):
        raise DatabaseMigrating
    from app.db.migration_steps import was_interrupted  # noqa: PLC0415  (it imports Alembic)

    require_known(heads)
    if was_interrupted(connection):
        raise MigrationInterrupted
    raise DatabaseOutdated


def require_tables(connection: Connection, metadata: MetaData) -> None:
    """Check that the database has all tables and columns of the models, in one query.

    Raises:
        SchemaChanged: some are missing, as after a column was dropped by hand; the cause names them.
    """
    existing = {(table, column) for table, column in connection.exec_driver_sql(COLUMNS[connection.dialect.name])}
    needed = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    if missing := needed - existing:
        cause = LookupError(", ".join(sorted(f"{table}.{column}" for table, column in missing)))
        raise SchemaChanged from cause


def stamp_as_newest(connection: Connection) -> None:
    """Record that the database is at the newest revision, without running a migration."""
    from alembic.migration import MigrationContext  # noqa: PLC0415  (as above)

    MigrationContext.configure(connection).stamp(_scripts(), "head")


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415  (as above)

    return ScriptDirectory(str(FOLDER))
