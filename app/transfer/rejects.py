"""The refused rows, as a file to fix and import again."""

from __future__ import annotations

import csv
from io import StringIO
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.transfer.formats import Format, Source
    from app.transfer.rows import Note, Row

REASON = "Why it was refused"
"""The last column, which is not read."""


class Rejects:
    """Writes refused rows as they are in their file: of a table with its header and the reasons in a last column.

    Args:
        file: to write to.
        source: the rows of the import.
        of_format: their format.

    Attributes:
        unwritten: how many refused rows could not be written, since the file is damaged there.
    """

    def __init__(self, file: IO[bytes], source: Source, of_format: Format) -> None:
        self._file, self._format = file, of_format
        self._header = [*columns.header, REASON] if (columns := getattr(source, "columns", None)) else []
        self._has_records = False
        self.unwritten = 0

    def add(self, row: Row, reasons: Iterable[Note]) -> None:
        """Add a row."""
        if isinstance(row.original, list):
            self._add_cells(row.original, "; ".join(map(str, reasons)))
            return
        original = row.original() if callable(row.original) else row.original
        if not original:
            self.unwritten += 1
            return
        self._file.write(self._format.between if self._has_records else self._format.before)
        if isinstance(original, str):
            original = original.encode(errors="backslashreplace")  # of JSON: a lone surrogate is escaped again
        self._file.write(original)
        self._has_records = True

    def end(self) -> None:
        """Write what ends the file."""
        if self._has_records:
            self._file.write(self._format.after)

    def _add_cells(self, given: list[str], why: str) -> None:
        if self._header:
            self._write_cells(self._header)
            self._width, self._header = len(self._header) - 1, []
        cells = given[: self._width] + [""] * (self._width - len(given))
        surplus = given[self._width :]
        self._write_cells([*cells, f"{why} ({'; '.join(surplus)})" if surplus else why])

    def _write_cells(self, cells: list[str]) -> None:
        text = StringIO(newline="")
        csv.writer(text).writerow(cells)
        self._file.write(text.getvalue().encode())
