"""The refused rows, as a file to fix and import again."""

from __future__ import annotations

import csv
from io import StringIO
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.transfer.formats import Source
    from app.transfer.rows import Note, Row

REASON = "Why it was refused"
"""The last column, which is not read."""


class Rejects:
    """Writes refused rows as they are in their file: of a table with its header and the reasons in a last column.

    Args:
        file: to write to.
        source: the rows of the import.
    """

    def __init__(self, file: IO[bytes], source: Source) -> None:
        self._file = file
        self._header = [*columns.header, REASON] if (columns := getattr(source, "columns", None)) else []

    def add(self, row: Row, reasons: Iterable[Note]) -> None:
        """Add a row."""
        if isinstance(row.original, list):
            if self._header:
                self._write_cells(self._header)
                self._width, self._header = len(self._header) - 1, []
            cells = row.original[: self._width] + [""] * (self._width - len(row.original))
            surplus = row.original[self._width :]
            why = "; ".join(map(str, reasons))
            self._write_cells([*cells, f"{why} ({'; '.join(surplus)})" if surplus else why])
        elif row.original:
            text = row.original.encode() if isinstance(row.original, str) else row.original
            self._file.write(text)

    def _write_cells(self, cells: list[str]) -> None:
        text = StringIO(newline="")
        csv.writer(text).writerow(cells)
        self._file.write(text.getvalue().encode())
