"""Spreadsheets: the first sheet of a workbook that has a table of books."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import IO, TYPE_CHECKING

from app.errors import UnreadableFile
from app.transfer.tables.layouts import MOST_BEFORE, Layout, best_layout
from app.transfer.tables.records import Record
from app.transfer.tables.table import Reader, RecordTable
from app.transfer.tables.workbooks import MOST_EMPTY, Kept, opened, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from app.transfer.rows import Row

MOST_ABOVE = 1_000
"""Rows among which the header is looked for."""
MOST_OTHERS = 20
"""Further sheets that are looked at."""
OUTSIDE = "is outside of the columns of the table"


class SheetTable(RecordTable):
    """A table in a spreadsheet; the line of a row is its number there.

    Args:
        file: a workbook.
        encoding: none, since the file itself says how it is encoded.
        mapping: names of columns by fields, for those that are not understood by their names.

    Raises:
        UnreadableFile: it is no workbook, or has no sheet with columns for titles and authors.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> None:
        if encoding is not None:
            msg = "a spreadsheet's own file has no encoding to choose"
            raise UnreadableFile(msg)
        with opened(file) as sheets:
            sheet, layout = _with_a_table(sheets, mapping)
            self._kept = Kept(records_of(sheet))
            self._others = _further_tables(sheets[sheets.index(sheet) + 1 :], mapping)
        super().__init__(layout)

    @property
    def size(self) -> int:
        """The number of the last row."""
        return self._kept.last

    def __iter__(self) -> Iterator[Row]:
        yield from super().__iter__()
        if self._kept.is_cut:
            self.remarks[f"is followed by more than {MOST_EMPTY:,} empty rows, and what is behind them is not read"] = 1
        for title in self._others:
            self.remarks[f"is the header of the sheet “{title}”, of which nothing is read"] = 1

    def records(self) -> Iterator[Record]:
        """See `RecordTable`."""
        return iter(self._kept)

    def __del__(self) -> None:
        """Delete the copy of the table."""
        if hasattr(self, "_kept"):
            self._kept.close()

    def _row(self, record: Record, reader: Reader) -> Row:
        """A note beside the table is no reason to refuse the row."""
        width = len(self.columns.header)
        row = super()._row(Record(record.line, record.cells[:width]), reader)
        for cell in filter(str.strip, record.cells[width:]):
            row.leave_out("", OUTSIDE, cell)
        return row


def _further_tables(sheets: list[ReadOnlyWorksheet], mapping: dict[str, str] | None) -> list[str]:
    """The titles of further sheets that have a table of books."""
    found = []
    for sheet in sheets[:MOST_OTHERS]:
        beginning = [("", record) for record in islice(records_of(sheet, MOST_ABOVE), MOST_BEFORE)]
        with suppress(UnreadableFile):
            best_layout(beginning, mapping)
            found.append(sheet.title[:40])
    return found


def _with_a_table(sheets: list[ReadOnlyWorksheet], mapping: dict[str, str] | None) -> tuple[ReadOnlyWorksheet, Layout]:
    """The first sheet with a header, and its layout.

    Raises:
        UnreadableFile: there is none; it says what the first sheet that is not empty lacks.
    """
    fault: UnreadableFile | None = None
    for sheet in sheets:
        beginning = [("", record) for record in islice(records_of(sheet, MOST_ABOVE), MOST_BEFORE)]
        try:
            if beginning:
                return sheet, best_layout(beginning, mapping)
        except UnreadableFile as error:
            fault = fault or UnreadableFile(f"sheet “{sheet.title[:40]}”, {error}")
    if fault is None:
        msg = "the spreadsheet has no filled sheet"
        raise UnreadableFile(msg)
    raise fault
