"""Rows whose books are in the catalogue already: what they fill in, what they change, and what they may not."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.models import Author, AuthorAlias, Book
from app.schemas.authors import AuthorCreate
from app.schemas.books import BookCreate
from app.services.authors import AuthorService
from app.services.books import BookService
from app.services.imports.importer import Importer, operators_transactions
from app.services.imports.reports import Report, Result
from app.transfer.tables.table import Table

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside

ISBN = "9780141439587"
OTHER_ISBN = "9780306406157"


def imported(database: DatabaseInside, *lines: str, **options: Any) -> tuple[list[str], Report]:
    """The outcomes of the rows of a table, and the report."""
    results: list[Result] = []
    table = Table(BytesIO("\n".join(lines).encode()))
    report = Importer(operators_transactions(database), on_result=results.append, **options).run(table)
    assert report.total == len(results)
    return [result.outcome for result in results], report


def book_of(database: DatabaseInside, **wanted: object) -> dict[str, Any]:
    """The document of the only book with these values of fields."""
    documents = [json.loads(document) for document in database.connection.scalars(select(Book.document))]
    [found] = [one for one in documents if wanted.items() <= one.items()]
    assert isinstance(found, dict)
    return found


def people_of(book: dict[str, Any]) -> list[tuple[str, str]]:
    """The names and roles of the contributors of a document."""
    return [(person["name"], person["role"]) for person in book["contributors"]]


class TestFilling:
    def test_takes_what_is_empty(self, database: DatabaseInside) -> None:
        imported(database, "title,author,isbn", f"Emma,Jane Austen,{ISBN}")
        outcomes, report = imported(
            database,
            "title,author,isbn,year,language,publisher,pages,genres,series,translator",
            f"Emma,Jane Austen,{ISBN},1815,en,Penguin,512,Fiction;Classics,Novels #4,Ann Other",
        )
        assert outcomes == ["filled"]
        assert not report.differences
        book = book_of(database)
        assert (book["published_year"], book["language"], book["publisher"], book["pages"]) == (
            1815,
            "en",
            "Penguin",
            512,
        )
        assert (book["genres"], book["series"], book["series_position"]) == (["Fiction", "Classics"], "Novels", 4)
        assert people_of(book) == [("Jane Austen", "aut"), ("Ann Other", "trl")]
        assert book["version"] == 2

    def test_compares_positions_of_another_series(self, database: DatabaseInside) -> None:
        imported(database, "title,author,isbn,series", f"Emma,Jane Austen,{ISBN},Novels #4")
        _, report = imported(database, "title,author,isbn,series", f"Emma,Jane Austen,{ISBN},Works #4")
        assert report.differences.counts == {"series": 1}
        _, report = imported(database, "title,author,isbn,series", f"Emma,Jane Austen,{ISBN},Works #5")
        [_, position] = report.differences
        assert (position.field, position.value, position.detail.split(" in ")[0]) == ("series_position", "5", "is “4”")

    def test_is_done_once(self, database: DatabaseInside) -> None:
        imported(database, "title,author,isbn", f"Emma,Jane Austen,{ISBN}")
        lines = ("title,author,isbn,year", f"Emma,Jane Austen,{ISBN},1815")
        assert imported(database, *lines)[0] == ["filled"]
        assert imported(database, *lines)[0] == ["unchanged"]
        assert book_of(database)["version"] == 2

    def test_gives_a_book_without_isbn_the_one_of_the_row(self, database: DatabaseInside) -> None:
        imported(database, "title,author,year", "Emma,Jane Austen,1815")
        outcomes, _ = imported(database, "title,author,isbn,year", f"Emma,Jane Austen,{ISBN},1815")
        assert outcomes == ["filled"]
        assert book_of(database)["isbn"] == ISBN

    def test_does_not_guess_which_of_two_books_gets_the_isbn(self, database: DatabaseInside) -> None:
        with database.transaction() as db:
            author = AuthorService(db).create(AuthorCreate(name="Jane Austen"), None)
            for _ in range(2):
                BookService(db).create(BookCreate(title="Emma", author_id=author.id, published_year=1815), None)
        lines = ("title,author,isbn,year", f"Emma,Jane Austen,{ISBN},1815")
        assert imported(database, *lines)[0] == ["created"]

    def test_of_another_subtitle_is_another_book(self, database: DatabaseInside) -> None:
        lines = ("title;subtitle;author;year", "Python;The Reference;Ann Other;2001", "Python;A Guide;Ann Other;2001")
        assert imported(database, *lines)[0] == ["created", "created"]
        assert imported(database, *lines)[0] == ["unchanged", "unchanged"]

    def test_within_one_file_completes_the_new_book(self, database: DatabaseInside) -> None:
        outcomes, report = imported(
            database, "title,author,isbn,year,pages", "Emma,Jane Austen,,1815,", f"Emma,Jane Austen,{ISBN},1815,512"
        )
        assert outcomes == ["created", "filled"]
        book = book_of(database)
        assert (book["isbn"], book["pages"], book["version"]) == (ISBN, 512, 1)
        assert report.created == 1

    def test_of_an_anonymous_work_names_its_author(self, database: DatabaseInside) -> None:
        imported(database, "title,author,isbn", f"Emma,,{ISBN}")
        assert imported(database, "title,author,isbn", f"Emma,Jane Austen,{ISBN}")[0] == ["filled"]
        assert people_of(book_of(database)) == [("Jane Austen", "aut")]
        assert imported(database, "title,author,isbn", f"Emma,,{ISBN}")[0] == ["unchanged"]


class TestDifferences:
    LINES = (
        "title,author,isbn,year,publisher,genres",
        f"Emma: A Novel,Another Austen,{ISBN},1816,Vintage,Romance",
    )

    @pytest.fixture(autouse=True)
    def emma(self, database: DatabaseInside) -> None:
        imported(
            database,
            "title,author,isbn,year,publisher,genres,pages",
            f"Emma,Jane Austen,{ISBN},1815,Penguin,Fiction,512",
        )

    def test_are_reported_and_not_taken(self, database: DatabaseInside) -> None:
        before = book_of(database)
        outcomes, report = imported(database, *self.LINES)
        assert outcomes == ["unchanged"]
        assert book_of(database) == before
        differences = {note.field: (note.value, note.detail) for note in report.differences}
        book = f"book {before['id']}"
        assert differences == {
            "title": ("Emma: A Novel", f"is “Emma” in {book}, and stays"),
            "published_year": ("1816", f"is “1815” in {book}, and stays"),
            "publisher": ("Vintage", f"is “Penguin” in {book}, and stays"),
            "genres": ("Romance", f"is “Fiction” in {book}, and stays"),
            "contributors": ("Another Austen", f"is “Jane Austen” in {book}, and stays"),
        }
        assert list(database.connection.scalars(select(Author.name))) == ["Jane Austen"]

    def test_are_taken_by_an_update(self, database: DatabaseInside) -> None:
        outcomes, report = imported(database, *self.LINES, update=True)
        assert (outcomes, len(report.differences)) == (["updated"], 0)
        book = book_of(database)
        assert (book["title"], book["published_year"], book["publisher"]) == ("Emma: A Novel", 1816, "Vintage")
        assert (book["genres"], people_of(book), book["pages"]) == (["Romance"], [("Another Austen", "aut")], 512)
        assert imported(database, *self.LINES, update=True)[0] == ["unchanged"]

    def test_in_capitals_and_spaces_are_none(self, database: DatabaseInside) -> None:
        outcomes, report = imported(database, "title,author,isbn,publisher", f"EMMA,jane  austen,{ISBN},PENGUIN")
        assert (outcomes, len(report.differences)) == (["unchanged"], 0)

    def test_of_a_title_are_a_conflict_if_no_word_is_the_same(self, database: DatabaseInside) -> None:
        for update in (False, True):
            outcomes, report = imported(database, "title,author,isbn", f"Persuasion,Jane Austen,{ISBN}", update=update)
            assert (outcomes, report.refused) == (["conflict"], 1)


class TestDryRun:
    LINES = (
        "title,author,isbn,year,pages",
        f"Emma,Jane Austen,{ISBN},1815,",
        f"Emma,Jane Austen,{ISBN},1815,512",
        f"Emma,Jane Austen,{ISBN},1816,512",
        f"Persuasion,Jane Austen,{ISBN},1817,",
        "Sanditon,Jane Austen,,1817,",
        f"Sanditon,Jane Austen,{OTHER_ISBN},1817,",
        ",Jane Austen,,,",
        "Sanditon,Jane Austen,,1817,100",
    )

    @pytest.mark.parametrize("rows_of_a_chunk", [1, 2, 500])
    def test_reports_the_same_and_changes_nothing(
        self, database: DatabaseInside, rows_of_a_chunk: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.imports.importer.CHUNK", rows_of_a_chunk)
        imported(database, "title,author,isbn", f"Emma,Jane Austen,{ISBN}")
        before = list(database.connection.scalars(select(Book.document)))
        dry, _ = imported(database, *self.LINES, dry_run=True)
        assert list(database.connection.scalars(select(Book.document))) == before
        assert list(database.connection.scalars(select(Author.name))) == ["Jane Austen"]
        real, _ = imported(database, *self.LINES)
        expected = ["filled", "filled", "unchanged", "conflict", "created", "filled", "failed", "filled"]
        assert (dry, real) == (expected, expected)
        assert imported(database, *self.LINES, dry_run=True)[0] == [
            *("unchanged", "unchanged", "unchanged", "conflict", "unchanged", "unchanged", "failed", "unchanged")
        ]


class TestAuthors:
    @pytest.mark.parametrize(
        "name",
        ["J.R.R. Tolkien", "J R R Tolkien", "JRR Tolkien", "j. r. r. tolkien", "Tolkien, J.R.R.", "Oxymore", "Œil"],
    )
    def test_are_known_by_initials_aliases_and_in_either_order(self, database: DatabaseInside, name: str) -> None:
        with database.transaction() as db:
            author = AuthorService(db).create(AuthorCreate(name="J. R. R. Tolkien", aliases=["Oxymore"]), None)
        known = set(database.connection.scalars(select(AuthorAlias.author_id)))
        assert known == {author.id}
        imported(database, "title;author", f"The Hobbit;{name}")
        is_known = name != "Œil"
        assert len(list(database.connection.scalars(select(Author.id)))) == (1 if is_known else 2)

    def test_of_one_file_are_one(self, database: DatabaseInside) -> None:
        imported(
            database,
            "title;author",
            "The Hobbit;J.R.R. Tolkien",
            "Silmarillion;J. R. R. Tolkien",
            "Roverandom;JRR Tolkien",
        )
        assert list(database.connection.scalars(select(Author.name))) == ["J.R.R. Tolkien"]
