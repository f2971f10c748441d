"""Refuses the writes of other processes while a database is migrated step by step.

A migration that fills rows in slices commits each of them, so its locks do not keep writers out. A running service of
the previous version would write rows that a later slice does not see. It gets an error that it answers with a 503.
Reads go on. The guard remains if a migration is interrupted, and is removed when the last migration that needs it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event, inspect

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

OWN_TABLES = {"alembic_version", "migration_progress"}
MIGRATING = "the database is being migrated"
NAME = "refuse_while_migrating"
MARK = "database_is_being_migrated"
"""On SQLite a function that only the migrating connection has. For others the triggers fail: "no such function"."""

BEGIN = (
    "SELECT set_config('books_api.migrating', 'on', true), set_config('statement_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true), set_config('lock_timeout', '1s', true)"
)
"""How a transaction of a migration begins on PostgreSQL. A lock that is not available within a second is tried again
later: meanwhile all readers of the table wait behind the migration, and they wait two seconds."""

CREATE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('books_api.migrating', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION '{MIGRATING}' USING ERRCODE = 'object_in_use';
    END IF;
    RETURN NULL;
END $$
"""
CREATE_TRIGGER = (
    f"CREATE TRIGGER {NAME} BEFORE INSERT OR UPDATE OR DELETE ON {{table}} FOR EACH STATEMENT EXECUTE FUNCTION {NAME}()"
)
CREATE_ON_SQLITE = "CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} BEGIN SELECT {mark}(); END"
EVENTS = ("INSERT", "UPDATE", "DELETE")
TRIGGERS = {
    "postgresql": f"SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname = '{NAME}'",  # noqa: S608  (our own name)
    "sqlite": f"SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{NAME}_%'",  # noqa: S608  (our own name)
}


def prepare(engine: Engine) -> None:
    """Let the transactions of this engine pass the guard."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(BEGIN)


def pass_guard(driver: sqlite3.Connection) -> None:
    """Let this connection to SQLite pass the guard."""
    driver.execute("PRAGMA trusted_schema = ON")  # the default of most builds: triggers may call functions
    driver.create_function(MARK, 0, lambda: 1)


def refuse_writes(connection: Connection) -> None:
    """Refuse the writes of other connections to all tables, once this transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(CREATE_FUNCTION)
    guarded = {table for _, table in _triggers(connection)}
    for table in _tables(connection):
        if table not in guarded:
            _guard(connection, table)


def guard_again(connection: Connection, table: str) -> None:
    """Restore the guard of a table of SQLite that was recreated."""
    if _triggers(connection):
        _guard(connection, table)


def allow_writes(connection: Connection) -> None:
    """Remove the guard, if there is one."""
    on_postgres = connection.dialect.name == "postgresql"
    for name, table in _triggers(connection):
        connection.exec_driver_sql(f"DROP TRIGGER {name}" + (f" ON {table}" if on_postgres else ""))
    if on_postgres:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {NAME}()")


def _guard(connection: Connection, table: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(CREATE_TRIGGER.format(table=table))
        return
    for kind in EVENTS:
        name = f"{NAME}_{table}_{kind.lower()}"
        connection.exec_driver_sql(CREATE_ON_SQLITE.format(name=name, event=kind, table=table, mark=MARK))


def _triggers(connection: Connection) -> list[tuple[str, str]]:
    return [(name, table) for name, table in connection.exec_driver_sql(TRIGGERS[connection.dialect.name])]


def _tables(connection: Connection) -> Iterable[str]:
    """All tables, except those of migrations and those of SQLite's full-text search, which can have no triggers."""
    return [name for name in inspect(connection).get_table_names() if name not in OWN_TABLES and "_search" not in name]
