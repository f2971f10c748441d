"""Tables as files: columns, lines, and what cannot be read."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper

import pytest

from app.errors import UnreadableFile
from app.transfer.rows import Row
from app.transfer.tables import COLUMNS, read_table

HEADER = "title,author,year\n"
EMMA = "Emma,Jane Austen,1815\n"


def rows_of(text: str) -> list[Row]:
    """The rows of a file of this text."""
    return list(read_table(StringIO(text, newline="")))


def titles(rows: list[Row]) -> list[tuple[int, str | None]]:
    """Their lines, and titles where they are right."""
    return [(row.line, row.book.title if row.book else None) for row in rows]


class TestColumns:
    @pytest.mark.parametrize("title", COLUMNS["title"])
    @pytest.mark.parametrize("author", COLUMNS["author"])
    def test_are_recognised_by_common_names(self, title: str, author: str) -> None:
        assert titles(rows_of(f"{title},{author}\nEmma,Jane Austen\n")) == [(2, "Emma")]

    @pytest.mark.parametrize("header", ["Title,AUTHOR", " Book Title , Author-Name ", '"title","author"'])
    def test_whatever_their_capitals_and_spaces(self, header: str) -> None:
        assert titles(rows_of(f"{header}\nEmma,Jane Austen\n")) == [(2, "Emma")]

    def test_may_stand_in_any_order_among_others(self) -> None:
        assert titles(rows_of("rating,author,pages,title\n5,Jane Austen,474,Emma\n")) == [(2, "Emma")]

    def test_the_best_that_says_something_counts(self) -> None:
        rows = rows_of("title,original_title,author,year,published_year\n,Emma,Jane Austen,1816,\n")
        assert titles(rows) == [(2, "Emma")]
        assert [row.book.published_year for row in rows if row.book] == [1816]

    @pytest.mark.parametrize("letter", ["\t", ",", ";"])
    def test_are_separated_by_commas_tabs_or_semicolons(self, letter: str) -> None:
        assert titles(rows_of(HEADER.replace(",", letter) + EMMA.replace(",", letter))) == [(2, "Emma")]

    @pytest.mark.parametrize(
        ("header", "missing"),
        [("author", "title"), ("title", "author"), ("", "title"), ("a,b,c", "title"), ("title|author", "title")],
    )
    def test_that_are_missing_are_named(self, header: str, missing: str) -> None:
        with pytest.raises(UnreadableFile, match=f"^line 1: no column for the {missing}; expected one of"):
            rows_of(f"{header}\nEmma\n")

    def test_of_an_empty_file_are_missing(self) -> None:
        with pytest.raises(UnreadableFile, match=r"^line 1: no column for the title"):
            rows_of("")


class TestLines:
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_a_row_is_told_by_its_line(self, ending: str) -> None:
        assert titles(rows_of((HEADER + EMMA + EMMA).replace("\n", ending))) == [(2, "Emma"), (3, "Emma")]

    def test_empty_lines_are_counted_and_passed_over(self) -> None:
        assert titles(rows_of(f"{HEADER}\n\n{EMMA}\n{EMMA}\n\n")) == [(4, "Emma"), (6, "Emma")]

    def test_a_row_of_several_lines_begins_on_its_first(self) -> None:
        rows = rows_of(f'{HEADER}"Emma,\na ""novel""\nin three volumes",Jane Austen,1815\n{EMMA}')
        assert titles(rows) == [(2, 'Emma, a "novel" in three volumes'), (5, "Emma")]

    @pytest.mark.parametrize(
        ("row", "cells"), [("Emma", 1), ("Emma,Jane Austen", 2), ("Emma,Jane Austen,1815,x", 4), ("  ", 1)]
    )
    def test_a_ragged_row_is_wrong_and_the_next_is_not(self, row: str, cells: int) -> None:
        wrong, right = rows_of(f"{HEADER}{row}\n{EMMA}")
        assert [(note.line, note.detail) for note in wrong.errors] == [(2, f"has {cells} cells where the header has 3")]
        assert (right.line, right.errors) == (3, [])

    def test_a_row_of_nothing_is_wrong(self) -> None:
        (row,) = rows_of(f"{HEADER},,\n")
        assert [note.field for note in row.errors] == ["title", "author"]

    def test_the_last_line_need_not_end(self) -> None:
        assert titles(rows_of(HEADER + EMMA.rstrip())) == [(2, "Emma")]


class TestUnreadable:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            (f'{HEADER}{EMMA}"Emma,Jane Austen,1815\n{EMMA}', 3),
            (f'{HEADER}{EMMA}"Emma"x,Jane Austen,1815\n', 3),
            (f'{HEADER}"a\nb",c,1\n"Emma"x,Jane Austen,1815\n', 4),
            (f"{HEADER}{'x' * 1_000_001},Jane Austen,1815\n", 2),
            ('"title,author\n', 1),
        ],
        ids=["open quote", "text after a quote", "after several lines", "endless cell", "header"],
    )
    def test_is_told_by_its_line(self, text: str, line: int) -> None:
        with pytest.raises(UnreadableFile, match=f"^line {line}: "):
            rows_of(text)

    def test_comes_after_the_rows_that_were_right(self) -> None:
        rows = read_table(StringIO(f'{HEADER}{EMMA}"Emma', newline=""))
        assert next(rows).line == 2
        with pytest.raises(UnreadableFile):
            next(rows)

    @pytest.mark.parametrize("content", [b"title,author\nEmma,Bront\xeb\n", b"t\xeftle,author\n", b"\xff\xfet\0i\0"])
    def test_is_what_is_not_in_utf8(self, content: bytes) -> None:
        with pytest.raises(
            UnreadableFile, match=r"^the file is not in UTF-8; in a spreadsheet, save it as 'CSV UTF-8'$"
        ):
            list(read_table(TextIOWrapper(BytesIO(content), encoding="utf-8-sig", newline="")))

    def test_is_not_what_begins_with_a_byte_order_mark(self) -> None:
        content = b"\xef\xbb\xbftitle,author\nEmma,Jane Austen\n"
        assert titles(list(read_table(TextIOWrapper(BytesIO(content), encoding="utf-8-sig", newline="")))) == [
            (2, "Emma")
        ]
