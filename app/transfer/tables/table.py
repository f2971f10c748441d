"""CSV, TSV and other tables with a header, as spreadsheets and programs write them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from itertools import islice
from typing import IO, TYPE_CHECKING

from app.transfer.decoding import decoded
from app.transfer.rows import Row
from app.transfer.tables.column_conventions import TableHabits
from app.transfer.tables.layouts import layout_of
from app.transfer.tables.own_tables import OWN, OwnReader
from app.transfer.tables.records import MISPLACED, Record, records
from app.transfer.tables.row_reader import RowReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.transfer.tables.layouts import Layout

Reader = RowReader | OwnReader
STUDIED = 5_000
"""Records from which the habits of a table's columns are learned."""


class RecordTable(ABC):
    """A table of any origin, whose header is known; each iteration reads its rows from the beginning.

    Args:
        layout: of the table.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.columns = layout.columns
        self.remarks: Counter[str] = Counter()
        """How many rows each of these is true of; known when the rows have been read."""

    @abstractmethod
    def records(self) -> Iterator[Record]:
        """The records, from the beginning of the table."""

    @property
    @abstractmethod
    def size(self) -> int:
        """The line of the last record."""

    def __iter__(self) -> Iterator[Row]:
        self.remarks.clear()
        reader = self._reader()
        for record in self._after_header():
            yield self._row(record, reader)

    def _reader(self) -> Reader:
        if self.columns.program is OWN:
            return OwnReader(self.columns, self.remarks)
        habits = TableHabits(self.columns)
        for record in islice(self._after_header(), STUDIED):
            if not record.fault:
                habits.learn(record.cells)
        return RowReader(self.columns, habits, self.remarks)

    def _after_header(self) -> Iterator[Record]:
        return (record for record in self.records() if record.line > self._layout.line)

    def _row(self, record: Record, reader: Reader) -> Row:
        row = Row(record.line, original=record.cells)
        width = len(self.columns.header)
        surplus = [cell for cell in record.cells[width:] if cell.strip()]
        if record.fault and not (record.fault == MISPLACED and len(record.cells) == width):
            row.fail("", record.fault, record.cells[0])
        elif surplus:
            row.fail(
                "",
                f"has {len(record.cells)} cells where the header has {width}: a cell that contains the delimiter must "
                "be in quotation marks",
                surplus[0],
            )
        else:
            reader.read(row, [*record.cells[:width], *[""] * (width - len(record.cells))])
        return row


class Table(RecordTable):
    """A table of text, whose header, encoding and habits are known.

    Args:
        file: can be read several times.
        encoding: its name in Python; by default that of the byte order mark, or UTF-8.
        mapping: names of columns by fields, for those that are not understood by their names.

    Raises:
        UnreadableFile: it has no columns for titles and authors, or is not text in that encoding.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> None:
        self._text = decoded(file, encoding)
        super().__init__(layout_of(self._text, mapping))

    @property
    def size(self) -> int:
        """How many lines the file has."""
        self._text.seek(0)
        return sum(chunk.count("\n") for chunk in iter(lambda: self._text.read(1 << 20), ""))

    def records(self) -> Iterator[Record]:
        """See `RecordTable`."""
        self._text.seek(0)
        return records(self._text, self._layout.delimiter, are_own=self.columns.program is OWN)
