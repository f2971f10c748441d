"""Rows of any format: the book, and notes about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.schemas.imports import BookRow


@dataclass(frozen=True)
class Note:
    """An error in a row, or a value that was left out."""

    line: int
    field: str
    detail: str


@dataclass
class Row:
    """A row with its book; None if it is invalid."""

    line: int
    book: BookRow | None = None
    errors: list[Note] = field(default_factory=list)
    left_out: list[Note] = field(default_factory=list)

    def leave_out(self, name: str, why: str) -> None:
        """Note a value that was left out, although the book is valid."""
        self.left_out.append(Note(self.line, name, why))
