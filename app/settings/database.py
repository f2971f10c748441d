"""The database, and the connections to it."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.types import shown

POSTGRES_DEFAULT = "postgresql+psycopg2://postgres:password@localhost:5432/my_project_db"


class DatabaseSettings(BaseSettings):
    """The database, and the connections to it."""

    database_url: str = Field(
        POSTGRES_DEFAULT,
        description="The database: PostgreSQL, or an SQLite file (`sqlite:///instance/books.db`).",
        repr=False,
    )

    db_pool_size: int = Field(
        20,
        ge=1,
        le=1000,
        description="Connections that each process keeps open at most; each kind of request has its share of them. All "
        "processes together must stay below PostgreSQL's `max_connections`.",
    )

    db_max_overflow: int = Field(
        0,
        ge=0,
        le=1000,
        description="Further connections, opened under load and closed again. Waiting is cheaper.",
    )

    db_queue: int = Field(
        128,
        ge=1,
        le=1024,
        description="Requests of each kind that may wait for a connection, in each process; further ones get a 503. "
        "A quarter is kept for other addresses than the one that sends most, and the addresses take turns.",
    )

    db_pool_timeout: float = Field(10, gt=0, description="Seconds to wait for a free connection before a 503.")

    db_connect_timeout: int = Field(5, ge=1, description="Seconds to wait for PostgreSQL to answer a connection.")

    db_lock_timeout: float = Field(
        20, gt=0, description="Seconds that a writer waits, in the queue and for a lock, before a 503."
    )

    db_statement_timeout: float = Field(
        5, ge=0, description="Seconds that a read may take before a 503; 0 means no limit. Writes have none."
    )

    db_silence_timeout: float = Field(
        25,
        gt=0,
        description="Seconds that PostgreSQL may leave a write without an answer; then the connection is closed, and "
        "the request gets a 503. Migrations wait for as long as it takes.",
    )

    db_migration_wait: float = Field(
        1800,
        ge=0,
        description="Seconds that a migration waits for another process that migrates the same database, before it "
        "fails.",
    )

    changes_keep: int | None = Field(
        None,
        ge=1,
        description="Days for which `python -m scripts.prune_changes` keeps the history of the records.",
        json_schema_extra=shown("for ever"),
    )

    db_prepare_statements: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Prepared statements on PostgreSQL; `false` behind PgBouncer in transaction mode, where "
        "`DB_LOCK_TIMEOUT` and `DB_STATEMENT_TIMEOUT` then have no effect.",
    )
