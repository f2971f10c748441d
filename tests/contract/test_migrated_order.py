"""The migration to sort keys without accents, with a catalogue in the database: up, down, and up again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update

from app.database import Database
from app.db import migration_report
from app.db.migrations import FOLDER, newest
from app.domain.names import name_key
from app.domain.sort_keys import filter_key
from app.models import Author, Base, Book, Genre
from devtools.databases import migrate, migrate_down, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


TITLES = ["École", "Ecole", "Zebra", "¡Hola!", "Volume 10", "Volume 2", "«Война» и мир", "Ёлка", "???", "ﷺ" * 500]
PUBLISHERS = ["Éditions de Minuit", "Plain", None]
GENRES = ["Poésie", "poesie", "Épopée", "詩"]
IN_ORDER = ["???", "Ecole", "École", "¡Hola!", "Volume 2", "Volume 10", "Zebra", "«Война» и мир", "Ёлка", "ﷺ" * 500]
BOOKS = 100
KEYS = text(
    "SELECT books.id, title, title_key, publisher, publisher_key, series, series_key, name, name_key, sort_name,"
    " sort_key FROM books JOIN authors ON authors.id = books.author_id ORDER BY books.id"
)
LATER_FIELDS = re.compile(r',"sort_title":.*(?=,"created_at")|,"updated_by":null')
"""What later migrations add to a document."""
OTHERS = text("SELECT id, version, updated_at, document FROM books ORDER BY id")


@pytest.fixture
def database(own_url: str) -> Iterator[Database]:
    """A catalogue at the newest revision."""
    database = Database.of(settings_for(own_url))
    with database.transaction() as db:
        db.add_all(Genre(name=name) for name in GENRES)
        authors = [Author(name=name, sort_name=name) for name in ("García Lorca, F.", "Plain", "Øst, Ø.")]
        db.add_all(authors)
        db.flush()
        for number in range(BOOKS):
            title = TITLES[number] if number < len(TITLES) else f"Book {number}"
            names = {"publisher": PUBLISHERS[number % 3], "series": PUBLISHERS[(number + 1) % 3]}
            db.add(Book(title=title, author_id=authors[number % 3].id, **names))
    yield database
    database.engine.dispose()


def order() -> ModuleType:
    """The migration as a module."""
    script = ScriptDirectory(str(FOLDER)).get_revision("0004")
    assert script is not None
    return script.module


def seen(database: Database, query: Any = KEYS) -> list[Any]:
    with database.reading() as connection:
        return list(map(tuple, connection.execute(query)))


class TestDowngrade:
    def test_and_up_again_computes_every_key_and_touches_nothing_else(
        self, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        as_written, others = seen(database), seen(database, OTHERS)
        migrate_down(database.engine, "0003")
        for _, title, title_key, publisher, publisher_key, series, series_key, *person in seen(database):
            keys = [name_key(title), *(name and name_key(name) for name in (publisher, series, *person[::2]))]
            assert [title_key, publisher_key, series_key, *person[1::2]] == keys
        assert seen(database, OTHERS) == [(*rest, LATER_FIELDS.sub("", document)) for *rest, document in others]
        migrate(database.engine)
        assert seen(database) == as_written
        assert seen(database, OTHERS) == others
        assert "recompute sort keys" not in capsys.readouterr().err  # they take less than a line is worth

    def test_keeps_genres_that_are_one_to_a_reader(self, database: Database) -> None:
        migrate_down(database.engine, "0003")
        migrate(database.engine)
        rows = select(Genre.name, Genre.name_key, Genre.filter_key).order_by(Genre.id)
        with database.reading() as connection:
            found = list(map(tuple, connection.execute(rows)))
        assert found == [(name, name_key(name), filter_key(name)) for name in GENRES]


class TestEveryKey:
    def test_is_of_identity_or_computed_again(self) -> None:
        """A key that is added later belongs to one of them: what a rule makes, a change of the rule makes again."""
        keys = {(name, column.name) for name, table in Base.metadata.tables.items() for column in table.columns}
        computed = {("genres", "filter_key")} | {(table, key) for table, of in order().KEYS.items() for key in of}
        tables = ("authors", "author_aliases", "genres")
        identity = {("users", "username_key"), *((table, "name_key") for table in tables)}
        assert {(table, key) for table, key in keys if key.endswith("_key")} == computed | identity


class TestUpgrade:
    def test_of_keys_that_are_wrong_puts_them_right(self, database: Database) -> None:
        migrate_down(database.engine, "0003")
        with database.transaction() as db:
            db.execute(update(Book).values(title_key="wrong", publisher_key=None))
            db.execute(update(Author).values(sort_key="wrong"))
        migrate(database.engine)
        with database.reading() as connection:
            titles = connection.scalars(select(Book.title).order_by(Book.title_key, Book.id))
            assert [title for title in titles if not title.startswith("Book ")] == IN_ORDER
            rows = connection.execute(select(Book.publisher, Book.publisher_key)).all()
        assert [row for row in rows if row.publisher_key != (row.publisher and filter_key(row.publisher))] == []

    def test_says_how_far_it_is(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(migration_report, "SECONDS_BETWEEN_LINES", 0.0)
        migrate_down(database.engine, "0008")
        capsys.readouterr()
        migrate(database.engine)
        lines = capsys.readouterr().err.splitlines()
        assert re.match(r"migrations: applies 0009 \(1 of \d+\): Who issued a password reset\.$", lines[0])
        assert re.match(
            r"migrations: 0011: rewrite documents of books: 100 of 100 rows, [\d,]+ a second, about 1 s left", lines[3]
        )
        assert re.match(rf"migrations: the database is at {newest()} after \d+ s$", lines[-1])
