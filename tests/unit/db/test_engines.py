"""Engines: one driver for each database, however its URL is spelled, and the options of its connections."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.database import Database
from app.db.engines import database_url
from app.settings import SettingsError
from devtools.databases import settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestUrl:
    @pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"])
    def test_of_postgresql_is_for_psycopg(self, scheme: str) -> None:
        url = database_url(f"{scheme}://postgres:p%40ss@localhost:5432/my_project_db?sslmode=disable")
        assert url.drivername == "postgresql+psycopg"
        assert (url.password, url.port, url.database) == ("p@ss", 5432, "my_project_db")
        assert url.query == {"sslmode": "disable"}

    @pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
    def test_of_sqlite_is_for_its_own(self, scheme: str) -> None:
        assert database_url(f"{scheme}:///books.db").drivername == "sqlite"

    @pytest.mark.parametrize(
        "url", ["", "books.db", "mysql://alice:open-sesame@localhost/books", "alice:open-sesame@localhost"]
    )
    def test_of_anything_else_is_refused_without_its_password(self, url: str) -> None:
        with pytest.raises(SettingsError, match=r"^DATABASE_URL") as raised:
            database_url(url)
        assert "open-sesame" not in str(raised.value)


class TestSqlite:
    @pytest.fixture
    def temporary(self) -> Iterator[Database]:
        """A temporary database."""
        database = Database.of(settings_for("sqlite:///:memory:"))
        yield database
        database.engine.dispose()

    @pytest.mark.parametrize(("pragma", "value"), [("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 2)])
    def test_is_told_to_be_careful(self, temporary: Database, pragma: str, value: object) -> None:
        with temporary.reading() as connection:
            assert connection.scalar(text(f"PRAGMA {pragma}")) == value

    def test_in_memory_is_one_for_all_connections(self, temporary: Database) -> None:
        with temporary.transaction() as db:
            db.execute(text("CREATE TABLE shelves (number INTEGER)"))
        with temporary.reading() as one, temporary.reading() as other:
            assert one.scalars(text("SELECT * FROM shelves")).all() == []
            assert other.scalars(text("SELECT * FROM shelves")).all() == []

    @pytest.mark.usefixtures("open_umask")
    def test_in_a_file_is_readable_for_its_owner_alone(self, tmp_path: Path) -> None:
        database = Database.of(settings_for(f"sqlite:///{tmp_path}/books.db"))
        with database.transaction() as db:
            db.execute(text("CREATE TABLE shelves (number INTEGER)"))
        files = list(tmp_path.iterdir())
        database.engine.dispose()
        assert {file.name for file in files} == {"books.db", "books.db-wal", "books.db-shm"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}

    @pytest.fixture
    def open_umask(self) -> Iterator[None]:
        """Other programs create files that everyone may read."""
        before = os.umask(0)
        yield
        os.umask(before)

    def test_in_a_file_keeps_its_locks_when_another_connection_is_opened(self, tmp_path: Path) -> None:
        """Without them another process that closes the file takes itself for the last, and deletes the log."""
        database = Database.of(settings_for(f"sqlite:///{tmp_path}/books.db"))
        with database.transaction() as db:
            db.execute(text("CREATE TABLE shelves (number INTEGER)"))
        with database.reading() as one, database.reading() as other:
            assert one.scalars(text("SELECT * FROM shelves")).all() == []
            assert other.scalars(text("SELECT * FROM shelves")).all() == []
            connect = f"import sqlite3; one = sqlite3.connect('{tmp_path}/books.db')"
            elsewhere = f"{connect}; one.execute('SELECT * FROM shelves').fetchall(); one.close()"  # noqa: S608  (a program, not a query)
            subprocess.run([sys.executable, "-c", elsewhere], check=True)  # noqa: S603  (our own)
            assert (tmp_path / "books.db-wal").exists()
        database.engine.dispose()

    def test_in_memory_is_another_for_every_service(self, temporary: Database) -> None:
        other = Database.of(settings_for("sqlite:///:memory:"))
        assert other.engine.url != temporary.engine.url


class TestPostgresql:
    @pytest.fixture
    def database(self, postgres_url: str) -> Iterator[Database]:
        """A pool of one connection."""
        database = Database.of(settings_for(postgres_url, db_pool_size=1, db_max_overflow=0, db_lock_timeout=1.5))
        yield database
        database.engine.dispose()

    @pytest.mark.parametrize(
        ("setting", "value"), [("lock_timeout", "1500ms"), ("TimeZone", "UTC"), ("application_name", "books-api")]
    )
    def test_is_told_how_long_to_wait_and_who_asks(self, database: Database, setting: str, value: str) -> None:
        with database.reading() as connection:
            assert connection.scalar(text(f"SHOW {setting}")) == value

    def test_statements_need_not_be_prepared(self, postgres_url: str) -> None:
        database = Database.of(settings_for(postgres_url, db_prepare_statements=False))
        with database.reading() as connection:
            assert connection.connection.driver_connection.prepare_threshold is None  # type: ignore[union-attr]
        database.engine.dispose()


class TestBehindPgbouncer:
    def test_nothing_is_asked_that_it_refuses(self, postgres_url: str) -> None:
        database = Database.of(settings_for(postgres_url, db_prepare_statements=False))
        with database.reading() as connection:
            for _ in range(10):
                assert connection.scalar(text("SHOW lock_timeout")) == "0"
            assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
        database.engine.dispose()
