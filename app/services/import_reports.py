"""What became of each row of an import."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.transfer.rows import Note

MOST_LISTED = 1_000
"""Notes that are kept about each field; all are counted."""


class Notes:
    """Notes about the rows of a file, of any number: the first of each field are kept, and all are counted.

    Args:
        notes: the first ones.
    """

    def __init__(self, notes: Iterable[Note] = ()) -> None:
        self.counts: Counter[str] = Counter()
        """How many there are of each field."""
        self._kept: list[Note] = []
        self.add(notes)

    def add(self, notes: Iterable[Note]) -> None:
        """Add notes."""
        for note in notes:
            self.counts[note.field] += 1
            if self.counts[note.field] <= MOST_LISTED:
                self._kept.append(note)

    def __iter__(self) -> Iterator[Note]:
        return iter(self._kept)

    def __len__(self) -> int:
        return self.counts.total()


class Repeat(NamedTuple):
    """A row whose book is there already.

    Attributes:
        line: of the row.
        title: of its book.
        book_id: the book in the catalogue that it equals; None if it is one of the file.
        of_line: the line of the file that it equals; None likewise.
    """

    line: int
    title: str
    book_id: int | None = None
    of_line: int | None = None


@dataclass
class Report:
    """The result of an import. `total` is the sum of the rows created, unchanged, failed and passed over.

    Attributes:
        passed_over: rows that are not about a book which the catalogue should have, by the reason.
        errors: of the failed rows.
        left_out: values that were left out of books.
        repeats: the first of the unchanged rows, and what they equal.
        batch_id: the batch of its changes; None if there are none.
    """

    total: int = 0
    created: int = 0
    unchanged: int = 0
    failed: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    errors: Notes = field(default_factory=Notes)
    left_out: Notes = field(default_factory=Notes)
    repeats: list[Repeat] = field(default_factory=list)
    batch_id: int | None = None
