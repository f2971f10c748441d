"""Series: in titles, and in columns of their own."""

from __future__ import annotations

import pytest

from app.transfer.texts import Titled, titled
from tests.unit.transfer.tables.reading import only_book, only_row, rows_of

NOT_ONE = "is not one number"


class TestTitle:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("The Hunger Games (The Hunger Games, #1)", Titled("The Hunger Games", "The Hunger Games", 1)),
            ("Emma", Titled("Emma")),
            ("Mort (Discworld #4)", Titled("Mort", "Discworld", 4)),
            ("Mort (Discworld,#4)", Titled("Mort", "Discworld", 4)),
            ("Fables (Fables, #0.5)", Titled("Fables", "Fables", 0.5)),
            ("Before (Prequel, #0)", Titled("Before", "Prequel", 0)),
            ("Foundation (Foundation, Book 1)", Titled("Foundation", "Foundation", 1)),
            ("Foundation (Foundation Vol. 1)", Titled("Foundation", "Foundation", 1)),
            ("Bloom into You, Vol. 3", Titled("Bloom into You, Vol. 3", "Bloom into You", 3)),
            ("All of It (Foundation, #1-3)", Titled("All of It", "Foundation", None, NOT_ONE)),
            ("Both (Foundation, #1, #2)", Titled("Both", "Foundation", None, NOT_ONE)),
            ("Two (Discworld, #4; Death, #1)", Titled("Two", "Discworld", 4)),
            ("Catch (22) (War, #1)", Titled("Catch (22)", "War", 1)),
            ("Ranma, Vol. 1 (Ranma (US 2nd), #1)", Titled("Ranma, Vol. 1", "Ranma (US 2nd)", 1)),
            ("Two (Discworld, #40, Moist von Lipwig #3 )", Titled("Two", "Discworld", 40)),
            ("Half (Harry Potter, #5, Part 1)", Titled("Half", "Harry Potter", None, NOT_ONE)),
            ("Half (A Song #3: Part 2 of 2)", Titled("Half", "A Song", None, NOT_ONE)),
            ("Emma (Penguin Classics)", Titled("Emma (Penguin Classics)")),
            ("The Complete Works (Illustrated Edition)", Titled("The Complete Works (Illustrated Edition)")),
            ("Who We Are (When No One Looks)", Titled("Who We Are (When No One Looks)")),
            ("Emma (#1)", Titled("Emma (#1)")),
            ("(The Hunger Games, #1)", Titled("(The Hunger Games, #1)")),
            ("Odd (Series, #one)", Titled("Odd", "Series", None, NOT_ONE)),
        ],
    )
    def test_gives_up_its_series(self, text: str, found: Titled) -> None:
        assert titled(text) == found

    def test_with_a_fault_says_so(self) -> None:
        row = only_row(title="All of It (Foundation, #1-3)")
        assert [(note.field, note.detail) for note in row.left_out] == [("series_position", NOT_ONE)]

    def test_stays_whole_where_a_column_says_the_series(self) -> None:
        book = only_book(title="Mort (Discworld, #4)", series="Death", series_position="0")
        assert (book.title, book.series, book.series_position) == ("Mort (Discworld, #4)", "Death", 0)

    @pytest.mark.parametrize("title", ["None", "Null", "N/A", "NaN", "?"])
    def test_may_be_what_says_nothing_elsewhere(self, title: str) -> None:
        book = only_book(title=title, publisher=title)
        assert (book.title, book.publisher) == (title, None)


class TestColumn:
    @pytest.mark.parametrize(
        ("series", "number", "position"),
        [
            *[("Discworld", "1", 1), ("Discworld", "1.5", 1.5), ("Discworld", "7,5", 7.5), ("Discworld", "Book 5", 5)],
            *[("Discworld", "#6", 6), ("Discworld", "IX", 9), ("Discworld", "v.1", 1), ("Discworld", "", None)],
            *[("Discworld #2", "", 2), ("Discworld, 3", "", 3), ("Discworld (4)", "", 4), ("Discworld(4)", "", 4)],
            *[
                ("Discworld, Book 5", "", 5),
                ("Discworld", "0", 0),
                ("Discworld ; bk. 5", "", 5),
                ("Discworld ;", "5", 5),
            ],
        ],
    )
    def test_has_the_number_in_any_form(self, series: str, number: str, position: float | None) -> None:
        book = only_book(series=series, series_number=number)
        assert (book.series, book.series_position) == ("Discworld", position)

    def test_of_two_series_has_the_first(self) -> None:
        row = only_row(series="Discworld, #8; Death, #1")
        assert row.book is not None
        assert (row.book.series, row.book.series_position) == ("Discworld", 8)
        assert [(note.field, note.value) for note in row.left_out] == [("series", "Death, #1")]

    @pytest.mark.parametrize("number", ["first", "1-3", "inf"])
    def test_without_one_number_leaves_it_out(self, number: str) -> None:
        row = only_row(series="Discworld", series_index=number)
        assert row.book is not None
        assert (row.book.series, row.book.series_position) == ("Discworld", None)
        assert [note.field for note in row.left_out] == ["series_position"]

    def test_of_numbers_means_nothing_without_a_series(self) -> None:
        book = only_book(series="", series_index="1.0")
        assert (book.series, book.series_position) == (None, None)

    def test_of_volumes_tells_books_apart(self) -> None:
        rows = rows_of("title\tauthor\tvolume\nUdolpho\tRadcliffe, Ann\tv.1\nUdolpho\tRadcliffe, Ann\tv.2\n")
        found = [(row.book.title, row.book.series, row.book.series_position) for row in rows if row.book]
        assert found == [("Udolpho", "Udolpho", 1), ("Udolpho", "Udolpho", 2)]
