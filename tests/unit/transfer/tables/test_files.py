"""Tables as files: encodings, headers and lines, and what cannot be read."""

from __future__ import annotations

import gzip
from io import BytesIO

import pytest

from app.errors import UnreadableFile
from app.transfer.rows import Row
from app.transfer.tables.table import Table
from tests.unit.transfer.tables.reading import rows_of, table_of

HEADER = "title,author,year\n"
EMMA = "Emma,Jane Austen,1815\n"


def titles(rows: list[Row]) -> list[tuple[int, str | None]]:
    """Their lines, and titles where they are right."""
    return [(row.line, row.book.title if row.book else None) for row in rows]


def refusals(rows: list[Row]) -> list[tuple[int, str]]:
    """The lines of the rows without a book, and why."""
    return [(note.line, note.detail) for row in rows for note in row.errors]


class TestHeader:
    @pytest.mark.parametrize("letter", [",", "\t", ";", "|"])
    def test_separates_columns_by_commas_tabs_semicolons_or_bars(self, letter: str) -> None:
        assert titles(rows_of(HEADER.replace(",", letter) + EMMA.replace(",", letter))) == [(2, "Emma")]

    def test_is_split_at_the_delimiter_that_finds_title_and_author(self) -> None:
        rows = rows_of(
            'Title;"Author";"Publisher (name, place, country)";"Shelf, row, box"\nEmma;Jane Austen;Penguin;A, 3\n'
        )
        assert titles(rows) == [(2, "Emma")]

    @pytest.mark.parametrize("before", ["\n", "\n\n", "Our parish library 2024,,\n,,\n", ",,\n"])
    def test_may_have_other_lines_before_it(self, before: str) -> None:
        rows = rows_of(before + HEADER + EMMA)
        assert titles(rows) == [(before.count("\n") + 2, "Emma")]

    @pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
    def test_may_follow_a_line_that_names_the_delimiter(self, line: str) -> None:
        assert titles(rows_of(f"{line}\ntitle;author\nEmma, a novel;Jane Austen\n")) == [(3, "Emma, a novel")]

    @pytest.mark.parametrize("header", ["author", "a,b,c", "ISBN", "Jane Austen,1815"])
    def test_without_a_title_is_refused_with_its_columns(self, header: str) -> None:
        with pytest.raises(
            UnreadableFile, match=rf"^line 1: no column for the title; the columns are: {header[0]}.*--map"
        ):
            rows_of(f"{header}\nEmma\n")

    def test_without_an_author_is_refused_unless_that_is_said(self) -> None:
        text = "title,isbn\nBeowulf,9780140449310\n"
        with pytest.raises(
            UnreadableFile, match=r"^line 1: no column for the author; .* --map author= that there is none$"
        ):
            rows_of(text)
        [row] = table_of(text, author="")
        assert row.book is not None
        assert [person.name for person in row.book.contributors] == ["Anonymous"]


class TestMapping:
    def test_names_columns_that_are_not_known(self) -> None:
        table = table_of("Werk,Wer,Nr\nEmma,Jane Austen,9780141439587\n", title="Werk", author="wer", isbn="Nr")
        [row] = table
        assert row.book is not None
        assert (row.book.title, row.book.main_author.name, row.book.isbn) == ("Emma", "Jane Austen", "9780141439587")
        assert table.columns.passed_over == []

    def test_precedes_what_is_known(self) -> None:
        table = table_of("title,Real title,author\nX,Emma,Jane Austen\n", title="Real title")
        assert titles(list(table)) == [(2, "Emma")]
        assert table.columns.passed_over == ["title"]

    @pytest.mark.parametrize(
        ("mapping", "message"),
        [
            ({"title": "Werk"}, "there is no column “Werk”; the columns are: title, author, year"),
            ({"colour": "title"}, "“colour” is not a field"),
        ],
    )
    def test_of_what_does_not_exist_is_refused(self, mapping: dict[str, str], message: str) -> None:
        with pytest.raises(UnreadableFile, match=message):
            table_of(HEADER, **mapping)


class TestLines:
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_a_row_is_told_by_its_line(self, ending: str) -> None:
        assert titles(rows_of((HEADER + EMMA + EMMA).replace("\n", ending))) == [(2, "Emma"), (3, "Emma")]

    def test_empty_ones_are_counted_and_passed_over(self) -> None:
        assert titles(rows_of(f"{HEADER}\n\n{EMMA},,\n  \n{EMMA}\n\n")) == [(4, "Emma"), (7, "Emma")]

    def test_a_row_of_several_begins_on_its_first(self) -> None:
        rows = rows_of(f'{HEADER}"Emma,\na ""novel""\nin three volumes",Jane Austen,1815\n{EMMA}')
        assert titles(rows) == [(2, 'Emma, a "novel" in three volumes'), (5, "Emma")]

    @pytest.mark.parametrize("row", ["Emma", "Emma,Jane Austen", "Emma,Jane Austen,1815,", "Emma,Jane Austen,1815,,,"])
    def test_may_lack_empty_cells_or_have_more(self, row: str) -> None:
        assert titles(rows_of(f"{HEADER}{row}\n{EMMA}")) == [(2, "Emma"), (3, "Emma")]

    def test_with_more_cells_than_columns_is_refused_alone(self) -> None:
        rows = rows_of(f"{HEADER}War, Peace and Me,A. Author,1999\n{EMMA}")
        assert titles(rows) == [(2, None), (3, "Emma")]
        assert refusals(rows)[0][1].startswith("has 4 cells where the header has 3")

    def test_of_totals_is_not_about_a_book(self) -> None:
        rows = rows_of(f"{HEADER}{EMMA}Total: 3,,\nTotal Eclipse,,\nTotal,A. Author,\n")
        assert [(row.line, row.passed_over) for row in rows if row.passed_over] == [(3, "is the line of totals")]
        assert titles(rows) == [(2, "Emma"), (3, None), (4, "Total Eclipse"), (5, "Total")]

    @pytest.mark.parametrize("line", [",Total,,27.98", "Total books: 3,,,27.98", "Summe,,,", "Razem,,12,"])
    def test_a_line_of_totals_may_have_sums(self, line: str) -> None:
        rows = rows_of(f"title,author,pages,price\nEmma,Jane Austen,474,9.99\n{line}\n")
        assert [row.passed_over for row in rows] == ["", "is the line of totals"]

    @pytest.mark.parametrize("line", ["Total,Ann Mann,,9.99", "Sum,,9780307389930,"])
    def test_a_book_may_have_the_title_of_a_line_of_totals(self, line: str) -> None:
        [row] = rows_of(f"title,author,isbn,price\n{line}\n")
        assert row.book is not None

    def test_the_last_one_need_not_end(self) -> None:
        assert titles(rows_of(HEADER + EMMA.rstrip())) == [(2, "Emma")]


class TestQuotationMarks:
    """A row that breaks the rules of quoting costs that row and nothing else."""

    @pytest.mark.parametrize(
        "row", ['"Emma,Jane Austen,1815\n', '"Emma,Jane Austen\n', 'x,"y\n', '"' + "\n".join("abc") + "\n" * 3_000]
    )
    def test_that_are_not_closed_cost_one_line(self, row: str) -> None:
        rows = rows_of(f"{HEADER}{EMMA}{row}{EMMA}")
        assert refusals(rows)[0] == (3, "has a quotation mark that is opened and not closed")
        assert titles(rows)[-1][1] == "Emma"

    def test_within_a_cell_mean_themselves_if_the_cells_are_told_apart(self) -> None:
        rows = rows_of(f'{HEADER}"Stand Back " Said the Elephant "I\'m Off!",P. Thomas,1990\n{EMMA}')
        assert titles(rows) == [(2, '"Stand Back " Said the Elephant "I\'m Off!"'), (3, "Emma")]
        rows = rows_of(f'{HEADER}"Stand, Back " Said the Elephant,P. Thomas,1990\n{EMMA}')
        assert titles(rows) == [(2, None), (3, "Emma")]
        assert refusals(rows)[0][1].startswith("has quotation marks within a quoted cell")

    def test_mean_themselves_between_tabs(self) -> None:
        text = '"Surely You\'re Joking!" a curious character\tR. Feynman\n"Tis\tF. McCourt\nLife of "Tiger"\tA. Smith\n'
        rows = rows_of(f"title\tauthor\n{text}")
        assert [title for _, title in titles(rows)] == [line.split("\t")[0] for line in text.splitlines()]

    @pytest.mark.parametrize("delimiter", [",", "\t"])
    def test_a_line_without_end_costs_one_row(self, delimiter: str) -> None:
        text = f"{HEADER}{'x' * 1_000_001},Jane Austen,1815\n{EMMA}".replace(",", delimiter)
        rows = rows_of(text)
        assert titles(rows) == [(2, None), (3, "Emma")]
        assert refusals(rows) == [(2, "is longer than 1,000,000 characters")]


class TestEncoding:
    TEXT = "title,author\nÉmile,Rousseau\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_is_told_by_the_byte_order_mark(self, encoding: str) -> None:
        assert titles(list(Table(BytesIO(self.TEXT.encode(encoding))))) == [(2, "Émile")]

    @pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "utf-16-le"])
    def test_may_be_named(self, encoding: str) -> None:
        file = BytesIO(self.TEXT.encode(encoding))
        with pytest.raises(UnreadableFile, match="say which encoding it has"):
            Table(file)
        assert titles(list(Table(file, encoding))) == [(2, "Émile")]

    @pytest.mark.parametrize("before", [0, 40, 30_000])
    def test_is_checked_before_the_first_row(self, before: int) -> None:
        content = ("title,author\n" + "Emma,Jane Austen\n" * before + "Émile,Rousseau\n").encode("cp1252")
        with pytest.raises(
            UnreadableFile, match=rf"^line {before + 2}: the byte 0xC9 is not UTF-8: say which encoding"
        ):
            Table(BytesIO(content))

    def test_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="“klingon” is not the name of an encoding"):
            Table(BytesIO(b"title,author\n"), "klingon")


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "the file is empty"),
            (b"\r\n \n", "the file is empty"),
            (b"\0" * 100, "the file is empty"),
            (b"PK\x03\x04rest", "spreadsheet's own file"),
            (b"\xd0\xcf\x11\xe0rest", "old Excel file"),
            (b"%PDF-1.7", "PDF"),
            (b"SQLite format 3\0", "database"),
            (b"\x1f\x8b\x08rest", "damaged or cut off"),
            (gzip.compress(HEADER.encode() * 1000, mtime=0)[:-9], "damaged or cut off"),
        ],
    )
    def test_are_named(self, content: bytes, message: str) -> None:
        with pytest.raises(UnreadableFile, match=message):
            Table(BytesIO(content))

    def test_that_are_compressed_are_decompressed(self) -> None:
        assert titles(list(Table(BytesIO(gzip.compress((HEADER + EMMA).encode()))))) == [(2, "Emma")]
