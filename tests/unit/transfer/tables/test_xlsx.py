"""Spreadsheets as people send them, and as attackers build them."""

from __future__ import annotations

import csv
from datetime import date, datetime
from io import BytesIO
from time import thread_time
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from app.errors import UnreadableFile
from app.transfer.tables.xlsx import SheetTable
from tests.unit.transfer.documents import document_of, file_of, read_back
from tests.unit.transfer.test_own_formats import EMMA, HARD

if TYPE_CHECKING:
    from app.schemas.imported_books import BookRow
    from app.transfer.rows import Row

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
AUSTEN = ["Emma", "Jane Austen"]
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
)


def workbook(**sheets: list[list[Any]]) -> bytes:
    """A workbook with these rows, by the names of its sheets."""
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def with_sheet(rows: str, before: str = "") -> bytes:
    """A workbook whose only sheet has these rows, as XML."""
    size = '<dimension ref="A1:XFD1048576"/>'
    xml = f'{before}<worksheet xmlns="{NAMESPACE}">{size}<sheetData>{rows}</sheetData></worksheet>'
    source, content = ZipFile(BytesIO(workbook(only=[AUSTEN]))), BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, xml if name == SHEET else source.read(name))
    return content.getvalue()


def xml_row(number: int, *cells: str) -> str:
    texts = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{texts}</row>'


HEADER, EMMA_ROW = xml_row(1, "title", "author"), xml_row(2, *AUSTEN)


def rows_of(content: bytes, mapping: dict[str, str] | None = None) -> list[Row]:
    return list(SheetTable(BytesIO(content), None, mapping))


def only_book(**cells: object) -> BookRow:
    (row,) = rows_of(workbook(books=[["title", "author", *cells], [*AUSTEN, *cells.values()]]))
    assert (row.errors, row.left_out) == ([], [])
    assert row.book is not None
    return row.book


class TestCells:
    @pytest.mark.parametrize("isbn", [9780141439587, 9780141439587.0, "978-0-14-143958-7", 141439580])
    def test_isbn_is_exact(self, isbn: object) -> None:
        assert only_book(isbn=isbn).isbn == "9780141439587"

    def test_of_whole_numbers_have_no_fraction(self) -> None:
        (row,) = rows_of(workbook(books=[["title", "author", "year", "pages"], [1984.0, "George Orwell", 1949.0, 328]]))
        assert row.book is not None
        assert (row.book.title, row.book.published_year, row.book.pages) == ("1984", 1949, 328)

    @pytest.mark.parametrize("day", [date(1815, 12, 23), datetime(1815, 12, 23)])  # noqa: DTZ001  (sheets have no zones)
    def test_of_dates_are_dates(self, day: date) -> None:
        book = only_book(**{"date published": day.replace(year=1949)})
        assert (book.published_year, book.published) == (1949, "1949-12-23")

    def test_of_formulas_are_what_the_program_calculated(self) -> None:
        assert rows_of(workbook(books=[["title", "author"], ["=1+1", "Jane Austen"]]))[0].errors  # never calculated

    def test_of_formulas_without_a_result_are_empty(self) -> None:
        emma, lost = rows_of(
            workbook(books=[["title", "author", "pages"], [*AUSTEN, "#N/A"], ["#N/A", "Jane Austen", "#REF!"]])
        )
        assert emma.book is not None
        assert (emma.book.pages, emma.left_out) == (None, [])
        assert [str(error) for error in lost.errors] == ["title: must not be empty"]

    def test_beside_the_table_cost_nothing(self) -> None:
        (row,) = rows_of(workbook(books=[["title", "author"], [*AUSTEN, None, "signed!"]]))
        assert row.book is not None
        assert [str(note) for note in row.left_out] == ["row: “signed!” is outside of the columns of the table"]


class TestSheets:
    def test_first_with_a_table_is_read_by_the_numbers_of_its_rows(self) -> None:
        rows = rows_of(
            workbook(notes=[["To do"], ["buy shelves"]], books=[["My books"], [], ["Title", "Author"], [], AUSTEN])
        )
        assert [(row.line, row.book and row.book.title) for row in rows] == [(5, "Emma")]

    def test_further_ones_are_told(self) -> None:
        content = workbook(books=[["Title", "Author"], AUSTEN], notes=[["x"]], more=[["Title", "Author"], AUSTEN])
        table = SheetTable(BytesIO(content))
        assert len(list(table)) == 1
        assert table.remarks == {"is the header of the sheet “more”, of which nothing is read": 1}

    def test_columns_can_be_named(self) -> None:
        (row,) = rows_of(workbook(books=[["Werk", "Wer"], AUSTEN]), {"title": "Werk", "author": "Wer"})
        assert row.book is not None
        assert row.book.main_author.name == "Jane Austen"

    def test_own_export_that_became_a_spreadsheet_is_read_literally(self) -> None:
        csv_file = file_of("csv", EMMA, document_of(HARD))
        as_text = [row.book for row in read_back("csv", csv_file)]
        records = list(csv.reader(csv_file.decode().replace("\r\n", "\n").splitlines(keepends=True)))
        book = Workbook()
        assert book.active is not None
        for number, record in enumerate(records, 1):
            for place, cell in enumerate(record, 1):
                book.active.cell(number, place).value = cell or None
                book.active.cell(number, place).data_type = "s"
        assert [row.book for row in rows_of(saved(book))] == as_text

    def test_without_a_table_say_what_is_missing(self) -> None:
        with pytest.raises(UnreadableFile, match="sheet “notes”, line 1: no column for the title"):
            rows_of(workbook(notes=[["To do"]], more=[["title"]]))


class TestBombs:
    @pytest.mark.parametrize(
        "content",
        [
            b"PK\x03\x04 and nothing more",
            workbook(books=[["title", "author"], AUSTEN])[:3000],
            with_sheet(f"{HEADER}<row"),
            with_sheet(HEADER + xml_row(2, "&c;", "x"), ENTITIES),
            with_sheet(HEADER + xml_row(2, "&c;", "x"), f"<!--{'x' * 5000}-->{ENTITIES}"),
            with_sheet("x" * 130_000_000),
            with_sheet(f"{HEADER}<row>{'<c/>' * 9_000_000}</row>"),
            with_sheet("".join(f'<row r="{number}"/>' for number in range(1, 200_000))),
            with_sheet(HEADER + f"<row>{'<c/>' * 300}</row>" * 300),
            with_sheet(HEADER + f"<x:row>{'<x:c/>' * 300}</x:row>" * 300),
            b"",
        ],
        ids=[
            "no archive",
            "cut off",
            "broken",
            "entities",
            "late entities",
            "large",
            "long row",
            "empty rows",
            "empty cells",
            "empty cells with a prefix",
            "empty",
        ],
    )
    def test_are_refused_in_clear_words_and_little_time(self, content: bytes) -> None:
        began = thread_time()
        with pytest.raises(UnreadableFile, match="spreadsheet"):
            rows_of(content)
        assert thread_time() - began < 10

    def test_formatted_cells_without_values_are_none(self) -> None:
        book = Workbook()
        sheet = book[book.sheetnames[0]]
        for row in (["title", "author"], AUSTEN):
            sheet.append(row)
        bold = Font(bold=True)
        for row_number in range(3, 3_003):
            for column in range(1, 27):
                sheet.cell(row_number, column).font = bold
        assert [row.book and row.book.title for row in SheetTable(BytesIO(saved(book)))] == ["Emma"]

    @pytest.mark.parametrize(
        "behind",
        [
            "".join(f'<row r="{number}"/>' for number in range(3, 101_000))
            + xml_row(101_000, "Persuasion", "Jane Austen"),
            xml_row(2_000_000_000, "Persuasion", "Jane Austen"),
        ],
        ids=["many", "far"],
    )
    def test_of_empty_rows_behind_a_table_are_not_read_to_their_end(self, behind: str) -> None:
        table = SheetTable(BytesIO(with_sheet(HEADER + EMMA_ROW + behind)))
        assert [row.book and row.book.title for row in table] == ["Emma"]
        assert list(table.remarks) == [
            "is followed by more than 100,000 empty rows, and what is behind them is not read"
        ]
