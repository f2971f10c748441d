"""What must be so before anything starts: each failure is one clear line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.errors import DatabaseOutdated, DatabaseUnavailable
from app.migrations import require_migrated
from app.settings import SettingsError
from app.startup import open_database
from scripts.load_demo import main
from tests.databases import migrate, settings_for

if TYPE_CHECKING:
    from app.database import Database

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

    def test_not_one_of_a_version_to_come(self, at_home: Database) -> None:
        with at_home.transaction() as session:
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseOutdated):
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
