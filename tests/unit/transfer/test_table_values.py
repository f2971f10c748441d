"""Values of a table's cells, as spreadsheets leave them."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest

from app.transfer.rows import Row
from app.transfer.tables import read_table

NOT_A_YEAR = [("published_year", "is not a year")]
NEXT_YEAR = datetime.now(UTC).year + 1


def only_row(**cells: str) -> Row:
    """The one row of a table with these cells; a title and an author need not be named."""
    cells = {"title": "Emma", "author": "Jane Austen"} | cells
    cells = {name: cell for name, cell in cells.items() if name != "author" or "authors" not in cells}
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells.values()]
    (row,) = read_table(StringIO(f"{','.join(cells)}\n{','.join(quoted)}\n", newline=""))
    return row


def left_out(row: Row) -> list[tuple[str, str]]:
    """What could not be kept of a row."""
    return [(note.field, note.detail) for note in row.left_out]


class TestIsbn:
    @pytest.mark.parametrize(
        ("cell", "isbn"),
        [
            ("9780141439587", "9780141439587"),
            (" 978-0-14-143958-7 ", "9780141439587"),
            ("0141439580", "9780141439587"),
            ("141439580", "9780141439587"),
            ("7442912", "9780007442911"),
            ("80442957X", "9780804429573"),
            ("", None),
            ("  ", None),
            ("none", None),
        ],
    )
    def test_comes_back_with_the_zeros_that_were_lost(self, cell: str, isbn: str | None) -> None:
        row = only_row(isbn=cell)
        assert row.book is not None
        assert (row.book.isbn, row.left_out) == (isbn, [])

    @pytest.mark.parametrize("cell", ["9.78014143958e+12", "9.78E+12", "9.78043902348e12"])
    def test_of_a_float_is_useless(self, cell: str) -> None:
        row = only_row(isbn13=cell, isbn="141439580")
        assert row.book is not None
        assert (row.book.isbn, row.left_out) == ("9780141439587", [])
        assert only_row(isbn13=cell).left_out == []

    @pytest.mark.parametrize("cell", ["7203116", "9780141439588", "see notes", "978014143958\0"])
    def test_that_is_none_is_left_out_and_the_book_kept(self, cell: str) -> None:
        row = only_row(isbn=cell)
        assert row.book is not None
        assert row.book.isbn is None
        assert [field for field, _ in left_out(row)] == ["isbn"]

    @pytest.mark.parametrize("cell", ["0", "0000000000"])
    def test_of_noughts_is_none(self, cell: str) -> None:
        row = only_row(isbn=cell)
        assert row.book is not None
        assert row.book.isbn is None

    @pytest.mark.parametrize("cell", ["ISBN 0-306-40615-2", "ISBN-10: 0306406152", "urn:isbn:9780306406157"])
    def test_may_be_named(self, cell: str) -> None:
        row = only_row(isbn=cell)
        assert row.book is not None
        assert row.book.isbn == "9780306406157"

    def test_is_the_first_of_several_columns_that_is_right(self) -> None:
        row = only_row(isbn13="9780141439588", isbn10="0-306-40615-2")
        assert row.book is not None
        assert (row.book.isbn, row.left_out) == ("9780306406157", [])


class TestText:
    def test_that_is_wrapped_is_one_line(self) -> None:
        row = only_row(title="War and\r\n  Peace", publisher="Penguin\tBooks", description="a\nb")
        assert row.book is not None
        assert (row.book.title, row.book.publisher, row.book.description) == ("War and Peace", "Penguin Books", "a\nb")

    def test_is_kept_composed(self) -> None:
        row = only_row(title="\ufeffE\u0301mile ", author="Zo\u0308e", genres="E\u0301tude")
        assert row.book is not None
        assert (row.book.title, row.book.authors, row.book.genres) == ("Émile", ["Zöe"], ["Étude"])

    @pytest.mark.parametrize("title", ["a\u0001b", "\u200b", "a\u202eb"])
    def test_that_no_title_may_have_makes_the_row_wrong(self, title: str) -> None:
        row = only_row(title=title)
        assert row.book is None
        assert [error.field for error in row.errors] == ["title"]


class TestYear:
    @pytest.mark.parametrize(
        ("cell", "year"),
        [
            ("1815", 1815),
            (" 1815 ", 1815),
            ("2008.0", 2008),
            ("2008.00", 2008),
            ("-1750", -1750),
            ("-1750.0", -1750),
            ("+33", 33),
            ("0", 0),
            ("8", 8),
            ("1815-12-23", 1815),
            ("1815-12", 1815),
            ("-0750-01-01", -750),
            ("", None),
            ("NA", None),
            ("n/a", None),
            ("NaN", None),
            ("null", None),
            ("None", None),
            ("?", None),
        ],
    )
    def test_is_read_as_it_is_meant(self, cell: str, year: int | None) -> None:
        row = only_row(year=cell)
        assert row.book is not None
        assert (row.book.published_year, row.left_out) == (year, [])

    @pytest.mark.parametrize(
        "cell", ["1815.5", "c. 1815", "18151", "23/12/1815", "1.8e3", "MDCCCXV", "--1815", "1815-1"]
    )
    def test_that_is_none_is_left_out_and_the_book_kept(self, cell: str) -> None:
        row = only_row(year=cell)
        assert row.book is not None
        assert row.book.published_year is None
        assert left_out(row) == NOT_A_YEAR

    @pytest.mark.parametrize(
        ("cell", "detail"),
        [("-5001", "must be at least -5000"), (str(NEXT_YEAR + 1), f"must be at most {NEXT_YEAR}, next year")],
    )
    def test_that_cannot_be_makes_the_row_wrong(self, cell: str, detail: str) -> None:
        row = only_row(year=cell)
        assert row.book is None
        assert [(note.field, note.detail) for note in row.errors] == [("published_year", detail)]


class TestAuthor:
    @pytest.mark.parametrize(
        ("cell", "authors"),
        [
            ("Jane Austen", ["Jane Austen"]),
            ("  Jane \t  Austen ", ["Jane Austen"]),
            ("J.K. Rowling, Mary GrandPré", ["J.K. Rowling", "Mary GrandPré"]),
            ("Terry Pratchett; Neil Gaiman", ["Terry Pratchett", "Neil Gaiman"]),
            ("Austen, Jane; Brontë, Emily", ["Austen, Jane", "Brontë, Emily"]),
            ("Jane Austen, JANE  AUSTEN, Emily Brontë, jane austen", ["Jane Austen", "Emily Brontë"]),
            (", Jane Austen,,", ["Jane Austen"]),
            ("None, Null", ["None", "Null"]),
        ],
    )
    def test_may_be_several_each_once_and_in_order(self, cell: str, authors: list[str]) -> None:
        row = only_row(authors=cell)
        assert row.book is not None
        assert (row.book.authors, row.left_out) == (authors, [])

    @pytest.mark.parametrize("cell", ["Austen, Jane", "Jane Austen"])
    def test_in_a_column_of_one_may_have_a_comma(self, cell: str) -> None:
        row = only_row(author=cell)
        assert row.book is not None
        assert (row.book.authors, row.left_out) == ([cell], [])

    @pytest.mark.parametrize(
        ("cell", "detail"),
        [
            ("", "must not be empty"),
            ("  ", "must not be empty"),
            ("x" * 256, "must have at most 255 characters"),
            ("a\0", "must not contain control characters or line breaks"),
        ],
    )
    def test_that_is_none_makes_the_row_wrong(self, cell: str, detail: str) -> None:
        assert [(note.field, note.detail) for note in only_row(author=cell).errors] == [("author", detail)]


class TestGenres:
    @pytest.mark.parametrize(
        ("cell", "genres"),
        [
            ("Fiction", ["Fiction"]),
            ("Fiction; Classics ", ["Fiction", "Classics"]),
            ("Fiction|Classics", ["Fiction", "Classics"]),
            (";Fiction;; ;", ["Fiction"]),
            ("Fiction, with a comma", ["Fiction, with a comma"]),
            ("", []),
        ],
    )
    def test_are_separated_by_semicolons(self, cell: str, genres: list[str]) -> None:
        row = only_row(genres=cell)
        assert row.book is not None
        assert row.book.genres == genres

    def test_are_named_where_they_are_wrong(self) -> None:
        row = only_row(genres=f"Fiction;{'x' * 101}")
        assert [(note.field, note.detail) for note in row.errors] == [("genres", "must have at most 100 characters")]


class TestManyFaults:
    def test_of_one_row_are_all_told(self) -> None:
        row = only_row(title=" ", author="x" * 256, year="-9999", isbn="1")
        assert [note.field for note in row.errors] == ["title", "author", "published_year"]
        assert row.book is None
