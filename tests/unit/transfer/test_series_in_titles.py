"""Titles that carry their series, and the other cells of a catalogue's table."""

from __future__ import annotations

from io import StringIO

import pytest

from app.transfer.cells import Titled, titled
from app.transfer.rows import Row
from app.transfer.tables import read_table

ONE_NUMBER = ["series_position"]


def only_row(**values: str) -> Row:
    """The one row of a table with these cells."""
    filled = {"title": "Emma", "author": "Jane Austen"} | values
    quoted = ['"' + value.replace('"', '""') + '"' for value in filled.values()]
    (row,) = read_table(StringIO(f"{','.join(filled)}\n{','.join(quoted)}\n", newline=""))
    return row


class TestTitle:
    @pytest.mark.parametrize(
        ("text", "found", "left_out"),
        [
            ("The Hunger Games (The Hunger Games, #1)", Titled("The Hunger Games", "The Hunger Games", 1), []),
            ("Emma", Titled("Emma"), []),
            ("Mort (Discworld #4)", Titled("Mort", "Discworld", 4), []),
            ("Mort (Discworld,#4)", Titled("Mort", "Discworld", 4), []),
            ("Fables (Fables, #0.5)", Titled("Fables", "Fables", 0.5), []),
            ("Before (Prequel, #0)", Titled("Before", "Prequel", 0), []),
            ("All of It (Foundation, #1-3)", Titled("All of It", "Foundation", None), ONE_NUMBER),
            ("Both (Foundation, #1, #2)", Titled("Both", "Foundation", None), ONE_NUMBER),
            ("Two (Discworld, #4; Death, #1)", Titled("Two", "Discworld", 4), []),
            ("Catch (22) (War, #1)", Titled("Catch (22)", "War", 1), []),
            ("Ranma, Vol. 1 (Ranma (US 2nd), #1)", Titled("Ranma, Vol. 1", "Ranma (US 2nd)", 1), []),
            ("Two (Discworld, #40, Moist von Lipwig #3 )", Titled("Two", "Discworld", 40), []),
            ("Half (Harry Potter, #5, Part 1)", Titled("Half", "Harry Potter", None), ONE_NUMBER),
            ("Half (A Song #3: Part 2 of 2)", Titled("Half", "A Song", None), ONE_NUMBER),
            ("Emma (Penguin Classics)", Titled("Emma (Penguin Classics)"), []),
            ("Emma (#1)", Titled("Emma (#1)"), []),
            ("(The Hunger Games, #1)", Titled("(The Hunger Games, #1)"), []),
            ("Odd (Series, #one)", Titled("Odd", "Series", None), ONE_NUMBER),
        ],
    )
    def test_gives_up_its_series(self, text: str, found: Titled, left_out: list[str]) -> None:
        row = Row(2)
        assert titled(text, row) == found
        assert [note.field for note in row.left_out] == left_out

    def test_stays_whole_where_a_column_says_the_series(self) -> None:
        book = only_row(title="Mort (Discworld, #4)", series="Death", series_position="0").book
        assert book is not None
        assert (book.title, book.series, book.series_position) == ("Mort (Discworld, #4)", "Death", 0)

    @pytest.mark.parametrize("title", ["None", "Null", "N/A", "NaN", "?"])
    def test_may_be_what_says_nothing_elsewhere(self, title: str) -> None:
        book = only_row(title=title, author=title, publisher=title).book
        assert book is not None
        assert (book.title, book.authors, book.publisher) == (title, [title], None)


class TestCells:
    @pytest.mark.parametrize(
        ("column", "cell", "field", "value"),
        [
            ("language_code", "eng", "language", "en"),
            ("lang", "en-US", "language", "en-US"),
            ("num_pages", "352.0", "pages", 352),
            ("pages", "", "pages", None),
            ("publisher", " Penguin ", "publisher", "Penguin"),
            ("summary", "Of matches.", "description", "Of matches."),
            ("series_index", "1.5", "series_position", 1.5),
            ("image_url", "https://covers.test/a.jpg", "cover_url", "https://covers.test/a.jpg"),
            ("subtitle", "A Novel", "subtitle", "A Novel"),
        ],
    )
    def test_are_recognised_by_common_names(self, column: str, cell: str, field: str, value: object) -> None:
        row = only_row(**{column: cell})
        assert row.book is not None
        assert (getattr(row.book, field), row.left_out) == (value, [])

    @pytest.mark.parametrize(
        ("column", "cell", "field"),
        [
            ("language", "English", "language"),
            ("pages", "many", "pages"),
            ("series_position", "first", "series_position"),
        ],
    )
    def test_that_cannot_be_kept_are_left_out(self, column: str, cell: str, field: str) -> None:
        row = only_row(**{column: cell})
        assert row.book is not None
        assert (getattr(row.book, field), [note.field for note in row.left_out]) == (None, [field])

    @pytest.mark.parametrize(
        ("column", "cell", "detail"),
        [
            ("cover_url", "ftp://covers.test", "must be an http or https address"),
            ("pages", "0", "must be at least 1"),
            ("series_position", "inf", "must be a number"),
            ("publisher", "x" * 256, "must have at most 255 characters"),
        ],
    )
    def test_that_break_a_rule_make_the_row_wrong(self, column: str, cell: str, detail: str) -> None:
        row = only_row(**{column: cell})
        assert [(note.field, note.detail) for note in row.errors] == [(column, detail)]
