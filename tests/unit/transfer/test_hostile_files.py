"""Files that could take long to read: each takes a time that is in proportion to its size."""

from __future__ import annotations

from io import BytesIO
from time import thread_time
from typing import TYPE_CHECKING

import pytest

from app.errors import UnreadableFile
from app.transfer.formats import FORMATS
from app.transfer.rows import MORE_NOTES, MOST_NOTES, Row
from devtools.hostile_files import HEADER, hostile_files

if TYPE_CHECKING:
    from devtools.hostile_files import HostileFile

SIZE = 100_000
SLOWEST = 4.0
"""Seconds of CPU: ten times what the slowest takes; in quadratic time they took from ten seconds to minutes."""
FILES = {f"{one.name} as {one.format}": one for one in hostile_files(SIZE) if "bomb" not in one.name}


def rows_of(content: bytes, form: str = "csv") -> list[Row]:
    return list(FORMATS[form].reader(BytesIO(content), None, None))


class TestTime:
    @pytest.mark.parametrize("hostile", FILES.values(), ids=FILES)
    def test_is_in_proportion_to_the_size(self, hostile: HostileFile) -> None:
        began, is_unreadable = thread_time(), False
        try:
            rows = rows_of(hostile.content, hostile.format)
        except UnreadableFile:
            is_unreadable = True
        else:
            assert max((len(row.left_out) for row in rows), default=0) <= MOST_NOTES + 1
        assert is_unreadable == (hostile.status == 400)
        assert thread_time() - began < SLOWEST


class TestNotes:
    def test_of_a_row_end_with_a_note_that_there_are_more(self) -> None:
        row = Row(1)
        for number in range(1_000):
            row.leave_out("genres", "is wrong", str(number))
        assert [note.value for note in row.left_out[:MOST_NOTES]] == [str(number) for number in range(MOST_NOTES)]
        assert [note.detail for note in row.left_out[MOST_NOTES:]] == [MORE_NOTES]


class TestTable:
    def test_with_open_quotation_marks_in_each_line_has_all_its_other_rows(self) -> None:
        *damaged, last = rows_of(HEADER + b'a","\n' * 20_000 + b"Emma,Jane Austen\n")
        assert last.book is not None
        assert (last.book.title, len(damaged)) == ("Emma", 20_000)
        assert {row.errors[0].detail for row in damaged} == {"has a quotation mark that is opened and not closed"}

    @pytest.mark.parametrize(
        "genres",
        ["['a', {[]: 1}]", f"['a', {'-' * 40_000}1, 'b']", f"['a', {'(' * 5_000}, 'b']", "['a', 1.0e999, 'b']"],
    )
    def test_with_what_only_looks_like_a_list_of_python(self, genres: str) -> None:
        [row] = rows_of(f'title,author,genres\nEmma,Jane Austen,"{genres}"\n'.encode())
        assert row.book is not None

    @pytest.mark.parametrize("header", ["title,author" + ",x" * 1_000, "title,author,isbn" + "." * 600])
    def test_with_too_large_a_header_is_refused(self, header: str) -> None:
        with pytest.raises(
            UnreadableFile, match="no header, which has at most 1,000 columns, with names of at most 500"
        ):
            rows_of(f"{header}\n".encode())

    def test_keeps_what_follows_a_long_row_of_spaces(self) -> None:
        [row] = rows_of(b"title,author\nEmma" + b" " * 1_000 + b"/,Jane Austen" + b" " * 1_000 + b"(editor)\n")
        assert row.book is not None
        [person] = row.book.contributors
        assert (row.book.title, person.name, person.role) == ("Emma", "Jane Austen", "edt")


class TestBibliography:
    def test_says_which_abbreviations_are_not_written_out(self) -> None:
        macro, books = b"@string{m={" + b"x" * 900 + b"}}\n", b"@book{b,title={T},note=" + b"m#" * 999 + b"m}\n"
        rows = rows_of(macro + books * 40, "bibtex")
        said = {note.detail for row in rows for note in row.left_out}
        assert "uses an abbreviation, of which the file has more than can be written out" in said

    def test_refuses_very_many_entries_on_one_line(self) -> None:
        rows = rows_of(b"@book{b,title={T}}\n" + b"@book{c}" * 6_000, "bibtex")
        assert [row.errors[0].detail for row in rows if row.errors] == [
            "has more than 5,000 at signs up to the line where the next one begins"
        ]
