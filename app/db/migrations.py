"""Migrations: the check that the database is up to date, and helpers for all migrations."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from alembic import op
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.errors import DatabaseNewer, DatabaseOutdated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.operations import BatchOperations
    from sqlalchemy import Connection, Engine

    from app.db.silence import ImpatientConnection

FOLDER = Path(__file__).parents[2] / "alembic"


@cache
def newest() -> str | None:
    """The revision that this version of the service needs."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


@cache
def known() -> frozenset[str]:
    """All revisions that this version of the service knows."""
    return frozenset(script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions())


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A connection for migrations, which are applied in one transaction: all or none.

    On SQLite a table is changed by creating a new one and dropping the old one. With foreign keys enforced, that would
    delete the rows that refer to the old one; so they are checked once, at the end.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    with engine.execution_options(writes=True).connect() as connection:
        if engine.dialect.name != "sqlite":
            cast(
                "ImpatientConnection", connection.connection.driver_connection
            ).patience = None  # for as long as it takes
            with connection.begin():
                yield connection
            return
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  (it is connected)
        raw.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    msg = f"the migration would break references: {broken[:10]}"
                    raise RuntimeError(msg)
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


@contextmanager
def changed_table(table: str) -> Iterator[BatchOperations]:
    """A table to change. On SQLite it is recreated, and would reuse the ids of deleted records without this."""
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


def require_migrated(connection: Connection) -> None:
    """Check that the database is at the revision that this version of the service needs.

    Raises:
        DatabaseOutdated: migrations are pending.
        DatabaseNewer: it was migrated by a newer version.
    """
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision == newest():
        return
    raise DatabaseOutdated if revision is None or revision in known() else DatabaseNewer


def stamp_as_newest(connection: Connection) -> None:
    """Record that the database is at the newest revision, without running a migration."""
    MigrationContext.configure(connection).stamp(ScriptDirectory(str(FOLDER)), "head")
