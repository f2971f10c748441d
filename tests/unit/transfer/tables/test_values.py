"""Texts, languages and genres in a table's cells, as people and spreadsheets leave them."""

from __future__ import annotations

import pytest

from tests.unit.transfer.tables.reading import left_out, names_in, only_book, only_row, rows_of


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

    @pytest.mark.parametrize(
        ("cell", "publisher"),
        [
            ("London : Penguin Books, 2003.", "Penguin Books"),
            ("San Diego : Harcourt Brace Jovanovich, c1983.", "Harcourt Brace Jovanovich"),
            ("Boston ; New York : Houghton Mifflin", "Houghton Mifflin"),
            ("Penguin: Classics", "Penguin: Classics"),
            ("Alfred A. Knopf, Inc.", "Alfred A. Knopf, Inc."),
        ],
    )
    def test_of_an_imprint_is_the_publisher(self, cell: str, publisher: str) -> None:
        assert only_book(publisher=cell).publisher == publisher


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
            *[("Castellano", "es"), ("Greek, Modern (1453-)", "el"), ("und", None), ("Undetermined", None)],
        ],
    )
    def test_is_a_code_or_a_name(self, cell: str, tag: str | None) -> None:
        assert only_book(language=cell).language == tag

    @pytest.mark.parametrize("cell", ["eng, fra", "English, Old English", "English/French", "English; German"])
    def test_of_several_is_the_first(self, cell: str) -> None:
        row = only_row(language=cell)
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
