"""Running migrations: one process at a time, each migration in transactions of its own, with progress."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, cast

from alembic import context
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from app.db.migration_effects import Pending, pending_between
from app.db.migration_lock import WAIT, MigrationLock, one_at_a_time
from app.db.migration_report import RunReport, duration, say
from app.db.migration_steps import COMMITS, forget_steps, was_interrupted
from app.db.migrations import RECREATED, heads_of, require_known
from app.db.write_guard import allow_writes, pass_guard, prepare, refuse_writes
from app.errors import BooksError, DatabaseBusy, MigrationInterrupted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from app.db.response_timeouts import ImpatientConnection

LOCK = "migration_lock"
LOCKS_WITHIN = 300.0
"""Seconds after which a migration gives up on a lock that another connection does not release."""
SECONDS_BETWEEN_TRIES = 1.0


@contextmanager
def migrating(engine: Engine, wait: float = WAIT) -> Iterator[Connection]:
    """A connection for migrations, which no other process has at the same time.

    On SQLite a table is changed by creating a new one and dropping the old one. With foreign keys enforced, that would
    delete the rows that refer to the old one; so they are checked before each commit.

    Args:
        engine: of the database.
        wait: the seconds to wait for another process that migrates it.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
        DatabaseMigrating: another process still migrates it.
    """
    runner = engine.execution_options(writes=True)
    prepare(runner)
    with one_at_a_time(engine, wait) as lock, runner.connect() as connection:
        connection.info[LOCK] = lock
        driver = connection.connection.driver_connection
        try:
            if engine.dialect.name == "sqlite":
                pass_guard(cast("sqlite3.Connection", driver))
                cast("sqlite3.Connection", driver).execute("PRAGMA foreign_keys = OFF")
            else:
                cast("ImpatientConnection", driver).patience = None  # for as long as it takes
            yield connection
        finally:
            connection.info.clear()
            connection.invalidate()  # its functions, pragmas and time limits are not for other uses


def run_migrations(connection: Connection, configure: Callable[..., None]) -> None:
    """Run what Alembic's command asks for.

    A database without tables is migrated in one transaction: a run that is killed leaves it empty. On any other, each
    migration has transactions of its own, and a lock that another connection has is tried again for some minutes.

    Args:
        connection: of `migrating`.
        configure: configures Alembic's context, with further options.

    Raises:
        DatabaseNewer, RevisionUnknown: the database is at a revision that no migration leads on from.
        MigrationInterrupted: a migration must be finished before others are reverted.
    """
    began = monotonic()
    while True:
        before = heads_of(connection)
        connection.rollback()
        pending = pending_between(before, _destination())
        try:
            _run(connection, configure, before, pending)
            break
        except DatabaseBusy:
            if monotonic() - began > LOCKS_WITHIN:
                raise
            say("waits for a lock that another connection has")
            sleep(SECONDS_BETWEEN_TRIES)
    if pending:
        say(f"the database is at {pending[-1].revision} after {duration(monotonic() - began)}")


def _run(
    connection: Connection, configure: Callable[..., None], before: tuple[str, ...], pending: list[Pending]
) -> None:
    configure(
        connection=connection,
        transactional_ddl=True,
        transaction_per_migration=bool(before),
        on_version_apply=_Finisher(connection, pending),
    )
    if not context.get_context().purge:
        require_known(before)
    if before and any(not migration.effects.writes for migration in pending):
        with connection.begin():
            refuse_writes(connection)
    if before:
        connection.info[COMMITS] = lambda: _commit(connection)
    elif pending:
        say(f"creates the tables, with {len(pending)} migrations")
    try:
        with _reported(pending if before else []), context.begin_transaction():
            context.run_migrations()
    except BaseException:
        _give_up(connection, before)
        raise


def _commit(connection: Connection) -> None:
    """Commit what was done so far, and begin another transaction."""
    _require_references(connection)
    cast("MigrationLock", connection.info[LOCK]).require()
    with context.get_context().autocommit_block():
        pass


class _Finisher:
    """What belongs to the transaction in which a migration becomes complete."""

    def __init__(self, connection: Connection, pending: list[Pending]) -> None:
        self._connection, self._pending = connection, pending

    def __call__(self, *, step: Any, **_others: object) -> None:  # noqa: ANN401  (Alembic's)
        """Check the references, forget the progress, and allow writes after the last migration that refuses them."""
        _require_references(self._connection)
        if was_interrupted(self._connection) and not step.is_upgrade:
            raise MigrationInterrupted
        forget_steps(self._connection)
        revisions = [migration.revision for migration in self._pending]
        place = revisions.index(step.up_revision_id) + 1 if step.up_revision_id in revisions else len(revisions)
        if all(migration.effects.writes for migration in self._pending[place:]):
            allow_writes(self._connection)


def _give_up(connection: Connection, before: tuple[str, ...]) -> None:
    """Allow writes again if nothing was changed."""
    try:
        with connection.begin():
            if heads_of(connection) == before and not was_interrupted(connection):
                allow_writes(connection)
    except (DBAPIError, BooksError):
        say("writes are refused until the migrations have been applied")


def _require_references(connection: Connection) -> None:
    """Check that each reference has its row, where a table was recreated."""
    if connection.info.pop(RECREATED, False):
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            msg = f"the migration would break references: {broken[:10]}"
            raise RuntimeError(msg)


def _destination() -> str | None:
    """The revision that `alembic upgrade` was given; None for other commands."""
    try:
        destination = context.get_revision_argument()
    except (KeyError, CommandError, RevisionError):
        return None
    return destination if isinstance(destination, str) else None


@contextmanager
def _reported(pending: list[Pending]) -> Iterator[None]:
    revisions = [migration.revision for migration in pending]

    def number_of(revision: str) -> str:
        return f" ({revisions.index(revision) + 1} of {len(revisions)})" if revision in revisions else ""

    logger, report = logging.getLogger("alembic.runtime.migration"), RunReport(number_of)
    if not pending:
        yield
        return
    level, propagates = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(report)
    try:
        yield
    finally:
        logger.removeHandler(report)
        logger.propagate = propagates
        logger.setLevel(level)
