"""Rows of any format: the book or the author, and notes about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.schemas.authors import AuthorCreate
    from app.schemas.imported_books import BookRow

LONGEST_QUOTATION = 60
MOST_NOTES = 100
"""Notes on values that were left out of one row; a row of a megabyte may have half a million such values."""
MORE_NOTES = "has more values that cannot be kept"


@dataclass(frozen=True)
class Note:
    """An error in a row, or a value that was left out.

    Attributes:
        line: on which the row begins.
        field: of the book; empty if it is about the whole row.
        detail: what is wrong, in plain words.
        column: the header of the cell.
        value: what the cell says, shortened.
        is_conflict: whether the row itself is right, and another book is in its way.
    """

    line: int
    field: str
    detail: str
    column: str = ""
    value: str = ""
    is_conflict: bool = False

    def __str__(self) -> str:
        where = f"{self.field or 'row'}{f' (column {self.column})' if self.column else ''}"
        return f"{where}: {f'“{self.value}” ' if self.value else ''}{self.detail}"


@dataclass
class Row:
    """A row with its book, or its author; neither if it is invalid, or about something else.

    Attributes:
        line: on which it begins.
        book: what it says.
        author: what it says, if it is about an author.
        errors: why it has neither.
        left_out: values that were left out, although the book is valid.
        passed_over: why it is not about a book that the catalogue should have.
        original: as it is in the file: the cells of a table's row, or the record, or what makes it, since it is seldom
            needed. Empty if the file is damaged there.
    """

    line: int
    book: BookRow | None = None
    author: AuthorCreate | None = None
    errors: list[Note] = field(default_factory=list)
    left_out: list[Note] = field(default_factory=list)
    passed_over: str = ""
    original: list[str] | str | bytes | Callable[[], str | bytes] = ""

    def leave_out(self, name: str, why: str, value: str = "", column: str = "") -> None:
        """Note a value that was left out, although the book is valid; of very many, that there are more."""
        if len(self.left_out) < MOST_NOTES:
            self.left_out.append(Note(self.line, name, why, column, shortened(value)))
        elif self.left_out[-1].detail != MORE_NOTES:
            self.left_out.append(Note(self.line, "", MORE_NOTES))

    def fail(self, name: str, why: str, value: str = "", column: str = "") -> None:
        """Note why there is no book."""
        self.errors.append(Note(self.line, name, why, column, shortened(value)))


def shortened(text: str) -> str:
    """The beginning of a cell, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTATION else f"{line[: LONGEST_QUOTATION - 1]}…"
