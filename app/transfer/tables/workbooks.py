"""Workbooks (Office Open XML, ECMA-376) as records: what a cell shows, as text, within limits of time and memory."""

from __future__ import annotations

import json
import re
import warnings
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from app.errors import UnreadableFile
from app.transfer.tables.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_EXPANDED = 120_000_000
"""Bytes of all parts together. A sheet of 300,000 books with eight columns has as many, and is read in a minute."""
MODERATE, MOST_TIMES = 1_000_000, 100
"""Bytes that any workbook may expand to, and how many times its size a larger one: those that programs write expand to
ten times it, bombs to a thousand."""
MOST_IN_MEMORY = 15_000_000
"""Bytes of a part that is no sheet: openpyxl keeps the texts of all cells in memory, in ten times as many or more."""
LONGEST_ROW = 16_000_000
"""Bytes of a sheet in which a row must end: it is in memory as a whole, in twenty times as many."""
MOST_PARTS = 2_000
MOST_ROWS, MOST_COLUMNS = 1_048_576, 300
"""Excel's own limit; and columns beyond which nothing is read."""
MOST_EMPTY = 100_000
"""Rows without text after which a sheet is not read any further: some are formatted down to the last row."""
MOST_EMPTY_CELLS = 50_000
"""Cells without a value, and one more for each byte of the file: the emptiest that a program writes takes two or three
bytes, and one of a bomb a hundredth. Each takes 8 microseconds to read."""
LONGEST_CELL = 100_000
"""Characters; Excel allows 32,767."""
SHEETS = "xl/worksheets/"
HEAD = 4_096
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
"""What no part may have (ECMA-376, part 2, section 6.2.5), and what bombs of entities are made of."""
ROW = re.compile(rb"<(?:\w+:)?row\b")
CELLS, VALUES = (b"<c", b":c"), (b"<v", b":v", b"<is", b":is")
"""How the elements of cells and of their values begin, with a prefix or without: to count them roughly."""
MIDNIGHT = time()
TOO_LARGE = "the spreadsheet is too large when it is unpacked; save its table as CSV UTF-8"
NOT_ONE = "the file is not a spreadsheet that can be read; open it in a spreadsheet program, and save it as CSV UTF-8"


@contextmanager
def opened(file: IO[bytes]) -> Iterator[list[ReadOnlyWorksheet]]:
    """The sheets of a workbook, in order.

    Raises:
        UnreadableFile: it is no workbook, is damaged, or would take too much time or memory.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  (a fifth of a second that only a spreadsheet needs)

    file.seek(0)
    _require_moderate(file)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which nothing here needs
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            with closing(workbook):
                yield list(workbook.worksheets)
    except UnreadableFile:
        raise
    except Exception as error:  # openpyxl raises whatever comes up: KeyError, TypeError, ParseError, …
        raise UnreadableFile(NOT_ONE) from error


def records_of(sheet: ReadOnlyWorksheet, most_rows: int = MOST_ROWS) -> Iterator[Record]:
    """The rows of a sheet that have any text, by their numbers.

    After `MOST_EMPTY` rows without any, the last record has no cells.

    Args:
        sheet: of an open workbook.
        most_rows: how many are read.
    """
    last = 0
    sheet.reset_dimensions()  # what a file says of its size may be anything
    rows: Iterator[tuple[Any, ...]]
    rows = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=most_rows, values_only=True)  # type: ignore[misc]  # a stub's
    for number, values in enumerate(rows, 1):
        if values.count(None) == len(values):
            if number - last > MOST_EMPTY:
                yield Record(number, [])
                return
            continue
        width = max(place for place, value in enumerate(values, 1) if value is not None)
        record = Record(number, [text_of(value) for value in values[:width]])
        if not record.is_empty:
            last = number
            yield record


def text_of(value: Any) -> str:  # noqa: ANN401  (whatever openpyxl makes of a cell)
    """A value as people mean it: a whole number without a fraction, and a date as ISO 8601 writes it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == MIDNIGHT:
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)[:LONGEST_CELL]


class Kept:
    """Records in a temporary file, which can be read several times, whereas a sheet takes long to parse.

    Args:
        records: read once.
    """

    def __init__(self, records: Iterator[Record]) -> None:
        self._file = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115  (it lasts as long as this)
        self.last = 0
        """The line of the last record."""
        self.is_cut = False
        """Whether so many empty rows follow that what is behind them was not read."""
        for record in records:
            if not record.cells:
                self.is_cut = True
                break
            self._file.write(f"{json.dumps([record.line, *record.cells])}\n")
            self.last = record.line

    def __iter__(self) -> Iterator[Record]:
        self._file.seek(0)
        while line := self._file.readline():
            number, *cells = json.loads(line)
            yield Record(number, cells)

    def close(self) -> None:
        """Delete the file."""
        self._file.close()


def _require_moderate(file: IO[bytes]) -> None:
    """Refuse bombs by what the archive says of its parts, which `zipfile` then holds it to.

    Raises:
        UnreadableFile: it would expand to too much, declares entities, or is no archive.
    """
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            texts = [part.file_size for part in parts if not part.filename.startswith(SHEETS)]
            packed = sum(part.compress_size for part in parts)
            most = min(MOST_EXPANDED, max(MODERATE, MOST_TIMES * packed))
            if sum(part.file_size for part in parts) > most or max(texts, default=0) > MOST_IN_MEMORY:
                raise UnreadableFile(TOO_LARGE)
            if len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts):
                raise UnreadableFile(NOT_ONE)
            for part in parts:
                with archive.open(part) as content:
                    head = content.read(HEAD)
                    if any(declaration in head for declaration in DECLARATIONS):
                        raise UnreadableFile(NOT_ONE)
                    if part.filename.startswith(SHEETS) and part.filename.endswith(".xml"):
                        _require_rows(content, MOST_EMPTY_CELLS + packed)
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise UnreadableFile(NOT_ONE) from error  # damaged, encrypted, or compressed in another way


def _require_rows(sheet: IO[bytes], most_empty: int) -> None:
    """Refuse a sheet with a row that is too long, or with what could hide one, or with too many empty cells.

    Args:
        sheet: its part of the workbook, from the `HEAD` on.
        most_empty: how many cells may have no value.

    Raises:
        UnreadableFile: it has one.
    """
    empty = 0
    while chunk := sheet.read(LONGEST_ROW):
        empty += sum(map(chunk.count, CELLS)) - sum(map(chunk.count, VALUES))
        if empty > most_empty:
            raise UnreadableFile(TOO_LARGE)
        if len(chunk) == LONGEST_ROW and (
            not ROW.search(chunk) or any(mark in chunk for mark in (b"<!--", b"<![CDATA["))
        ):
            raise UnreadableFile(TOO_LARGE)
