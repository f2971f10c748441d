"""Imports: each book as it is, and none twice."""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.errors import IsbnTaken
from app.models import Author, Book, Genre, User
from app.services.imports.importer import Importer, import_books, operators_transactions
from app.services.imports.reports import Report
from app.transfer.tables.table import Table
from devtools.databases import DatabaseInside
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

HEADER = "title,author,isbn,year,genres\n"
EMMA = "Emma,Jane Austen,9780141439587,1815,Fiction;Classics\n"
NO_ISBN = "Emma,Jane Austen,,1815,\n"


def table_of(text: str) -> Table:
    """A table with this text."""
    return Table(BytesIO(text.encode()))


def import_file(database: DatabaseInside, lines: str) -> Report:
    """What became of these lines."""
    return import_books(database, table_of(HEADER + lines))


def counts(report: Report) -> tuple[int, int, int, int]:
    """A report's numbers: total, created, unchanged, refused."""
    return report.total, report.created, report.outcomes["unchanged"], report.refused


def number_of(database: DatabaseInside, model: type[Author | Book | Genre]) -> int:
    """How many records there are."""
    return database.connection.scalar(select(func.count()).select_from(model)) or 0


class TestCreate:
    def test_the_book_the_author_and_the_genres(self, database: DatabaseInside) -> None:
        assert counts(import_file(database, EMMA)) == (1, 1, 0, 0)
        with database.transaction() as db:
            book = db.scalars(select(Book)).one()
            author = db.scalars(select(Author)).one()
            assert (book.title, book.isbn, book.published_year) == ("Emma", "9780141439587", 1815)
            assert (book.author_id, author.name, book.genres) == (author.id, "Jane Austen", ["Fiction", "Classics"])
            assert (book.version, book.created_by, book.updated_by) == (1, None, None)

    def test_with_all_the_authors_in_order(self, database: DatabaseInside) -> None:
        table = "title,authors\nGood Omens (Stand-Alone #1),Terry Pratchett; Neil Gaiman; TERRY PRATCHETT\n"
        assert counts(import_books(database, table_of(table))) == (1, 1, 0, 0)
        with database.transaction() as db:
            book = db.scalars(select(Book)).one()
            assert (book.title, book.series, book.series_position) == ("Good Omens", "Stand-Alone", 1)
            assert [(part.name, part.role) for part in book.contributors] == [
                ("Terry Pratchett", "aut"),
                ("Neil Gaiman", "aut"),
            ]
            assert book.contributors[0].author.sort_name == "Pratchett, Terry"
            assert book.author_id == book.contributors[0].author_id

    def test_in_the_name_of_an_owner(self, database: DatabaseInside) -> None:
        with database.transaction() as db:
            db.add(owner := User(username="alice", password_hash="-"))  # noqa: S106
        import_books(database, table_of(HEADER + EMMA), owner_id=owner.id)
        for record in (Book, Author):
            [(created_by, updated_by)] = database.connection.execute(select(record.created_by, record.updated_by))
            assert (created_by, updated_by) == (owner.id, owner.id)

    def test_what_is_right_though_a_neighbour_is_wrong(self, database: DatabaseInside) -> None:
        report = import_file(database, f",Jane Austen,,,\n{EMMA}Emma,a,b,c,d,e,f\n")
        assert counts(report) == (3, 1, 0, 2)
        assert [(note.line, note.field) for note in report.errors] == [(2, "title"), (4, "")]

    def test_and_say_what_could_not_be_kept(self, database: DatabaseInside) -> None:
        report = import_file(database, "Emma,Jane Austen,9780141439588,MDCCCXV,\n")
        assert counts(report) == (1, 1, 0, 0)
        assert [(note.line, note.field) for note in report.left_out] == [(2, "isbn"), (2, "published_year")]

    def test_nothing_of_an_empty_file(self, database: DatabaseInside) -> None:
        assert counts(import_file(database, "")) == (0, 0, 0, 0)


class TestTwice:
    @pytest.mark.parametrize(
        "line",
        [
            EMMA,
            NO_ISBN,
            "Emma,Jane Austen,,,\n",
            "Ἰλιάς,Ὅμηρος,,-750,\n",
            "İstanbul,Orhan Pamuk,,2003,\n",
            "a \0b,Jane Austen,,,\n",
            '"«Émile», Teil 02!",Jane Austen,,1815,\n',
        ],
    )
    def test_creates_nothing_the_second_time(self, database: DatabaseInside, line: str) -> None:
        first, second = import_file(database, line), import_file(database, line)
        assert second.created == 0
        assert (second.outcomes["unchanged"], second.refused) == (first.created, first.refused)
        assert number_of(database, Book) == first.created

    def test_leaves_no_authors_and_genres_of_a_book_that_is_there(self, database: DatabaseInside) -> None:
        import_file(database, EMMA)
        again = EMMA.replace("1815,", "1815,Other;")
        table = f"title,authors,isbn,year,genres\n{again.replace('Jane Austen', 'J. Austen;Another Author')}"
        assert counts(import_books(database, table_of(table))) == (1, 0, 1, 0)
        assert set(database.connection.scalars(select(Author.name))) == {"Jane Austen"}
        assert "Other" not in set(database.connection.scalars(select(Genre.name)))

    def test_creates_nothing_in_one_file(self, database: DatabaseInside) -> None:
        assert counts(import_file(database, EMMA + NO_ISBN + EMMA + NO_ISBN)) == (4, 1, 3, 0)
        report = import_file(database, NO_ISBN + EMMA)
        assert counts(report) == (2, 0, 2, 0)
        assert [(repeat.row.line, repeat.title, repeat.of_row) for repeat in report.repeats] == [
            (2, "Emma", None),
            (3, "Emma", None),
        ]
        assert {repeat.record_id for repeat in report.repeats} == {database.connection.scalar(select(Book.id))}

    def test_a_row_without_isbn_is_the_book_that_has_one(self, database: DatabaseInside) -> None:
        import_file(database, EMMA)
        assert counts(import_file(database, NO_ISBN)) == (1, 0, 1, 0)

    def test_names_the_line_of_the_book(self, database: DatabaseInside) -> None:
        [repeat] = import_file(database, EMMA + EMMA).repeats
        assert (repeat.row.line, repeat.of_row, repeat.record_id) == (3, "line 2", None)

    @pytest.mark.parametrize("first", [EMMA, ""], ids=["in the file", "in the catalogue"])
    def test_one_isbn_with_two_titles_is_a_conflict(self, database: DatabaseInside, first: str) -> None:
        import_file(database, "" if first else EMMA)
        report = import_file(database, first + EMMA.replace("Emma", "Persuasion"))
        assert counts(report) == (1 + bool(first), bool(first), 0, 1)
        [note] = report.errors
        where = "line 2" if first else f"book {database.connection.scalar(select(Book.id))}"
        assert note.detail == f"is the ISBN of “Emma” ({where}), which has another title"

    @pytest.mark.parametrize(
        "other",
        [
            "EMMA, jane  AUSTEN ,,1815.0,\n",
            'Emma,"Austen, Jane",,1815,\n',
            "Ｅmma,Jane Austen,,1815,\n",  # noqa: RUF001
        ],
    )
    def test_a_twin_without_isbn_is_the_same_book(self, database: DatabaseInside, other: str) -> None:
        import_file(database, NO_ISBN)
        assert counts(import_file(database, other)) == (1, 0, 1, 0)

    @pytest.mark.parametrize(
        "other",
        [
            "Emma,Jane Austen,,1816,\n",
            "Emma,Jane Austen,,,\n",
            "Emma,Another Austen,,1815,\n",
            "Emma II,Jane Austen,,1815,\n",
            "Émma,Jane Austen,,1815,\n",
            "Emma!,Jane Austen,,1815,\n",
        ],
    )
    def test_one_that_differs_is_another_book(self, database: DatabaseInside, other: str) -> None:
        import_file(database, NO_ISBN)
        assert counts(import_file(database, other)) == (1, 1, 0, 0)

    def test_two_rows_with_one_isbn_are_one_book_and_the_first_counts(self, database: DatabaseInside) -> None:
        assert counts(import_file(database, EMMA + EMMA.replace("Emma", "Emma: A Novel"))) == (2, 1, 1, 0)
        assert database.connection.scalar(select(Book.title)) == "Emma"

    def test_two_isbns_are_two_books_whatever_else_is_the_same(self, database: DatabaseInside) -> None:
        assert counts(import_file(database, EMMA + EMMA.replace("9780141439587", "0306406152"))) == (2, 2, 0, 0)


class TestNames:
    def test_an_author_is_one_whatever_the_capitals_and_spaces(self, database: DatabaseInside) -> None:
        import_file(database, "Emma,Jane Austen,,,\nPersuasion,JANE  AUSTEN,,,\n")
        import_file(database, "Sanditon,jane austen,,,\n")
        assert database.connection.scalars(select(Author.name)).all() == ["Jane Austen"]

    def test_a_genre_is_one_whatever_the_capitals(self, database: DatabaseInside) -> None:
        import_file(database, "Emma,Jane Austen,,,Science Fiction\nPersuasion,Jane Austen,,,SCIENCE FICTION;New\n")
        assert set(database.connection.scalars(select(Genre.name))) == {"Science Fiction", "New"}

    def test_of_several_authors_of_one_name_it_is_the_oldest(self, database: DatabaseInside) -> None:
        with database.transaction() as db:
            db.add_all([older := Author(name="John Smith"), Author(name="john smith")])
        import_file(database, "Travels,JOHN SMITH,,,\n")
        assert database.connection.scalar(select(Book.author_id)) == older.id


class TestChunks:
    def test_are_one_transaction_each(self, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.imports.importer.CHUNK", 3)
        lines, reported = [f"Book {number},Jane Austen,{isbn13(number)},,\n" for number in range(8)], list[int]()
        table = table_of(HEADER + "".join(lines))
        importer = Importer(operators_transactions(database), on_chunk=lambda line, _report: reported.append(line))
        assert counts(importer.run(table)) == (8, 8, 0, 0)
        assert reported == [4, 7, 9]

    def test_are_retried_after_a_conflict(self, database: DatabaseInside) -> None:
        assert counts(import_file(Conflicting(database, 2), EMMA)) == (1, 1, 0, 0)

    def test_but_not_for_ever(self, database: DatabaseInside) -> None:
        with pytest.raises(IsbnTaken):
            import_file(Conflicting(database, 3), EMMA)


class Conflicting(DatabaseInside):
    """A database in which a conflict occurs a number of times."""

    def __init__(self, database: DatabaseInside, times: int) -> None:
        super().__init__(database.connection)
        self.times, self.attempts = times, count()

    @contextmanager
    def transaction(self, sender: str = "", subject: str = "", *, patience: float | None = None) -> Iterator[Session]:
        """As usual, and then the clash."""
        with super().transaction(sender, subject, patience=patience) as db:
            yield db
            if next(self.attempts) < self.times:
                raise IsbnTaken
