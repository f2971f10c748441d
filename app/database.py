"""The database: engines, sessions, and the one place where transactions begin and end."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from threading import Thread
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import event, exc
from sqlalchemy.orm import Session, sessionmaker

from app.db.bulkheads import Bulkhead, Kind, bulkheads, shares
from app.db.disk_space import require_space, use_some_space
from app.db.engines import (
    database_url,
    make_engine,
    make_reading_engine,
    transaction_without_waiting,
)
from app.db.failover import is_read_only
from app.db.migrations import require_migrated
from app.db.sqlite_engines import file_of, watch_always
from app.db.sqlite_integrity import Soundness
from app.errors import (
    DatabaseBusy,
    DatabaseFull,
    DatabaseOutdated,
    DatabaseReadOnly,
    DatabaseUnavailable,
    Unavailable,
)
from app.observability.logs import configure_logs
from app.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection, Engine

    from app.settings import Settings

log = structlog.get_logger(__name__)

NOTICEABLE = 0.5
"""Seconds in the queue that shorten the wait for locks; fewer are not worth another statement."""


class Database:
    """A database: transactions for writes, connections for reads.

    Args:
        engine: for writes and migrations.
        reading_engine: for reads; by default `engine` in AUTOCOMMIT.
        bulkheads: limits of concurrency, by kind of work; by default only the engines' pools limit it.
    """

    def __init__(
        self,
        engine: Engine,
        reading_engine: Engine | None = None,
        bulkheads: Mapping[Kind, Bulkhead] = MappingProxyType({}),
    ) -> None:
        self.engine = engine
        self.reading_engine = reading_engine or engine.execution_options(isolation_level="AUTOCOMMIT")
        self.bulkheads = bulkheads
        file = file_of(engine)
        self._soundness = None if file is None else Soundness(file)
        self._was_full = False
        """Whether a write has failed for lack of space, and no probe has found some since."""
        self.sessions = sessionmaker(engine)
        self._writers = sessionmaker(engine.execution_options(writes=True), autoflush=False, expire_on_commit=False)

    def watch_file(self) -> None:
        """For servers: look at the file of SQLite every second, and create none if it is missing."""
        file = file_of(self.engine)
        if file is not None:
            file.must_exist = True
            Thread(target=watch_always, args=[file], name="database-file", daemon=True).start()

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database of the settings.

        Raises:
            SettingsError: the URL cannot be used.
        """
        slots = shares(settings.db_pool_size + settings.db_max_overflow)
        writers = slots[Kind.WRITERS]
        engine = make_engine(settings, writers)
        reading_engine = make_reading_engine(engine, settings, sum(slots.values()) - writers)
        event.listen(engine, "engine_disposed", lambda _engine: reading_engine.dispose())
        if engine.dialect.name == "sqlite":
            slots[Kind.WRITERS] = 1  # it admits one writer, and its own waiting is neither fair nor fast
        return cls(engine, reading_engine, bulkheads(settings, slots))

    @contextmanager
    def transaction(self, sender: str = "", subject: str = "", *, patience: float | None = None) -> Iterator[Session]:
        """Commit when the block succeeds; roll back when it raises. Where senders wait, they take turns.

        Args:
            sender: the network of the client.
            subject: what is written, such as books: writers who wait for a lock do not keep those of other subjects
                from writing.
            patience: the seconds to wait for a slot, and for each lock; by default those of the settings.

        Raises:
            DatabaseUnavailable: the database cannot be reached or is too busy.
            BooksError: the domain error of a violated constraint.
        """
        began = monotonic()
        try:
            with (
                self._slot(Kind.WRITERS, sender, subject, patience=patience),
                self._writers(**self._rest_of_the_wait(began, patience)) as db,
                db.begin(),
            ):
                yield db
        except DatabaseFull:
            self._was_full = True
            raise

    def _rest_of_the_wait(self, began: float, patience: float | None) -> dict[str, dict[str, float]]:
        """Options of a session: a writer waits for its slot and for locks together no longer than for one of them."""
        waited = monotonic() - began
        if patience is not None:
            return {"execution_options": {"lock_timeout": patience}}
        if waited < NOTICEABLE or Kind.WRITERS not in self.bulkheads:
            return {}
        return {"execution_options": {"lock_timeout": max(self.bulkheads[Kind.WRITERS].patience - waited, 0.0)}}

    def write_without_waiting(self, work: Callable[[Connection], object]) -> None:
        """Do some work in a transaction of its own; skip it if it would wait for a connection or a lock.

        It never raises: a database that refuses the write, such as a read-only one, is only logged.
        """
        try:
            with self._slot(Kind.WRITERS, wait=False), transaction_without_waiting(self.engine) as connection:
                work(connection)
        except Unavailable:
            pass
        except exc.DBAPIError as error:
            log.warning("write_skipped", cause=str(error.orig))

    def require_writable(self) -> None:
        """Check that a write would succeed; nothing is checked while writers are at work.

        Raises:
            DatabaseReadOnly, DatabaseFull: the server or the file is read-only, or there is no space on its disk.
        """
        with (
            suppress(DatabaseBusy),
            self._slot(Kind.WRITERS, wait=False),
            transaction_without_waiting(self.engine) as connection,
        ):
            if is_read_only(connection):
                raise DatabaseReadOnly
            if self._was_full:  # only then, since it is a write
                use_some_space(connection)
                self._was_full = False

    def require_sound(self) -> None:
        """Check an SQLite file and its disk.

        Raises:
            DatabaseCorrupt, DatabaseFull: the file is damaged, or the disk is full.
        """
        if self._soundness is not None:
            require_space(self._soundness.file.path)
            self._soundness.require()

    @contextmanager
    def reading(
        self, kind: Kind = Kind.ACCOUNTS, sender: str = "", *, wait: bool = True, patience: float | None = None
    ) -> Iterator[Connection]:
        """A connection in AUTOCOMMIT: each statement is its own transaction. Where senders wait, they take turns.

        `patience` is as for `transaction`.

        Raises:
            DatabaseUnavailable: the database cannot be reached or is too busy, or a statement took too long; or, if
                `wait` is false, there is no free slot.
        """
        with self._slot(kind, sender, wait=wait, patience=patience), self.reading_engine.connect() as connection:
            yield connection

    @contextmanager
    def _slot(
        self, kind: Kind, sender: str = "", subject: str = "", *, wait: bool = True, patience: float | None = None
    ) -> Iterator[None]:
        """Wait for a slot. Report a connection pool that is exhausted nevertheless as `DatabaseBusy`."""
        bulkhead = self.bulkheads.get(kind)
        try:
            with bulkhead.slot(sender, subject, wait=wait, patience=patience) if bulkhead else nullcontext():
                yield
        except exc.TimeoutError as error:
            raise DatabaseBusy from error


def open_database(settings: Settings | None = None) -> Database:
    """The database of the settings, after checking that it is reachable and migrated.

    Raises:
        SettingsError: the URL cannot be used.
        DatabaseUnavailable, DatabaseOutdated: it is not reachable or not migrated; the message says what to do.
    """
    settings = settings or load_settings()
    configure_logs(settings)
    shown = database_url(settings.database_url).render_as_string(hide_password=True)
    database = Database.of(settings)
    try:
        with database.reading() as connection:
            require_migrated(connection)
    except DatabaseOutdated as error:
        raise type(error)(error.at_start(shown)) from None
    except DatabaseUnavailable as error:
        cause = str(error.__cause__ or error)
        msg = f"cannot reach the database {shown} (DATABASE_URL): {cause}"
        raise DatabaseUnavailable(msg) from None
    return database


@cache
def default_database() -> Database:
    """The database that `DATABASE_URL` names.

    Raises:
        SettingsError: a setting in the environment is invalid.
    """
    return Database.of(load_settings())


engine: Engine
SessionLocal: sessionmaker[Session]


def __getattr__(name: str) -> object:
    """Create `engine` and `SessionLocal` on first access, so that an invalid setting does not break the import."""
    match name:
        case "engine":
            return default_database().engine
        case "SessionLocal":
            return default_database().sessions
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
