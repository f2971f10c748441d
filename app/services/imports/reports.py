"""What became of each row of an import."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.transfer.rows import Note, Row

MOST_LISTED = 1_000
"""Notes that are kept about each field; all are counted."""

Outcome = Literal["created", "filled", "updated", "unchanged", "conflict", "failed", "passed over"]
"""`filled`: fields that were empty in a book of the catalogue; `updated`: also such as had another value."""


@dataclass
class Result:
    """What became of a row.

    Attributes:
        row: the row.
        outcome: what became of it.
        record_id: the book or author that it created, changed or equals; None in a dry run that would create it.
        of_row: the earlier row of the file that it equals, such as `line 3`; None if it equals none.
        taken: the fields that were filled or updated.
        errors: why it was refused.
        differences: values that the book has otherwise, and keeps.
    """

    row: Row
    outcome: Outcome
    record_id: int | None = None
    of_row: str | None = None
    taken: list[str] = field(default_factory=list)
    errors: list[Note] = field(default_factory=list)
    differences: list[Note] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether the row is not in the catalogue, and should be fixed."""
        return self.outcome in {"conflict", "failed"}

    @property
    def equal(self) -> str:
        """The record or row that it equals, for persons."""
        kind = "author" if self.row.author else "book"
        return self.of_row or f"{kind} {self.record_id}"

    @property
    def title(self) -> str:
        """Of its book, or the name of its author; empty if it has neither."""
        return self.row.book.title if self.row.book else self.row.author.name if self.row.author else ""


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


@dataclass
class Report:
    """The result of an import. The outcomes of all rows add up to `total`.

    Attributes:
        outcomes: how many rows there are of each.
        new_authors: how many of the rows that were created are about authors.
        passed_over: rows that are not about a book which the catalogue should have, by the reason.
        errors: of the rows that failed or are in conflict.
        left_out: values that were left out of books.
        differences: values that books of the catalogue have otherwise, and keep.
        repeats: the first of the unchanged rows.
        batch_id: the batch of its changes; None if there are none.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    new_authors: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    errors: Notes = field(default_factory=Notes)
    left_out: Notes = field(default_factory=Notes)
    differences: Notes = field(default_factory=Notes)
    repeats: list[Result] = field(default_factory=list)
    batch_id: int | None = None

    def add(self, result: Result) -> None:
        """Count a row, and keep what is to be said of it."""
        self.outcomes[result.outcome] += 1
        self.new_authors += result.outcome == "created" and result.row.author is not None
        self.errors.add(result.errors)
        self.differences.add(result.differences)
        self.left_out.add(result.row.left_out)
        if result.outcome == "passed over":
            self.passed_over[result.row.passed_over] += 1
        if result.outcome == "unchanged" and len(self.repeats) < MOST_LISTED:
            self.repeats.append(result)

    @property
    def total(self) -> int:
        """How many rows the file has."""
        return self.outcomes.total()

    @property
    def created(self) -> int:
        """How many books are new."""
        return self.outcomes["created"] - self.new_authors

    @property
    def refused(self) -> int:
        """How many rows failed or are in conflict."""
        return self.outcomes["failed"] + self.outcomes["conflict"]
