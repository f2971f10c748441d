"""Migrations run on the database of the settings, or on a connection that the caller passes."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from alembic import context
from sqlalchemy import Connection

from app.db.engines import database_url, make_engine
from app.db.migrating import migrating, run_migrations
from app.errors import BooksError, DatabaseOutdated
from app.models import Base
from app.settings import SettingsError, load_settings

NOT_OURS = "migration_progress"


def _is_ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Exclude the tables of search, which SQLAlchemy cannot describe and app/models/search.py creates, and of steps."""
    return not (kind == "table" and name is not None and ("_search" in name or name == NOT_OURS))


configure = partial(
    context.configure,
    include_object=_is_ours,
    target_metadata=Base.metadata,
    render_as_batch=True,  # on SQLite a table is altered by recreating it
    compare_server_default=False,
)


def main() -> None:
    """Run on a connection of the caller, offline (`--sql`), or on the configured database."""
    passed: Connection | None = context.config.attributes.get("connection")
    if passed is not None:
        run_migrations(passed, configure)
    elif context.is_offline_mode():
        configure(
            url=database_url(load_settings().database_url), literal_binds=True, dialect_opts={"paramstyle": "named"}
        )
        with context.begin_transaction():
            context.run_migrations()
    else:
        settings = load_settings()
        engine = make_engine(settings)
        if engine.dialect.name == "sqlite" and engine.url.database:
            # It contains password hashes: other users of this machine may not read it.
            Path(engine.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with migrating(engine, settings.db_migration_wait) as connection:
            run_migrations(connection, configure)


try:
    main()
except (SettingsError, BooksError) as error:
    if context.config.attributes.get("connection") is not None:
        raise
    told = error.at_start("of DATABASE_URL") if isinstance(error, DatabaseOutdated) else str(error)
    cause = f" ({error.__cause__})" if error.__cause__ else ""
    sys.exit(f"alembic: {told}{cause}".replace("\n", " "))
