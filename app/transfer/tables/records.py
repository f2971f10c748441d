"""Lines of a table as cells. A line that cannot be read costs nothing but itself."""

from __future__ import annotations

import csv
from collections import deque
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE = 1_000_000
"""Characters."""
MOST_LINES = 2_000
"""Lines of one record: after so many, a quotation mark was never closed."""
MOST_QUOTED = 200_000
"""Characters of one record with line breaks; likewise."""
MOST_EFFORT = 5_000_000
"""Characters that are read again, in all, since quotation marks were not closed; each line counts 50. From then on, a
record has at most `FEWER_LINES`: a file may have such a mark in each line."""
LINE = 50
FEWER_LINES = 10
TOO_LONG = f"is longer than {LONGEST_LINE:,} characters"
NOT_CLOSED = "has a quotation mark that is opened and not closed"
MISPLACED = "has quotation marks within a quoted cell; in CSV they must be doubled"


@dataclass(frozen=True)
class Record:
    """The cells of one row.

    Attributes:
        line: on which it begins; the first line of the file is 1.
        cells: their text as it is in the file.
        fault: why it is not as CSV should be; the cells are then the line, cut at each delimiter.
    """

    line: int
    cells: list[str]
    fault: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether all cells are."""
        return not any(map(str.strip, self.cells))


class _TooLong(Exception):  # noqa: N818  (it is no error of the program)
    """A line without an end."""


class _Unclosed(Exception):  # noqa: N818  (likewise)
    """A record of too many lines."""


class _Lines:
    """The lines of a file, of which those of an unfinished record can be read again."""

    def __init__(self, file: IO[str], most_lines: int = MOST_LINES, most_quoted: int = MOST_QUOTED) -> None:
        self._file = file
        self._most_lines, self._most_quoted = most_lines, most_quoted
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self._length = 0
        self._effort = 0
        self.line = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= self._most_lines or (self.taken and self._length > self._most_quoted):
            raise _Unclosed
        line = self._again.popleft() if self._again else self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._length += len(line)
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            while (rest := self._file.readline(LONGEST_LINE)) and rest[-1] not in "\r\n":
                pass
            raise _TooLong
        return line

    def finish(self) -> None:
        """The lines taken so far are a record."""
        self.line += len(self.taken)
        self.taken, self._length = [], 0

    def give_back(self) -> str:
        """Only the first line is a record; the others are read again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        self._effort += self._length + LINE * len(others)
        if self._effort > MOST_EFFORT:
            self._most_lines = FEWER_LINES
        self.taken = [first]
        self.finish()
        return first


def records(file: IO[str], delimiter: str, *, are_own: bool = False) -> Iterator[Record]:
    """The records of the rest of a file; lines without any text are left out.

    In a table with tabs the cells are literal: quotation marks mean themselves. In others, quoting is that of RFC 4180;
    a line that breaks its rules is a record with a fault.

    Args:
        file: the text.
        delimiter: between cells.
        are_own: whether the service wrote them: a description of its own may have any number of lines.
    """
    csv.field_size_limit(LONGEST_LINE)
    lines = _Lines(file, LONGEST_LINE, LONGEST_LINE) if are_own else _Lines(file)
    found = _literal(lines, delimiter) if delimiter == "\t" else _quoted(lines, delimiter)
    return (record for record in found if not record.is_empty)


def _literal(lines: _Lines, delimiter: str) -> Iterator[Record]:
    while True:
        try:
            text = next(lines)
        except StopIteration:
            return
        except _TooLong:
            yield Record(lines.line, ["?"], TOO_LONG)
        else:
            yield Record(lines.line, text.rstrip("\r\n").split(delimiter))
        lines.finish()


def _quoted(lines: _Lines, delimiter: str) -> Iterator[Record]:
    while True:
        reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            for cells in reader:
                yield Record(lines.line, cells)
                lines.finish()
        except _TooLong:
            yield Record(lines.line, ["?"], TOO_LONG)
            lines.finish()
        except (_Unclosed, csv.Error) as error:
            several = len(lines.taken) > 1 or isinstance(error, _Unclosed) or "end of data" in str(error)
            line = lines.line
            cells = lines.give_back().rstrip("\r\n").split(delimiter)
            yield Record(line, cells, NOT_CLOSED if several else MISPLACED)
        else:
            return
