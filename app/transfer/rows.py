"""Rows of any format: the book, and what there is to say about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.schemas.imports import BookRow


@dataclass(frozen=True)
class Note:
    """What is wrong with a row, or could not be kept of it."""

    line: int
    field: str
    detail: str


@dataclass
class Row:
    """A row: the book, unless it is wrong."""

    line: int
    book: BookRow | None = None
    errors: list[Note] = field(default_factory=list)
    left_out: list[Note] = field(default_factory=list)

    def leave_out(self, name: str, why: str) -> None:
        """Note what could not be kept, though the book is in."""
        self.left_out.append(Note(self.line, name, why))
