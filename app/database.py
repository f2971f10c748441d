"""The engine, the sessions, and the one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import exc
from sqlalchemy.orm import Session, sessionmaker

from app.engines import make_engine
from app.errors import DatabaseUnavailable
from app.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from app.settings import Settings


class Database:
    """One database: a transaction for those who write, a connection for those who only read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sessions = sessionmaker(engine)
        self._writers = sessionmaker(engine.execution_options(writes=True), autoflush=False, expire_on_commit=False)
        # AUTOCOMMIT saves a reader two round trips, and psycopg drops prepared statements on ROLLBACK.
        self._readers = engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database that the settings name.

        Raises:
            SettingsError: the URL cannot be used.
        """
        return cls(make_engine(settings))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit when the block succeeds; roll back when it raises.

        Raises:
            DatabaseUnavailable: the database is away, or too busy.
            BooksError: what a broken constraint means.
        """
        with _waiting_in_vain(), self._writers.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection on which each statement stands by itself.

        Raises:
            DatabaseUnavailable: the database is away, or too busy.
        """
        with _waiting_in_vain(), self._readers.connect() as connection:
            yield connection


@contextmanager
def _waiting_in_vain() -> Iterator[None]:
    """A pool that stays empty is a database that is too busy."""
    try:
        yield
    except exc.TimeoutError as error:
        raise DatabaseUnavailable from error


@cache
def default_database() -> Database:
    """The database that `DATABASE_URL` names.

    Raises:
        SettingsError: the environment says something that cannot be.
    """
    return Database.of(load_settings())


engine: Engine
SessionLocal: sessionmaker[Session]


def __getattr__(name: str) -> object:
    """`engine` and `SessionLocal` are made when somebody asks for them, so that a wrong setting spoils no import."""
    match name:
        case "engine":
            return default_database().engine
        case "SessionLocal":
            return default_database().sessions
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
