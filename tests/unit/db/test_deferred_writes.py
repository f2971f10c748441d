"""Writes that are left for the next statement, on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Table, func, select, text, update

from app.db.bulk import insert_rows
from app.db.deferred_writes import execute_with_deferred
from app.errors import UsernameTaken
from app.models import Batch, User
from devtools.databases import counted_queries
from devtools.polling import wait_until
from tests.unit.db.user_rows import user

if TYPE_CHECKING:
    from app.database import Database

pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
USERS: Table = User.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
BATCHES: Table = Batch.__table__  # type: ignore[assignment]  # likewise
NAME_OF_FIRST = select(USERS.c.username).where(USERS.c.id == 1).with_for_update(read=True)
WAITING = text("SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted")


def batch(number: int) -> dict[str, Any]:
    return {"id": number, "at": datetime.now(UTC), "via": "script", "summary": "test"}


def number_of_batches(database: Database) -> int | None:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(BATCHES))


@pytest.fixture
def database(own_database: Database) -> Database:
    """A database with a user."""
    with own_database.transaction() as db:
        insert_rows(db.connection(), USERS, [user(1, "alice")])
    return own_database


class TestLeft:
    def test_are_one_statement_with_the_next(self, database: Database) -> None:
        with counted_queries(database.engine) as statements, database.transaction() as db:
            insert_rows(db.connection(), BATCHES, [batch(1)])
            insert_rows(db.connection(), USERS, [user(2, "bob")])
            assert execute_with_deferred(db.connection(), NAME_OF_FIRST, {}) == [("alice",)]
        assert len(statements) == 1
        assert number_of_batches(database) == 1

    def test_are_seen_by_any_other_statement(self, database: Database) -> None:
        with database.transaction() as db:
            insert_rows(db.connection(), BATCHES, [batch(1)])
            assert db.scalar(select(func.count()).select_from(BATCHES)) == 1
            insert_rows(db.connection(), BATCHES, [batch(2)])
            insert_rows(db.connection(), BATCHES, [batch(3)])
        assert number_of_batches(database) == 3

    def test_are_forgotten_with_their_savepoint_or_transaction(self, database: Database) -> None:
        with database.transaction() as db:
            savepoint = db.begin_nested()
            insert_rows(db.connection(), BATCHES, [batch(1)])
            savepoint.rollback()
            insert_rows(db.connection(), BATCHES, [batch(2)])
        with database.transaction() as db:
            insert_rows(db.connection(), BATCHES, [batch(3)])
            db.rollback()
        with database.transaction() as db:
            assert db.scalars(select(BATCHES.c.id)).all() == [2]

    def test_may_be_refused_at_the_commit(self, database: Database) -> None:
        with pytest.raises(UsernameTaken):
            self.add_another(database, "alice")
        assert number_of_batches(database) == 0

    def add_another(self, database: Database, name: str) -> None:
        with database.transaction() as db:
            insert_rows(db.connection(), BATCHES, [batch(1)])
            insert_rows(db.connection(), USERS, [user(2, name)])

    def test_are_written_once_if_the_statement_waits_for_a_row(self, database: Database) -> None:
        """PostgreSQL evaluates the rest of the statement again, for the newest version of the row."""

        def write() -> str:
            with database.transaction() as db:
                insert_rows(db.connection(), BATCHES, [batch(1)])
                [(name,)] = execute_with_deferred(db.connection(), NAME_OF_FIRST, {})
                return str(name)

        with ThreadPoolExecutor(1) as pool:
            with database.transaction() as db:
                db.execute(update(USERS).values(username="Alice"))
                written = pool.submit(write)
                wait_until(lambda: is_waiting(database))
            assert written.result(timeout=30) == "Alice"
        assert number_of_batches(database) == 1


def is_waiting(database: Database) -> bool:
    with database.reading() as connection:
        return bool(connection.scalar(WAITING))
