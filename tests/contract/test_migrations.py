"""Migrations build exactly the models, from empty, up and down."""

from __future__ import annotations

import stat
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select

from app.db.engines import make_engine
from app.db.migrations import FOLDER, newest, require_migrated
from app.models import Base, User
from devtools.databases import ROOT, fresh_url, migrate, migrate_down, settings_for
from tests.contract.schema import OF_ALEMBIC, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


COUNTING = {
    "api_keys",
    "audit_events",
    "authors",
    "batches",
    "books",
    "changes",
    "genres",
    "identities",
    "invitations",
    "users",
    "webhook_deliveries",
    "webhooks",
}
"""The tables with generated ids."""


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = make_engine(settings_for(url))
    yield engine
    engine.dispose()


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    """An empty database."""
    with engine_of(empty_url) as engine:
        yield engine


@pytest.fixture
def migrated(own_url: str) -> Iterator[Engine]:
    """One that the migrations built."""
    with engine_of(own_url) as engine:
        yield engine


@pytest.fixture
def modelled(kind: str, server_url: str, tmp_path: Path) -> Iterator[Engine]:
    """One that the models built."""
    with fresh_url(kind, server_url, tmp_path) as url, engine_of(url) as engine:
        Base.metadata.create_all(engine)
        yield engine


def counting(engine: Engine) -> set[str]:
    """The tables of an SQLite database that never give an id twice: that stands only in how they were made."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    return {name for name, sql in rows if "AUTOINCREMENT" in sql.upper()}


def is_not_of_search(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """SQLAlchemy has no words for the tables of search: the snapshots compare them."""
    return not (kind == "table" and "_search" in str(name))


class TestUpgrade:
    @pytest.mark.filterwarnings("ignore:.*expression-based index")  # on SQLite; the snapshots compare them
    def test_builds_what_alembic_takes_for_the_models(self, migrated: Engine) -> None:
        with migrated.connect() as connection:
            opts = {"compare_type": True, "include_object": is_not_of_search}
            context = MigrationContext.configure(connection, opts=opts)
            assert compare_metadata(context, Base.metadata) == []

    def test_builds_what_the_models_build(self, migrated: Engine, modelled: Engine) -> None:
        built, expected = snapshot(migrated), snapshot(modelled)
        assert built["made"] == expected["made"]
        assert built["tables"].keys() == expected["tables"].keys()
        assert [table for table in built["tables"] if built["tables"][table] != expected["tables"][table]] == []

    def test_builds_the_indexes_that_search_and_years_need(self, migrated: Engine) -> None:
        """Both sides of the comparison above could lack them."""
        made = snapshot(migrated)["made"]
        assert "coalesce" in made["ix_books_year_id"].lower()
        assert "coalesce" in made["ix_books_year_back_id"].lower()
        on_postgres = migrated.dialect.name == "postgresql"
        expected = ["gin ( title )", "gin ( everything )"] if on_postgres else ["fts5", "trigger"]
        for kind in ("book", "author"):
            of_search = " ".join(sql.lower() for name, sql in made.items() if f"{kind}_search" in name)
            assert [word for word in expected if word not in of_search] == []

    def test_is_what_the_service_needs(self, migrated: Engine, modelled: Engine) -> None:
        for engine in (migrated, modelled):
            with engine.connect() as connection:
                require_migrated(connection)

    def test_makes_no_user(self, migrated: Engine) -> None:
        """A default account would have a default password."""
        with migrated.connect() as connection:
            assert connection.execute(select(User.id)).all() == []


class TestUpgradeOfSqlite:
    def test_makes_tables_that_never_give_an_id_twice(self, tmp_path: Path) -> None:
        with engine_of(f"sqlite:///{tmp_path}/migrated.db") as migrated:
            migrate(migrated)
            assert counting(migrated) == COUNTING
        with engine_of(f"sqlite:///{tmp_path}/modelled.db") as modelled:
            Base.metadata.create_all(modelled)
            assert counting(modelled) == COUNTING

    def test_keeps_a_folder_that_it_makes_from_others_on_the_machine(self, tmp_path: Path) -> None:
        folder = tmp_path / "instance"
        done = subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=ROOT,
            env={"DATABASE_URL": f"sqlite:///{folder}/books.db"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


class TestDowngrade:
    def test_leaves_nothing(self, migrated: Engine) -> None:
        migrate(migrated, "base")
        inspector = inspect(migrated)
        assert set(inspector.get_table_names()) == {OF_ALEMBIC}
        assert inspector.get_view_names() == []
        sequences = inspector.get_sequence_names() if migrated.dialect.supports_sequences else []
        assert sequences == []

    def test_and_up_again(self, migrated: Engine) -> None:
        before = snapshot(migrated)
        migrate(migrated, "base")
        migrate(migrated)
        assert snapshot(migrated) == before

    @pytest.mark.slow
    def test_step_by_step(self, empty: Engine) -> None:
        """Every migration goes up and down by itself, and down is the opposite of up."""
        for script in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions())):
            before = snapshot(empty)
            migrate(empty, script.revision)
            migrate_down(empty)
            assert snapshot(empty) == before
            migrate(empty, script.revision)


class TestHistory:
    def test_is_one_line(self) -> None:
        scripts = ScriptDirectory(str(FOLDER))
        assert scripts.get_heads() == [newest()]
        assert [script.revision for script in scripts.walk_revisions() if script.is_branch_point] == []
