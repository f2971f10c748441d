"""What must be so before anything starts: a database that answers, and is migrated."""

from __future__ import annotations

import structlog
from sqlalchemy import text

from app.database import Database
from app.db.bulkheads import Kind, shares
from app.db.engines import database_url
from app.db.migrations import require_migrated
from app.errors import DatabaseOutdated, DatabaseUnavailable
from app.observability.logs import configure_logs
from app.settings import Settings, load_settings

log = structlog.get_logger(__name__)

ADMITTED = text("""
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
    )
""")
"""The connections that PostgreSQL admits: of all, to this database, and by this role."""


def open_database(settings: Settings | None = None) -> Database:
    """The database that the settings name, which answers and is migrated.

    Raises:
        SettingsError: the URL cannot be used.
        DatabaseUnavailable, DatabaseOutdated: it is not there, or not ready; the message says what to do.
    """
    settings = settings or load_settings()
    configure_logs(settings)
    shown = database_url(settings.database_url).render_as_string(hide_password=True)
    database = Database.of(settings)
    try:
        with database.reading() as connection:
            require_migrated(connection)
    except DatabaseOutdated:
        msg = f"the database {shown} is not at the newest migration: run 'alembic upgrade head'"
        raise DatabaseOutdated(msg) from None
    except DatabaseUnavailable as error:
        cause = str(error.__cause__ or error)
        msg = f"cannot reach the database {shown} (DATABASE_URL): {cause}"
        raise DatabaseUnavailable(msg) from None
    return database


def warn_of_too_many_connections(database: Database, settings: Settings) -> None:
    """Log it if all processes together may open more connections than PostgreSQL admits: that shows under load only."""
    if database.engine.dialect.name != "postgresql" or not settings.db_prepare_statements:  # PgBouncer has its own pool
        return
    with database.reading(Kind.HEALTH) as connection:
        admitted = connection.scalar(ADMITTED)
    wanted = settings.workers * sum(shares(settings.db_pool_size + settings.db_max_overflow).values())
    if wanted > admitted:
        log.warning(
            "too_many_connections",
            connections=wanted,
            admitted=admitted,
            remedy="Lower DB_POOL_SIZE, DB_MAX_OVERFLOW or WORKERS, or raise PostgreSQL's max_connections.",
        )
