"""Migrate the database to the schema of this version, after saying what that will do.

With --plan it only says: which migrations are pending, what each does, how long it may take, whether a running service
of the previous version goes on reading and writing meanwhile, and how much disk space it may need. Without it the
migrations are applied, with progress. A run that is interrupted is continued by the next one. Make a backup before.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app.database import Database
from app.db.engines import database_url
from app.db.migration_effects import Pending, pending_between
from app.db.migration_report import duration
from app.db.migration_steps import was_interrupted
from app.db.migrations import heads_of, newest, require_known
from app.errors import DatabaseOutdated, DatabaseUnavailable
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

    from app.settings import Settings

ROOT = Path(__file__).parents[1]
BACKUP = "python -m scripts.backup FILE"
UPGRADE = "python -m scripts.upgrade"
MILLION = 1_000_000
MEGABYTE = 1_000_000
SIZES = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
}
ESTIMATE = "SELECT reltuples FROM pg_class WHERE oid = to_regclass(:table)"


class DatabaseState(NamedTuple):
    """What the plan depends on."""

    heads: tuple[str, ...] = ()
    was_interrupted: bool = False
    rows: dict[str, int] = {}  # noqa: RUF012  (never changed)
    bytes: int = 0


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("upgrade", __doc__)
    parser.add_argument("--plan", action="store_true", help="only say what would be done")
    options = parser.parse_args(arguments)
    with failures_in_one_line("upgrade"):
        settings = load_settings()
        pending = plan(settings)
        if pending and options.plan:
            console.print(f"\nMake a backup first ({BACKUP}), then run: {UPGRADE}", markup=False)
        elif pending:
            command.upgrade(Config(ROOT / "alembic.ini"), "head")


def plan(settings: Settings) -> list[Pending]:
    """Print what an upgrade does to the database of the settings, and return the pending migrations.

    Raises:
        DatabaseOutdated: there is no way from its revision to that of this version.
        DatabaseUnavailable: it cannot be reached.
    """
    url = database_url(settings.database_url)
    shown = url.render_as_string(hide_password=True)
    try:
        state = _state(settings, url)
        require_known(state.heads)
    except DatabaseOutdated as error:
        raise type(error)(error.at_start(shown)) from None
    except DatabaseUnavailable as error:
        msg = f"cannot reach the database {shown} (DATABASE_URL): {error.__cause__ or error}"
        raise DatabaseUnavailable(msg) from None
    pending = pending_between(state.heads, newest())
    for line in _lines(shown, state, pending, url):
        console.print(line, markup=False)
    return pending


def _state(settings: Settings, url: URL) -> DatabaseState:
    if url.drivername == "sqlite" and not Path(url.database or "").exists():
        return DatabaseState()
    database = Database.of(settings)
    try:
        with database.reading() as connection:
            heads = heads_of(connection)
            rows = {table: _count(connection, table) for table in ("authors", "books", "users") if heads}
            size = connection.scalar(text(SIZES[url.get_backend_name()])) or 0
            return DatabaseState(heads, was_interrupted(connection), rows, size)
    finally:
        database.engine.dispose()


def _count(connection: Connection, table: str) -> int:
    """How many rows there are: exactly on SQLite, and as PostgreSQL estimates, which else takes seconds."""
    if connection.dialect.name == "postgresql":
        estimate = connection.scalar(text(ESTIMATE), {"table": table})
        if estimate is not None and estimate >= 0:
            return int(estimate)
    return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608  (our own names)


def _lines(shown: str, state: DatabaseState, pending: list[Pending], url: URL) -> list[str]:
    """The plan. A database without tables has no rows, and no service that reads it."""
    if not pending:
        return [f"The database {shown} is at {newest()}, the revision of this version: nothing to do."]
    if not state.heads:
        return [f"The database {shown} is empty: all tables are created, which takes a few seconds."]
    total = sum(_seconds(one, state) for one in pending)
    counted = ", ".join(f"{number:,} {table}" for table, number in state.rows.items())
    lines = [
        f"The database {shown} ({counted}) is at {state.heads[0]}; this version needs {newest()}.",
        f"Pending migrations: {len(pending)}.",
        *(f"\n{one.revision}  {_described(one, state)}" for one in pending),
        f"\nIn total about {duration(total)} if the machine has nothing else to do.",
        *_space(state, pending, url),
    ]
    if state.was_interrupted:
        lines.append("An earlier run was interrupted: this one continues where it stopped, and takes less.")
    if any(not one.effects.writes for one in pending):
        lines.append(
            "Writes of a running service are refused (503) from the beginning until the last of these is done."
        )
    if any(not one.effects.reads for one in pending):
        lines.append("Stop the service before: some reads would fail.")
    else:
        lines.append("The previous version may go on serving reads. Stop it when the migrations are done.")
    return lines


def _described(migration: Pending, state: DatabaseState) -> str:
    effects, seconds = migration.effects, _seconds(migration, state)
    reads = "Reads go on" if effects.reads else "Reads may fail"
    writes = "writes go on" if effects.writes else "writes are refused"
    lost = f"\n      Lost: {effects.loses}." if effects.loses else ""
    return f"{effects.summary}\n      {reads}, {writes}; about {duration(seconds)}.{lost}"


def _seconds(migration: Pending, state: DatabaseState) -> float:
    return sum(seconds * state.rows.get(table, 0) / MILLION for table, seconds in migration.effects.seconds.items())


def _space(state: DatabaseState, pending: list[Pending], url: URL) -> list[str]:
    """An upper bound: each rewriting migration leaves the old rows behind, and writes the new ones to the log, too."""
    rewriting = sum(bool(one.effects.seconds) for one in pending)
    needed = f"{state.bytes * (1 + rewriting) / MEGABYTE:,.0f} MB"
    if url.get_backend_name() != "sqlite":
        return [f"Disk space: at most {needed} more, on the disk of PostgreSQL."]
    free = shutil.disk_usage(Path(url.database or "").absolute().parent).free
    return [f"Disk space: at most {needed} more; {free / MEGABYTE:,.0f} MB are free."]


if __name__ == "__main__":
    main()
