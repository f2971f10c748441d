"""The command that upgrades a database, and says before what that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.db.migration_effects import Effects
from app.db.migrations import FOLDER, newest, require_migrated
from app.models import Author, Base, Book
from devtools.databases import migrate, migrate_down
from scripts.upgrade import main

if TYPE_CHECKING:
    from app.database import Database

RELEASED = "0008"
"""The newest migration of version 0.2.0."""
SCRIPTS = list(ScriptDirectory(str(FOLDER)).walk_revisions())
PENDING = [script.revision for script in SCRIPTS].index(RELEASED)


@pytest.fixture
def released(at_home: Database) -> Database:
    """A database of the last release, with an author and books."""
    with at_home.transaction() as db:
        db.add(Author(id=1, name="A", sort_name="A"))
        db.flush()
        db.add_all(Book(id=number, title="T", author_id=1) for number in (1, 2))
    migrate_down(at_home.engine, RELEASED)
    return at_home


class TestPlan:
    def test_says_what_each_migration_does_and_changes_nothing(
        self, released: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["--plan"])
        plan = capsys.readouterr().out
        assert f"is at {RELEASED}; this version needs {newest()}" in plan
        assert f"Pending migrations: {PENDING}." in plan
        for script in SCRIPTS:
            assert (script.module.EFFECTS.summary in plan) == (script.revision > RELEASED)
        assert "Lost: open password resets." in plan
        assert "Disk space: at most" in plan
        assert "Writes of a running service are refused (503)" in plan
        assert "The previous version may go on serving reads" in plan
        assert "scripts.backup" in plan
        with released.reading() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == RELEASED

    def test_of_a_database_that_reads_need_to_leave_says_so(
        self, at_home: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        migrate_down(at_home.engine, "0001")
        main(["--plan"])
        assert "Stop the service before: some reads would fail." in capsys.readouterr().out

    def test_of_one_that_is_up_to_date_is_empty(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        assert at_home.engine.url
        main(["--plan"])
        assert "nothing to do" in capsys.readouterr().out

    def test_of_an_empty_one_creates_it(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        migrate(at_home.engine, "base")
        main(["--plan"])
        assert "is empty: all tables are created" in capsys.readouterr().out

    def test_of_a_newer_one_is_an_error_with_the_remedy(self, at_home: Database) -> None:
        with at_home.transaction() as db:
            db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SystemExit, match=r"upgrade: the database .* by a newer version of the service"):
            main([])


class TestUpgrade:
    def test_applies_the_migrations_and_reports(self, released: Database, capsys: pytest.CaptureFixture[str]) -> None:
        main([])
        assert "migrations: applies 0011 (2 of " in capsys.readouterr().err
        with released.reading() as connection:
            require_migrated(connection)

    def test_of_a_new_file_creates_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        file = tmp_path_factory.mktemp("new") / "instance" / "books.db"
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
        main([])
        assert file.exists()
        assert [entry.name for entry in file.parent.iterdir() if entry.name.endswith(".migrating")] == []


class TestEffects:
    @pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.revision)
    def test_are_declared_by_every_migration(self, script: object) -> None:
        effects = script.module.EFFECTS  # type: ignore[attr-defined]  # alembic's Script
        assert isinstance(effects, Effects)
        assert effects.summary.endswith(".")
        assert effects.summary[0].isupper()
        assert effects.seconds.keys() <= Base.metadata.tables.keys()
        assert not (effects.writes and {"books", "authors"} <= effects.seconds.keys())
