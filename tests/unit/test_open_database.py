"""What must be so before anything starts: each failure is one clear line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.database import Database, open_database
from app.db.connection_count import ADMITTED, warn_of_too_many_connections
from app.db.migration_lock import one_at_a_time
from app.db.migrations import require_migrated
from app.errors import DatabaseMigrating, DatabaseNewer, DatabaseOutdated, DatabaseUnavailable, RevisionUnknown
from app.observability.logs import configure_logs
from app.settings import SettingsError
from devtools.databases import fresh_url, migrate, settings_for
from scripts.load_demo import main

if TYPE_CHECKING:
    from pathlib import Path

AWAY = "postgresql://alice:open-sesame@127.0.0.1:1/books"


class TestOpen:
    def test_a_database_that_is_ready(self, own_database: Database, own_url: str) -> None:
        opened = open_database(settings_for(own_url))
        assert opened.engine.url == own_database.engine.url
        opened.engine.dispose()

    def test_not_one_that_is_not_migrated(self, at_home: Database) -> None:
        migrate(at_home.engine, "base")
        with pytest.raises(DatabaseOutdated, match="run 'alembic upgrade head'"):
            open_database()

    @pytest.mark.parametrize(
        ("revision", "error", "remedy"),
        [
            ("0014", DatabaseOutdated, "run 'alembic upgrade head'"),
            ("9999", DatabaseNewer, "by a newer version of the service: run that version, or restore the backup"),
            ("3f2a", RevisionUnknown, "check DATABASE_URL"),
        ],
    )
    def test_not_one_at_another_revision(
        self, at_home: Database, revision: str, error: type[DatabaseOutdated], remedy: str
    ) -> None:
        set_revision(at_home, revision)
        with pytest.raises(DatabaseOutdated, match=remedy) as raised:
            open_database()
        assert type(raised.value) is error

    def test_not_one_that_is_being_migrated(self, at_home: Database) -> None:
        set_revision(at_home, "0014")
        with one_at_a_time(at_home.engine), pytest.raises(DatabaseMigrating, match="start again when it has finished"):
            open_database()

    def test_not_one_that_is_away(self) -> None:
        with pytest.raises(DatabaseUnavailable, match="cannot reach the database") as raised:
            open_database(settings_for(AWAY))
        assert "open-sesame" not in str(raised.value)

    @pytest.mark.parametrize(
        "url", ["books.db", "mysql://localhost/books", "postgresql+asyncpg://localhost/books", "://"]
    )
    def test_not_one_that_is_none(self, url: str) -> None:
        with pytest.raises(SettingsError, match=r"^DATABASE_URL"):
            open_database(settings_for(url))


def set_revision(database: Database, revision: str) -> None:
    with database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


class TestConnections:
    """PostgreSQL admits 300 in the tests, or as many as the server of TEST_DATABASE_URL says."""

    @pytest.mark.parametrize(
        "settings", [{"workers": 256}, {"workers": 1, "db_max_overflow": 1000}, {"workers": 15, "db_pool_size": 1000}]
    )
    def test_that_do_not_fit_are_named_with_numbers(
        self, postgres_url: str, capsys: pytest.CaptureFixture[str], settings: dict[str, Any]
    ) -> None:
        (line,) = self.warned(postgres_url, capsys, settings)
        assert line["event"] == "too_many_connections"
        assert line["connections"] > line["admitted"] > 0
        assert "DB_POOL_SIZE" in line["remedy"]

    def test_each_process_has_one_more_than_its_pools(
        self, postgres_url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (line,) = self.warned(postgres_url, capsys, {"workers": 256})
        assert line["connections"] == 256 * (20 + 1 + 3)

    @pytest.mark.parametrize("settings", [{"workers": 4}, {"workers": 256, "db_prepare_statements": False}])
    def test_that_fit_are_not(
        self, postgres_url: str, capsys: pytest.CaptureFixture[str], settings: dict[str, Any]
    ) -> None:
        assert self.warned(postgres_url, capsys, settings) == []

    def test_of_sqlite_have_no_limit(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.warned("sqlite://", capsys, {"workers": 256}) == []

    def warned(self, url: str, capsys: pytest.CaptureFixture[str], settings: dict[str, Any]) -> list[dict[str, Any]]:
        """What the log says at the start."""
        changed = settings_for(url, log_format="json", **settings)
        configure_logs(changed)
        database = Database.of(changed)
        with database.reading() as connection:
            warn_of_too_many_connections(connection, changed)
        database.engine.dispose()
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    def test_are_limited_by_the_database_too(self, postgres_url: str, tmp_path: Path) -> None:
        with fresh_url("postgresql", postgres_url, tmp_path) as url:
            database = Database.of(settings_for(url))
            with database.transaction() as db:
                db.execute(text(f'ALTER DATABASE "{database.engine.url.database}" CONNECTION LIMIT 7'))
            with database.reading() as connection:
                assert connection.scalar(ADMITTED) == 7
            database.engine.dispose()


class TestCommand:
    @pytest.mark.parametrize(
        ("url", "line"),
        [
            (
                AWAY,
                "load_demo: cannot reach the database postgresql+psycopg://alice:***@127.0.0.1:1/books (DATABASE_URL)",
            ),
            ("sqlite:///{folder}/new.db", "is not at the newest migration: run 'alembic upgrade head'"),
            ("nonsense", "load_demo: DATABASE_URL is not a database URL"),
        ],
    )
    def test_ends_in_one_line(
        self,
        at_home: Database,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path_factory: pytest.TempPathFactory,
        url: str,
        line: str,
    ) -> None:
        require_ready(at_home)
        monkeypatch.setenv("DATABASE_URL", url.format(folder=tmp_path_factory.mktemp("new")))
        with pytest.raises(SystemExit) as ended:
            main([])
        assert line in str(ended.value.code)
        assert "\n" not in str(ended.value.code)


def require_ready(database: Database) -> None:
    """The set-up is sound: what follows fails for its own reason."""
    with database.reading() as connection:
        require_migrated(connection)
