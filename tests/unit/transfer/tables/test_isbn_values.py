"""ISBNs in a table's cells, as people and spreadsheets leave them."""

from __future__ import annotations

import pytest

from app.transfer.tables.row_reader import ROUNDED
from tests.unit.transfer.tables.reading import left_out, only_book, only_row, table_of


class TestIsbn:
    @pytest.mark.parametrize(
        "cell",
        [
            *[
                "9780141439587",
                " 978-0-14-143958-7 ",
                "0141439580",
                "141439580",
                "978\u20130\u201314\u2013143958\u20137",
                "\uff19\uff17\uff18\uff10\uff11\uff14\uff11\uff14\uff13\uff19\uff15\uff18\uff17",
            ],
            *[
                '="9780141439587"',
                '"9780141439587"',
                "[0141439580]",
                "0141439580 (pbk.)",
                "'0141439580",
                "9780141439587.0",
            ],
            *[
                "ISBN 0-14-143958-0",
                "ISBN-13: 978-0-14-143958-7",
                "urn:isbn:9780141439587",
                "\u0669\u0667\u0668\u0660\u0661\u0664\u0661\u0664\u0663\u0669\u0665\u0668\u0667",
            ],
            *[
                "0141439580, 9780141439587",
                "9780141439587; 0141439580",
                "9780141439587 0141439580",
                "see 9780141439587",
            ],
        ],
    )
    def test_is_found_in_its_cell(self, cell: str) -> None:
        assert only_book(isbn=cell).isbn == "9780141439587"

    @pytest.mark.parametrize(("cell", "isbn"), [("7442912", "9780007442911"), ("80442957X", "9780804429573")])
    def test_comes_back_with_the_zeros_that_were_lost(self, cell: str, isbn: str) -> None:
        assert only_book(isbn=cell).isbn == isbn

    @pytest.mark.parametrize(
        "cell",
        ["", " ", "none", "0", "0000000000", "-", '=""', "[]", "B005FR4TNS", "4a2b1f3c-0000-4000-8000-0123456789ab"],
    )
    def test_may_be_none(self, cell: str) -> None:
        assert only_book(isbn=cell).isbn is None

    @pytest.mark.parametrize("cell", ["9.78014143958e+12", "9.78E+12", "9,78043902348E12"])
    def test_that_was_rounded_is_remarked_once(self, cell: str) -> None:
        assert only_book(isbn13=cell, isbn="141439580").isbn == "9780141439587"
        quoted = f'"{cell}"'
        table = table_of(f"title,author,isbn\nEmma,Jane Austen,{quoted}\nEmma 2,Jane Austen,{quoted}\n")
        assert [left_out(row) for row in table] == [[], []]
        assert table.remarks == {ROUNDED: 2}

    @pytest.mark.parametrize("cell", ["7203116", "9780141439588", "see notes", "978014143958\0"])
    def test_that_is_none_is_left_out_with_its_cell(self, cell: str) -> None:
        row = only_row(ISBN13=cell)
        assert row.book is not None
        [note] = row.left_out
        assert (row.book.isbn, note.field, note.column, note.value) == (None, "isbn", "ISBN13", cell)

    def test_is_the_first_of_several_columns_that_is_right(self) -> None:
        assert only_book(isbn13="9780141439588", isbn10="0-306-40615-2").isbn == "9780306406157"

    def test_of_several_books_in_one_cell_is_the_first(self) -> None:
        row = only_row(isbn="9780141439587; 9780306406157")
        assert row.book is not None
        assert row.book.isbn == "9780141439587"
        assert left_out(row) == [("isbn", "has several ISBNs, and the first is kept")]
