"""The filled cells of a row, by the field that their columns hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from app.transfer import texts, values
from app.transfer.tables.headers import UNITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.transfer.rows import Row
    from app.transfer.tables.headers import Columns

T = TypeVar("T")
ERROR = re.compile(r"#(?:N/A|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!)")
"""What a spreadsheet shows where a formula has no result."""


class Cell(NamedTuple):
    """A filled cell."""

    place: int
    column: str
    text: str


class FilledCells:
    """The filled cells of one row, by field."""

    def __init__(self, row: Row, columns: Columns, cells: list[str]) -> None:
        self._row, self._columns, self._cells = row, columns, cells

    def each(self, name: str) -> list[Cell]:
        """The filled cells of all columns of a field, the preferred ones first."""
        return [cell for group in self._columns.of.get(name, []) for cell in self._filled(group)]

    def cells(self, name: str) -> list[Cell]:
        """The filled cells that contribute to a field: of all its columns, or of the preferred ones alone."""
        if name in UNITED:
            return self.each(name)
        return next((filled for group in self._columns.of.get(name, []) if (filled := self._filled(group))), [])

    def text(self, name: str, *, is_title: bool = False) -> str:
        """The text of the preferred cell; of a title, whatever it is: some books are called `None`."""
        if is_title:
            for group in self._columns.of.get(name, []):
                for place in group:
                    if self._cells[place].strip() and not ERROR.fullmatch(self._cells[place].strip()):
                        return self._cells[place]
            return ""
        cells = self.cells(name)
        return cells[0].text if cells else ""

    def line(self, name: str) -> str | None:
        """The text of the preferred cell on one line."""
        return texts.one_line(self.text(name)) or None

    def value(self, name: str, read: Callable[[str], T | None]) -> T | None:
        """The value of the first cell that has one; the first that cannot be read is noted, if none has."""
        fault: tuple[Cell, str] | None = None
        for cell in self.each(name):
            try:
                found = read(cell.text)
            except ValueError as error:
                fault = fault or (cell, str(error))
            else:
                if found is not None:
                    return found
        if fault:
            cell, why = fault
            self._row.leave_out(cell.column and name, why, cell.text, cell.column)
        return None

    def column_of(self, name: str) -> str:
        """The header of the cell that a field was read from."""
        cells = self.cells(name)
        return cells[0].column if cells else ""

    def _filled(self, places: list[int]) -> list[Cell]:
        cells = (Cell(place, self._columns.header[place], self._cells[place].strip()) for place in places)
        return [cell for cell in cells if cell.text and not values.is_nothing(cell.text)]
