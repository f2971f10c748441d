"""A check that PostgreSQL admits as many connections as the service may open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text

from app.db.bulkheads import shares

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.settings import Settings

log = structlog.get_logger(__name__)

ADMITTED = text("""
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
    )
""")
"""The connections that PostgreSQL admits: the least of its limits in total, for this database, and for this role."""

PUBLISHER = 1
"""The connection by which each process publishes changes in the feed (`app.events.feed_publisher`)."""
DELIVERER = 3
"""Those by which it delivers webhooks, if there are any: one writes, one reads, and one is for the hourly deletion."""


def warn_of_too_many_connections(connection: Connection, settings: Settings) -> None:
    """Warn if all processes together may open more connections than PostgreSQL admits, which else only load reveals.

    Nothing is checked behind PgBouncer, which has a pool of its own.
    """
    if connection.dialect.name != "postgresql" or not settings.db_prepare_statements:
        return
    admitted = connection.scalar(ADMITTED)
    of_requests = sum(shares(settings.db_pool_size + settings.db_max_overflow).values())
    wanted = settings.workers * (of_requests + PUBLISHER + (DELIVERER if settings.webhooks_in_service else 0))
    if wanted > admitted:
        log.warning(
            "too_many_connections",
            connections=wanted,
            admitted=admitted,
            remedy="Lower DB_POOL_SIZE, DB_MAX_OVERFLOW or WORKERS, or raise PostgreSQL's max_connections.",
        )
