"""Migrations that are interrupted: the next run continues, and the result is that of a run without interruption."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import DateTime, column, insert, table, text

from app.database import Database
from app.db import migrating
from app.db.migration_steps import was_interrupted
from app.db.migrations import heads_of, newest, require_migrated
from app.errors import DatabaseMigrating, MigrationInterrupted
from devtools.databases import fresh_url, migrate, migrate_down, settings_for
from tests.contract.founding_data import fill, rows_of
from tests.contract.schema import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine, TableClause

RELEASED = "0008"
"""The newest migration of version 0.2.0."""
BOOKS = 7
RECORD = {"version": 1, "created_at": datetime(2026, 1, 1, tzinfo=UTC), "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}
AUTHOR = {"id": 1, "name": "A", "name_key": "a", "sort_name": "A", "sort_key": "a", "document": '{"id":1,"version":1}'}


class KilledError(Exception):
    """The process ends, as if it were killed."""


class Interruption:
    """Ends a run right after its next commit, or right before it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, before: bool) -> None:
        self._commit, self._before = migrating._commit, before  # noqa: SLF001  (the one place where steps are committed)
        monkeypatch.setattr(migrating, "_commit", self)
        monkeypatch.setattr(
            migrating, "_give_up", lambda *_arguments: None
        )  # a process that is killed cleans up nothing
        self.armed = True

    def __call__(self, connection: Connection) -> None:
        if self.armed and self._before:
            self.armed = False
            raise KilledError
        self._commit(connection)
        if self.armed:
            raise KilledError


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    database = Database.of(settings_for(empty_url))
    yield database
    database.engine.dispose()


@pytest.fixture
def whole(kind: str, server_url: str, tmp_path: Path) -> Iterator[Database]:
    """Another database, which is migrated without interruption."""
    with fresh_url(kind, server_url, tmp_path) as url:
        database = Database.of(settings_for(url))
        yield database
        database.engine.dispose()


def table_of(name: str, row: Mapping[str, object]) -> TableClause:
    times = DateTime(timezone=True)
    return table(name, *(column(key, times) if key.endswith("_at") else column(key) for key in {**row, **RECORD}))


def book(number: int) -> dict[str, object]:
    document = f'{{"id":{number},"version":1}}'
    return {"id": number, "title": "T", "title_key": "t", "author_id": 1, "document": document} | RECORD


@pytest.fixture
def released(database: Database) -> Database:
    """A database of the last release with some records."""
    migrate(database.engine, RELEASED)
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(insert(table_of("authors", AUTHOR)), AUTHOR | RECORD)
        connection.execute(insert(table_of("books", book(1))), [book(number) for number in range(1, BOOKS + 1)])
    return database


def runs_until_done(engine: Engine) -> int:
    """Run again after each interruption."""
    runs = 0
    while True:
        runs += 1
        try:
            migrate(engine)
        except KilledError:
            continue
        return runs


def contents(engine: Engine) -> dict[str, list[Any]]:
    """All rows of the tables that a migration fills."""
    keys = dict.fromkeys(("authors", "books", "users", "genres"), "id")
    keys |= {"search_words": "variant, word", "book_contributors": "book_id, author_id"}
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY {key}")).mappings()]  # noqa: S608
            for name, key in keys.items()
        }


def written(database: Database) -> None:
    with database.transaction() as db:
        db.execute(text("UPDATE authors SET version = version"))


class TestInterruption:
    def test_between_any_two_commits_loses_nothing(
        self, released: Database, whole: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Interruption(monkeypatch, before=False)
        assert runs_until_done(released.engine) > 5
        with released.reading() as connection:
            require_migrated(connection)
            documents = connection.scalars(text("SELECT document FROM books ORDER BY id")).all()
        assert documents == [f'{{"id":{number},"updated_by":null,"version":1}}' for number in range(1, BOOKS + 1)]
        written(released)
        migrate(whole.engine)
        assert snapshot(released.engine) == snapshot(whole.engine)

    def test_refuses_writes_and_downgrades_until_it_is_continued(self, released: Database) -> None:
        with pytest.MonkeyPatch.context() as patch:
            Interruption(patch, before=False)
            with pytest.raises(KilledError):
                migrate(released.engine)
        with released.engine.connect() as connection:
            assert heads_of(connection) == ("0009",)
            assert was_interrupted(connection)
        with pytest.raises(MigrationInterrupted), released.reading() as connection:
            require_migrated(connection)
        with pytest.raises(DatabaseMigrating):
            written(released)
        with released.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM books")) == BOOKS
        with pytest.raises(MigrationInterrupted):
            migrate_down(released.engine)
        migrate(released.engine)
        written(released)
        with released.reading() as connection:
            assert heads_of(connection) == (newest(),)

    def test_that_changed_nothing_leaves_writes_allowed(
        self, released: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_arguments: object, **_others: object) -> None:
            raise KilledError

        monkeypatch.setattr(migrating._Finisher, "__call__", fail)  # noqa: SLF001  (the end of the first migration)
        with pytest.raises(KilledError):
            migrate(released.engine)
        written(released)

    @pytest.mark.slow
    @pytest.mark.parametrize("before", [False, True], ids=["after a commit", "before a commit"])
    def test_of_all_migrations_is_continued(
        self, database: Database, whole: Database, monkeypatch: pytest.MonkeyPatch, *, before: bool
    ) -> None:
        """From the founding schema: every row and every word is as without interruption."""
        for one in (whole, database):
            migrate(one.engine, "0001")
            fill(one.engine)
        migrate(whole.engine)
        interruption = Interruption(monkeypatch, before=before)
        while True:
            interruption.armed = not before or not interruption.armed  # one run of two gets further
            try:
                migrate(database.engine)
            except KilledError:
                continue
            break
        assert rows_of(database.engine) == rows_of(whole.engine)
        assert contents(database.engine) == contents(whole.engine)
        assert snapshot(database.engine) == snapshot(whole.engine)
