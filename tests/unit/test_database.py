"""The one transaction: all of it or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, exc, select

from app.database import Database
from app.db.bulkheads import Kind
from app.db.migrations import require_migrated
from app.db.types import UtcDateTime
from app.errors import BookNotFound
from app.models import Author, Base, User
from devtools.databases import settings_for

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside

ALICE = {"username": "alice", "password_hash": "-"}


def fail_after_writing(database: Database) -> None:
    """Find out too late that it cannot be."""
    with database.transaction() as db:
        db.add(User(**ALICE))
        db.flush()
        raise BookNotFound


class TestTransaction:
    def test_is_kept_when_the_block_succeeds(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            db.add(User(**ALICE))
        with own_database.reading() as connection:
            assert connection.scalars(select(User.username)).all() == ["alice"]

    def test_leaves_nothing_when_the_block_raises(self, own_database: Database) -> None:
        with pytest.raises(BookNotFound):
            fail_after_writing(own_database)
        with own_database.reading() as connection:
            assert connection.scalars(select(User.username)).all() == []

    def test_is_not_seen_before_it_ends(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            db.add(User(**ALICE))
            db.flush()
            with own_database.reading() as connection:
                assert connection.scalars(select(User.username)).all() == []


class TestTimes:
    def test_come_back_in_utc(self, database: DatabaseInside) -> None:
        there = timezone(timedelta(hours=5, minutes=30))
        moment = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=there)
        with database.transaction() as db:
            db.add(User(**ALICE, created_at=moment))
        found = database.connection.scalar(select(User.created_at))
        assert found == moment
        assert found is not None
        assert found.utcoffset() == timedelta(0)

    def test_without_an_offset_are_refused(self, database: DatabaseInside) -> None:
        with pytest.raises(exc.StatementError, match="a time without an offset"), database.transaction() as db:
            db.add(User(**ALICE, created_at=datetime(2026, 1, 1)))  # noqa: DTZ001  (that is the point)

    def test_that_are_none_stay_none(self, database: DatabaseInside) -> None:
        dialect = database.engine.dialect
        assert UtcDateTime().process_bind_param(None, dialect) is None
        assert UtcDateTime().process_result_value(None, dialect) is None


class TestCreateAll:
    def test_makes_what_a_migrated_database_is(self, empty_url: str) -> None:
        database = Database.of(settings_for(empty_url))
        Base.metadata.create_all(database.engine)
        with database.reading() as connection:
            require_migrated(connection)
        database.engine.dispose()


class TestVersion:
    def test_of_a_record_that_is_only_touched_stays(self, database: DatabaseInside) -> None:
        with database.transaction() as db:
            db.add(author := Author(name="Jane Austen"))
        with database.transaction() as db:
            author = db.merge(author)
            author.name = str(author.name)
        assert author.version == 1


class TestReaders:
    def test_share_a_few_connections_under_load(self, own_database: Database) -> None:
        opened: list[object] = []
        event.listen(own_database.reading_engine, "connect", lambda connection, _entry: opened.append(connection))

        def read(_number: int) -> object:
            with own_database.reading(Kind.BOOKS) as connection:
                return connection.scalar(select(1))

        with ThreadPoolExecutor(64) as pool:
            assert set(pool.map(read, range(3_000))) == {1}
        assert 1 <= len(opened) <= own_database.bulkheads[Kind.BOOKS].slots
