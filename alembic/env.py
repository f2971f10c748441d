"""Migrations run on the database of the settings, or on a connection that the caller passes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import Connection

from app.db.engines import database_url, make_engine
from app.db.migrations import migrating
from app.errors import DatabaseUnavailable
from app.models import Base
from app.settings import SettingsError, load_settings


def _is_ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Exclude the search tables: SQLAlchemy cannot describe them, and app/models/search.py creates them."""
    return not (kind == "table" and name is not None and "_search" in name)


def run(connection: Connection | None = None, **options: Any) -> None:  # noqa: ANN401  (options of Alembic)
    """Run in one transaction. On SQLite a table is altered by recreating it."""
    context.configure(
        include_object=_is_ours,
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_server_default=False,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Run on a connection of the caller, offline (`--sql`), or on the configured database."""
    passed: Connection | None = context.config.attributes.get("connection")
    if passed is not None:
        run(passed)
    elif context.is_offline_mode():
        run(url=database_url(load_settings().database_url), literal_binds=True, dialect_opts={"paramstyle": "named"})
    else:
        engine = make_engine(load_settings())
        if engine.dialect.name == "sqlite" and engine.url.database:
            # It contains password hashes: other users of this machine may not read it.
            Path(engine.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with migrating(engine) as connection:
            run(connection)


try:
    main()
except (SettingsError, DatabaseUnavailable) as error:
    cause = f" ({error.__cause__})" if error.__cause__ else ""
    sys.exit(f"alembic: {error}{cause}".replace("\n", " "))
