"""Migrations build exactly the models, from empty, up and down."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from app.engines import make_engine
from app.migrations import FOLDER, newest, require_migrated
from app.models import Base
from tests.databases import ROOT, fresh_url, migrate, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OF_ALEMBIC = "alembic_version"


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = make_engine(settings_for(url))
    yield engine
    engine.dispose()


@pytest.fixture
def empty(own_url: str) -> Iterator[Engine]:
    """An empty database."""
    with engine_of(own_url) as engine:
        yield engine


@pytest.fixture
def migrated(empty: Engine) -> Engine:
    """One that the migrations built."""
    migrate(empty)
    return empty


@pytest.fixture
def modelled(kind: str, server_url: str, tmp_path: Path) -> Iterator[Engine]:
    """One that the models built."""
    with fresh_url(kind, server_url, tmp_path) as url, engine_of(url) as engine:
        Base.metadata.create_all(engine)
        yield engine


def snapshot(engine: Engine) -> dict[str, Any]:
    """All that the database itself knows of its tables."""
    inspector = inspect(engine)

    def by_name(entries: list[Any]) -> list[Any]:
        return sorted(entries, key=lambda entry: str(entry["name"]))

    return {
        table: {
            "columns": [column | {"type": repr(column["type"])} for column in inspector.get_columns(table)],
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": by_name(inspector.get_foreign_keys(table)),
            "uniques": by_name(inspector.get_unique_constraints(table)),
            "checks": by_name(inspector.get_check_constraints(table)),
            "indexes": by_name(inspector.get_indexes(table)),
            "options": inspector.get_table_options(table),
        }
        for table in inspector.get_table_names()
        if table != OF_ALEMBIC
    }


def migrate_down(engine: Engine) -> None:
    """Take one migration back."""
    config = Config(ROOT / "alembic.ini")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")


def counting(engine: Engine) -> set[str]:
    """The tables of an SQLite database that never give an id twice: that stands only in how they were made."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    return {name for name, sql in rows if "AUTOINCREMENT" in sql.upper()}


class TestUpgrade:
    def test_builds_what_alembic_takes_for_the_models(self, migrated: Engine) -> None:
        with migrated.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []

    def test_builds_what_the_models_build(self, migrated: Engine, modelled: Engine) -> None:
        assert snapshot(migrated) == snapshot(modelled)

    def test_is_what_the_service_needs(self, migrated: Engine, modelled: Engine) -> None:
        for engine in (migrated, modelled):
            with engine.connect() as connection:
                require_migrated(connection)


class TestUpgradeOfSqlite:
    def test_makes_tables_that_never_give_an_id_twice(self, tmp_path: Path) -> None:
        with engine_of(f"sqlite:///{tmp_path}/migrated.db") as migrated:
            migrate(migrated)
            assert counting(migrated) == {"authors", "books", "genres", "users"}
        with engine_of(f"sqlite:///{tmp_path}/modelled.db") as modelled:
            Base.metadata.create_all(modelled)
            assert counting(modelled) == {"authors", "books", "genres", "users"}


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
