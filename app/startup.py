"""What must be so before anything starts: a database that answers, and is migrated."""

from __future__ import annotations

from app.database import Database
from app.engines import database_url
from app.errors import DatabaseOutdated, DatabaseUnavailable
from app.logs import configure_logs
from app.migrations import require_migrated
from app.settings import Settings, load_settings


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
