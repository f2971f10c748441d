"""The times of statements, those that fail included."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.database import Database
from app.db.statement_times import begin_measuring
from app.errors import DatabaseBusy, DatabaseUnavailable
from devtools.databases import settings_for

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Settings


def connected(settings: Settings) -> Database:
    """A database that SQLAlchemy has already inspected: its queries at the first connection are statements, too."""
    database = Database.of(settings)
    with database.reading() as connection:
        connection.execute(text("SELECT 1"))
    return database


def test_are_added_up(own_url: str) -> None:
    database = connected(settings_for(own_url))
    times = begin_measuring()
    with database.reading() as connection:
        for number in range(3):
            connection.execute(text("SELECT :number"), {"number": number})
    assert times.number == 3
    assert 0 < times.slowest <= times.total
    begin_measuring()
    with database.reading() as connection:
        connection.execute(text("SELECT 4"))
    assert times.number == 3, "those of another request"
    database.engine.dispose()


def test_without_a_request_are_dropped(own_url: str) -> None:
    """A script's, say."""
    database = Database.of(settings_for(own_url))
    with database.reading() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.engine.dispose()


def test_of_a_statement_that_was_stopped_are_counted(postgres_url: str) -> None:
    database = connected(settings_for(postgres_url, db_statement_timeout=0.1))
    times = begin_measuring()
    with pytest.raises(DatabaseUnavailable), database.reading() as connection:
        connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": 60})
    database.engine.dispose()
    assert (times.number, times.slowest > 0.09) == (1, True)
    assert times.entry()["slowest_statement"] == "SELECT pg_sleep(%(seconds)s)"


def test_of_the_wait_for_a_lock_are_counted(tmp_path: Path) -> None:
    database = connected(settings_for(f"sqlite:///{tmp_path}/books.db", db_lock_timeout=0.1))
    times = begin_measuring()
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy), database.transaction() as db:
            db.execute(text("SELECT 1"))
    database.engine.dispose()
    assert times.entry()["slowest_statement"] == "BEGIN IMMEDIATE"
    assert times.slowest > 0.09
