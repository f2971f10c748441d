"""Bulk import of books, without duplicates."""

from __future__ import annotations

from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Conflict
from app.events.changes import Origin, begin_batch, has_changes, join_batch, set_origin
from app.services.imports.chunks import Chunk
from app.services.imports.dry_run import Rehearsal
from app.services.imports.read_ahead import Chunks
from app.services.imports.reports import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from app.database import Database
    from app.services.imports.permissions import Member
    from app.services.imports.reports import Result
    from app.transfer.rows import Row

    Transaction = Callable[[], AbstractContextManager[Session]]

CHUNK = 500
"""Rows per transaction: rows reported as imported stay imported if a later chunk fails."""
ATTEMPTS = 3


@dataclass(frozen=True)
class Importer:
    """Imports the rows of a file.

    The author of a book is the one of that name or alias, in either order. A book exists already if the ISBNs are equal
    and the titles agree; or, where the row or the book has no ISBN, if title, main author, year and place in a series
    are equal. Its empty fields are filled.

    Attributes:
        transaction: begins a transaction whose origin is set.
        summary: what the list of batches says of the import.
        unit: what the place of a row counts: lines or records.
        update: whether rows change values that a book has otherwise.
        dry_run: whether nothing is written. The report is the same.
        limits: the limits of a member in a transaction.
        keep_originals: whether `on_result` needs what the rows are in the file.
        on_result: called with what became of each row, in order, once that is committed.
        on_chunk: called with the line of the last row of each finished chunk, and the report so far.
    """

    transaction: Transaction
    summary: str = "import"
    unit: str = "line"
    update: bool = False
    dry_run: bool = False
    limits: Callable[[Session], Member] | None = None
    keep_originals: bool = False
    on_result: Callable[[Result], object] = bool
    on_chunk: Callable[[int, Report], object] = lambda _line, _report: None

    def run(self, rows: Iterable[Row]) -> Report:
        """Import the valid rows, and report the others."""
        report = Report()
        with (
            Chunks(rows, CHUNK, keep_originals=self.keep_originals) as chunks,
            closing(Rehearsal()) if self.dry_run else nullcontext() as rehearsal,
        ):
            while chunk := chunks.take():
                for result in self._import(chunk, chunks, report, rehearsal):
                    report.add(result)
                    self.on_result(result)
                self.on_chunk(chunk[-1].line, report)
        return report

    def _import(self, rows: list[Row], chunks: Chunks, report: Report, rehearsal: Rehearsal | None) -> list[Result]:
        """One chunk, again if another client has added the same book meanwhile: then it is found."""
        for attempt in range(1, ATTEMPTS + 1):
            noted = [len(row.left_out) for row in rows]
            try:
                with suppress(_Rehearsed), self.transaction() as db:
                    chunk = Chunk(
                        db, chunks.words, self.update, self.limits(db) if self.limits else None, rehearsal, self.unit
                    )
                    results = chunk.plan(rows)
                    if rehearsal is not None:
                        rehearsal.keep([*chunk.new, *chunk.changed.values()])
                        rehearsal.keep_authors(chunk.authors.planned())
                        raise _Rehearsed  # nothing was written, and the locks end
                    chunk.write()
                    batch_id = self._batch(db, report)
                    chunks.read_ahead()  # while the database commits
            except Conflict:
                if attempt == ATTEMPTS:
                    raise
                for row, number in zip(rows, noted, strict=True):
                    del row.left_out[number:]
            else:
                if rehearsal is None:
                    report.batch_id = batch_id
                    chunk.tell_ids(results)
                return results
        raise AssertionError

    def _batch(self, db: Session, report: Report) -> int | None:
        """The batch of the import, which begins with the first change."""
        if report.batch_id is not None:
            join_batch(db, report.batch_id)
        elif has_changes(db):
            return begin_batch(db, self.summary)
        return report.batch_id


class _Rehearsed(Exception):  # noqa: N818  (no error)
    """Ends the transaction of a dry run without a commit."""


def import_books(
    database: Database, rows: Iterable[Row], *, owner_id: int | None = None, summary: str = "import"
) -> Report:
    """Import rows as a command of the operator's.

    Args:
        database: the database to import into.
        rows: rows of any format.
        owner_id: the user who will own the books, if any.
        summary: what the list of batches says of the import.
    """
    return Importer(operators_transactions(database, owner_id), summary).run(rows)


def operators_transactions(database: Database, owner_id: int | None = None) -> Transaction:
    """The transactions of a command of the operator's."""

    @contextmanager
    def transaction() -> Iterator[Session]:
        with database.transaction() as db:
            set_origin(db, Origin(owner_id, "import"))
            yield db

    return transaction
