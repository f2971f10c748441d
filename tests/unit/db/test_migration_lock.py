"""One process migrates a database at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.db.engines import make_engine
from app.db.migrating import migrating
from app.db.migration_lock import is_migrated_by_another, lock_file, one_at_a_time
from app.db.migrations import require_migrated
from app.errors import DatabaseMigrating, DatabaseUnavailable
from devtools.databases import migrate, settings_for

if TYPE_CHECKING:
    from app.database import Database


def has_lock(database: Database) -> bool:
    with database.reading() as connection:
        return is_migrated_by_another(connection)


class TestLock:
    def test_makes_a_second_process_give_up_with_the_name_of_the_first(self, own_database: Database) -> None:
        with one_at_a_time(own_database.engine):
            with pytest.raises(DatabaseMigrating, match=r"still running after 0 seconds: process \d+ o[nf] "):
                migrate_within(own_database, 0)
            assert has_lock(own_database)
        assert not has_lock(own_database)
        migrate_within(own_database, 0)

    def test_makes_a_second_process_wait(self, own_database: Database, capsys: pytest.CaptureFixture[str]) -> None:
        began, may_end = Event(), Event()

        def first() -> None:
            with one_at_a_time(own_database.engine):
                began.set()
                may_end.wait(20)

        with ThreadPoolExecutor() as pool:
            running = pool.submit(first)
            began.wait(20)
            second = pool.submit(migrate_within, own_database, 20)
            with pytest.raises(TimeoutError):
                second.result(0.3)
            may_end.set()
            running.result()
            second.result()
        assert "migrations: waiting for another migration of this database: process " in capsys.readouterr().err

    def test_is_named_as_the_cause_while_it_is_taken(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            db.execute(text("UPDATE alembic_version SET version_num = '0014'"))
        with (
            one_at_a_time(own_database.engine),
            own_database.reading() as connection,
            pytest.raises(DatabaseMigrating),
        ):
            require_migrated(connection)

    def test_that_a_killed_process_left_as_a_file_stops_no_other(self, own_database: Database) -> None:
        if own_database.engine.dialect.name == "sqlite":
            lock_file(str(own_database.engine.url.database)).write_text("process 1 on elsewhere")
        assert not has_lock(own_database)
        migrate(own_database.engine)

    def test_cannot_be_taken_where_nothing_answers(self) -> None:
        engine = make_engine(settings_for("postgresql://books@127.0.0.1:1/nothing"))
        with pytest.raises(DatabaseUnavailable), one_at_a_time(engine):
            pytest.fail("it was taken")


def migrate_within(database: Database, wait: float) -> None:
    with migrating(database.engine, wait):
        pass
