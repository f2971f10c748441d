"""Databases for tests: migrated once, and rolled back under every test."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.database import Database
from app.db.migrating import migrating
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from app.models.base import Base

ROOT = Path(__file__).parents[1]
SECRET = "a secret for the tests, of more than 32 bytes"  # noqa: S105


def settings_for(url: str, **others: object) -> Settings:
    """The settings of a service under test: nothing from the developer's `.env`, cheap hashes, and no rate limits."""
    values: dict[str, object] = {"database_url": url, "secret_key": SECRET, "bcrypt_rounds": 4}
    values |= {"rate_limit_enabled": False, **others}
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # checked by pydantic


def migrate(engine: Engine, revision: str = "head") -> None:
    """Migrate a database up to a revision, as `alembic upgrade` does, or down to `base`."""
    if revision == "base":
        migrate_down(engine, revision)
    else:
        _run(command.upgrade, engine, revision)


def migrate_down(engine: Engine, revision: str = "-1") -> None:
    """Undo migrations, as `alembic downgrade` does: one, or all after a revision."""
    _run(command.downgrade, engine, revision)


def _run(move: Callable[[Config, str], None], engine: Engine, revision: str) -> None:
    config = Config(ROOT / "alembic.ini")
    with migrating(engine) as connection:
        config.attributes["connection"] = connection
        move(config, revision)


@contextmanager
def fresh_url(kind: str, server_url: str, folder: Path) -> Iterator[str]:
    """The URL of a new, empty database of a kind: `sqlite` or `postgresql`."""
    name = f"books_{uuid4().hex}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server_url.rpartition("/")[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class DatabaseInside(Database):
    """Code under test commits as in production; here that only releases a savepoint."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.engine)
        self.connection = connection

    @contextmanager
    def transaction(self, sender: str = "", subject: str = "", *, patience: float | None = None) -> Iterator[Session]:  # noqa: ARG002  (nothing waits)
        """As in production, but within the test's transaction."""
        with (
            Session(
                self.connection, join_transaction_mode="create_savepoint", autoflush=False, expire_on_commit=False
            ) as db,
            db.begin(),
        ):
            yield db

    def write_without_waiting(self, work: Callable[[Connection], object]) -> None:
        """As in production, but within the test's transaction, where no other transaction holds a lock."""
        work(self.connection)

    @contextmanager
    def reading(self, *_kind: object, **_options: object) -> Iterator[Connection]:
        """The test's own connection."""
        yield self.connection

    def mark(self, table: type[Base], record_id: int, **columns: object) -> None:
        """Change a row in a way that the API does not offer."""
        with self.transaction() as db:
            db.execute(update(table).where(table.__table__.c.id == record_id).values(**columns))


@contextmanager
def counted_queries(engine: Engine) -> Iterator[list[str]]:
    """The statements that the block sends."""
    statements: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
