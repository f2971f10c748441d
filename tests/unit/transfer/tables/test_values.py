"""Values of a table's cells, as people and spreadsheets leave them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.transfer.rows import Row
from app.transfer.tables.row_reader import ROUNDED
from tests.unit.transfer.tables.reading import names_in, only_book, only_row, rows_of, table_of

NEXT_YEAR = datetime.now(UTC).year + 1


def left_out(row: Row) -> list[tuple[str, str]]:
    """What could not be kept of a row."""
    assert row.book is not None
    return [(note.field, note.detail) for note in row.left_out]


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


class TestText:
    def test_that_is_wrapped_is_one_line(self) -> None:
        book = only_book(title="War and\r\n  Peace", publisher="Penguin\tBooks", description="a\nb")
        assert (book.title, book.publisher, book.description) == ("War and Peace", "Penguin Books", "a\nb")

    def test_is_kept_composed(self) -> None:
        book = only_book(title="\ufeffE\u0301mile ", author="Zo\u0308e", genres="E\u0301tude")
        assert (book.title, names_in(book), book.genres) == ("Émile", ["Zöe"], ["Étude"])

    @pytest.mark.parametrize("title", ["a\u0001b", "\u200b", "a\u202eb", "", "x" * 501])
    def test_that_no_title_may_have_makes_the_row_wrong(self, title: str) -> None:
        row = only_row(title=title)
        assert row.book is None
        assert [error.field for error in row.errors] == ["title"]

    def test_of_a_title_loses_html_and_closing_marks(self) -> None:
        assert only_book(title="Dune &amp; Co").title == "Dune & Co"
        assert only_book(title="Emma<br/>A novel").title == "Emma A novel"
        assert only_book(title="The origin of species :").title == "The origin of species"
        assert only_book(title="1 < 2 & 3 > 2").title == "1 < 2 & 3 > 2"

    def test_of_a_description_becomes_plain(self) -> None:
        book = only_book(description="<div><p>A desert &mdash;  planet</p><p>Sand<br/>worms</p></div>")
        assert book.description == "A desert — planet\nSand\nworms"

    def test_of_a_long_description_is_cut_and_noted(self) -> None:
        row = only_row(description="word " * 2_100)
        assert row.book is not None
        assert row.book.description is not None
        assert 9_990 < len(row.book.description) <= 10_000
        assert row.book.description.endswith("word…")
        assert left_out(row) == [("description", "has 10,499 characters, and is cut after 10,000")]

    def test_of_a_publication_is_the_publisher(self) -> None:
        assert only_book(publication="Gallimard (1979), Poche").publisher == "Gallimard"
        assert only_book(publisher="Penguin,").publisher == "Penguin"


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
        ],
    )
    def test_of_pages_is_the_largest(self, cell: str, pages: int | None) -> None:
        assert only_book(pages=cell).pages == pages

    @pytest.mark.parametrize("cell", ["many", "-5", "1234567"])
    def test_of_pages_in_doubt_is_left_out(self, cell: str) -> None:
        assert [field for field, _ in left_out(only_row(pages=cell))] == ["pages"]


class TestLanguage:
    def test_with_a_nul_is_none(self) -> None:
        assert left_out(only_row(language="E\0")) == [
            ("language", "is not a language tag (BCP 47), such as en, en-US or ar"),
        ]

    @pytest.mark.parametrize(
        ("cell", "tag"),
        [
            *[
                ("eng", "en"),
                ("en-US", "en-US"),
                ("en_GB", "en-GB"),
                ("ger", "de"),
                ("English", "en"),
                ("French", "fr"),
            ],
            *[
                ("Deutsch", "de"),
                ("српски", "sr"),
                ("русский", "ru"),
                ("Spanish; Castilian", "es"),
                ("English (US)", "en-US"),
            ],
            *[("Ancient Greek", "grc"), ("--", None), ("", None)],
        ],
    )
    def test_is_a_code_or_a_name(self, cell: str, tag: str | None) -> None:
        assert only_book(language=cell).language == tag

    def test_of_several_is_the_first(self) -> None:
        row = only_row(language="eng, fra")
        assert row.book is not None
        assert (row.book.language, [field for field, _ in left_out(row)]) == ("en", ["language"])

    def test_that_is_none_is_left_out(self) -> None:
        assert [field for field, _ in left_out(only_row(language="see the cover"))] == ["language"]


class TestGenres:
    @pytest.mark.parametrize(
        ("cell", "genres"),
        [
            *[("Fiction", ["Fiction"]), ("Fiction; Classics ", ["Fiction", "Classics"]), (";Fiction;; ;", ["Fiction"])],
            *[("Fiction|Classics", ["Fiction", "Classics"]), ("Fiction, Classics", ["Fiction", "Classics"]), ("", [])],
            *[("['Fiction', 'Classics']", ["Fiction", "Classics"]), ("Fiction > Fantasy", ["Fiction > Fantasy"])],
            *[("Fantasy/Humour", ["Fantasy/Humour"]), ("Paris, France; London", ["Paris, France", "London"])],
            *[
                ("sf &amp; fantasy", ["sf & fantasy"]),
                ("Cooking.", ["Cooking"]),
                ("owned|||||economics", ["owned", "economics"]),
            ],
        ],
    )
    def test_are_separated(self, cell: str, genres: list[str]) -> None:
        assert only_book(genres=cell).genres == genres

    def test_may_have_commas_where_most_cells_have_other_marks(self) -> None:
        rows = rows_of('title,author,genre\nA,A. A,"Paris; Rome"\nB,B. B,"Art|Music"\nC,C. C,"Fiction, with a comma"\n')
        assert [row.book.genres for row in rows if row.book][2] == ["Fiction, with a comma"]

    def test_that_are_wrong_are_left_out(self) -> None:
        row = only_row(genres=f"Fiction;{'x' * 101}")
        assert row.book is not None
        assert row.book.genres == ["Fiction"]
        assert left_out(row) == [("genres", "must have at most 100 characters")]


class TestOptional:
    @pytest.mark.parametrize(
        ("column", "cell", "detail"),
        [
            ("cover_url", "/home/reader/cover.jpg", "must be an http or https address"),
            ("publisher", "x" * 256, "must have at most 255 characters"),
        ],
    )
    def test_that_breaks_a_rule_is_left_out_and_the_book_kept(self, column: str, cell: str, detail: str) -> None:
        row = only_row(**{column: cell})
        assert row.book is not None
        assert (getattr(row.book, column), left_out(row)) == (None, [(column, detail)])

    @pytest.mark.parametrize("name", ["x" * 256, "a\0"])
    def test_author_that_breaks_a_rule_is_left_out(self, name: str) -> None:
        row = only_row(author=f"Neil Gaiman; {name}")
        assert row.book is not None
        assert names_in(row.book) == ["Neil Gaiman"]
        row = only_row(author=name)
        assert row.book is not None
        assert (names_in(row.book), [field for field, _ in left_out(row)]) == (["Anonymous"], ["contributors"])


class TestManyFaults:
    def test_of_one_row_are_all_told(self) -> None:
        row = only_row(author="x" * 256, year="-9999", isbn="1")
        assert [field for field, _ in left_out(row)] == ["isbn", "published_year", "contributors"]
        assert row.book is not None
