"""Years, dates and numbers of pages in a table's cells, as people and spreadsheets leave them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.transfer.tables.reading import left_out, only_book, only_row, rows_of

NEXT_YEAR = datetime.now(UTC).year + 1


class TestYear:
    @pytest.mark.parametrize(
        ("cell", "year"),
        [
            *[
                ("1815", 1815),
                (" 1815 ", 1815),
                ("2008.0", 2008),
                ("2008.00", 2008),
                ("1815-12-23", 1815),
                ("1815-12", 1815),
            ],
            *[("-1750", -1750), ("-1750.0", -1750), ("+33", 33), ("33.0", 33), ("-0750-01-01", -750), ("700 BC", -700)],
            *[
                ("44 B.C.E.", -44),
                ("c1999", 1999),
                ("[1999]", 1999),
                ("[1850?]", 1850),
                ("ca. 1850", 1850),
                ("1999.", 1999),
            ],
            *[("May 1999", 1999), ("5/1/1999", 1999), ("01.05.1999", 1999), ("1.5.1999", 1999), ("May 1, 1999", 1999)],
            *[("1999-05-01T00:00:00+00:00", 1999), ("1999/05/01", 1999), ("1999.05.01", 1999), ("2000年5月", 2000)],
            *[
                ("©2001", 2001),
                ("MDCCLV [1755]", 1755),
                ("19990501", 1999),
                ("1999 (1999)", 1999),
                ("23/12/1815", 1815),
            ],
            *[
                (nothing, None)
                for nothing in ("", "NA", "n/a", "NaN", "null", "None", "?", "0", "-", "0101-01-01T00:00:00")
            ],
        ],
    )
    def test_is_the_one_that_the_cell_names(self, cell: str, year: int | None) -> None:
        assert only_book(year=cell).published_year == year

    @pytest.mark.parametrize(
        ("cell", "why"),
        [
            *[
                (cell, "is not a year")
                for cell in ("1815.5", "18151", "36281", "1.8e3", "MDCCCXV", "185-", "[18--?]", "5/1/99")
            ],
            *[(cell, "names several years") for cell in ("1936-1939", "1850-1855", "1988 (1987)")],
            ("x" * 501, "is longer than 500 characters"),
            ("-5001", "must be at least -5000"),
            (str(NEXT_YEAR + 1), f"must be at most {NEXT_YEAR}, next year"),
        ],
    )
    def test_in_doubt_is_left_out_and_the_book_kept(self, cell: str, why: str) -> None:
        row = only_row(year=cell)
        assert row.book is not None
        assert (row.book.published_year, left_out(row)) == (None, [("published_year", why)])

    def test_of_two_digits_is_one_only_where_others_are_ancient(self) -> None:
        assert left_out(only_row(year="99"))[0][0] == "published_year"
        header = "title,author,year\n"
        rows = rows_of(f"{header}Metamorphoses,Ovid,8\nIliad,Homer,-750\n")
        assert [row.book.published_year for row in rows if row.book] == [8, -750]


class TestDate:
    @pytest.mark.parametrize(
        ("cell", "published"),
        [
            *[("1815-12-23", "1815-12-23"), ("1815-12", "1815-12"), ("1999-05-01T00:00:00+00:00", "1999-05-01")],
            *[("-0750-01-01", "-0750-01-01"), ("1815", None), ("5/1/1999", None), ("2000-11-31", None), ("", None)],
        ],
    )
    def test_is_kept_where_it_is_certain(self, cell: str, published: str | None) -> None:
        assert only_book(year=cell).published == published

    def test_is_that_of_the_year(self) -> None:
        book = only_book(**{"Original Publication Year": "1869", "Publication Date": "2008-05-01"})
        assert (book.published_year, book.published) == (1869, None)


class TestNumbers:
    @pytest.mark.parametrize(
        ("cell", "pages"),
        [
            *[("352", 352), ("352 p.", 352), ("xii, 352 p.", 352), ("1,088", 1088), ("1.088", 1088), ("352.0", 352)],
            *[("352 pages", 352), ("352 Seiten", 352), ("0", None), ("0.0", None), ("", None), ("-", None)],
            *[("2 v. (96 p.) ; 128 cm", 96), ("[8], 96 pages ; 30 cm", 96), ("#N/A", None)],
        ],
    )
    def test_of_pages_is_the_largest(self, cell: str, pages: int | None) -> None:
        assert only_book(pages=cell).pages == pages

    @pytest.mark.parametrize("cell", ["many", "-5", "1234567", "2 vol.", "3 v. ; 24 cm"])
    def test_of_pages_in_doubt_is_left_out(self, cell: str) -> None:
        assert [field for field, _ in left_out(only_row(pages=cell))] == ["pages"]
