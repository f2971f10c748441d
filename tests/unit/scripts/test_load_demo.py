"""The demo catalogue, and the command that loads it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.models import Author, Book
from app.transfer.rows import Row
from app.transfer.tables.table import Table
from scripts.load_demo import DEMO, load, main

if TYPE_CHECKING:
    from app.database import Database
    from devtools.databases import DatabaseInside

ALREADY = "The database already has books: the demo catalogue is not loaded."


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """What is in the file."""
    with DEMO.open("rb") as file:
        return list(Table(file))


class TestCatalogue:
    def test_has_no_row_that_is_wrong(self, rows: list[Row]) -> None:
        assert [note for row in rows for note in row.errors + row.left_out] == []

    def test_is_as_large_as_is_promised(self, rows: list[Row]) -> None:
        books = [row.book for row in rows if row.book]
        assert len(books) >= 300
        assert len({book.main_author.name for book in books}) >= 120
        assert any(book.published_year is not None and book.published_year < 0 for book in books)

    def test_is_in_several_scripts(self, rows: list[Row]) -> None:
        letters = {letter for row in rows if row.book for letter in row.book.title if letter.isalpha()}
        scripts = {unicodedata.name(letter).split()[0] for letter in letters}
        assert {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "CJK"} <= scripts


class TestLoad:
    def test_loads_every_row(
        self, database: DatabaseInside, rows: list[Row], capsys: pytest.CaptureFixture[str]
    ) -> None:
        load(database)
        assert f"The demo catalogue is loaded: {len(rows)} books." in capsys.readouterr().out
        assert database.connection.scalar(select(func.count()).select_from(Book)) == len(rows)

    def test_does_so_once(self, database: DatabaseInside, capsys: pytest.CaptureFixture[str]) -> None:
        load(database)
        load(database)
        assert ALREADY in capsys.readouterr().out

    def test_never_among_books_of_yours(self, database: DatabaseInside, capsys: pytest.CaptureFixture[str]) -> None:
        with database.transaction() as db:
            db.add(author := Author(name="Jane Austen"))
            db.flush()
            db.add(Book(title="Emma", author_id=author.id))
        load(database)
        assert ALREADY in capsys.readouterr().out
        assert database.connection.scalars(select(Book.title)).all() == ["Emma"]

    def test_is_a_command(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        main([])
        main([])
        output = capsys.readouterr().out
        assert output.index("The demo catalogue is loaded") < output.index(ALREADY)
        with at_home.reading() as connection:
            assert connection.scalar(select(Book.id).limit(1)) is not None
