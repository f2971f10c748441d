"""Import books from a CSV or TSV file.

The columns are recognized by their usual names (title, author or authors, isbn, year, genres, …). Valid rows are
imported, invalid rows are reported by line number, and importing the same file again creates nothing.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import select

from app.database import open_database
from app.domain.names import name_key, pluralize
from app.errors import BooksError, UndoConflict
from app.models import User
from app.services.batch_undo import find_batch, plan_of, slices_of, undo_slices
from app.services.imports import Report, import_books
from app.transfer.rows import Note
from app.transfer.tables import read_table
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from app.database import Database

MOST_LISTED = 1000


class OwnerMissing(BooksError):
    """The username given by `--owner` does not exist."""

    message = "the user given by --owner does not exist"


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("import_books", __doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help="a CSV (commas or semicolons) or TSV file in UTF-8, with a header",
    )
    what.add_argument("--undo", type=int, metavar="BATCH", help="undo an import, by the number that it printed")
    parser.add_argument("--owner", metavar="USERNAME", help="the user who owns the new books, and may delete them")
    options = parser.parse_args(arguments)
    with failures_in_one_line("import_books"):
        database = open_database()
        if options.undo is not None:
            undo(database, options.undo)
            return
        owner_id = _owner(database, options.owner)
        show(options.file.name, import_file(database, options.file, owner_id))


def import_file(database: Database, file: Path, owner_id: int | None = None) -> Report:
    """Import a file, with a progress bar.

    Raises:
        UnreadableFile: the file is unreadable from some line on; the rows before it are imported.
        OSError: the file cannot be read at all.
    """
    with file.open("rb") as raw:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: raw.read(1 << 20), b""))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress, file.open(encoding="utf-8-sig", newline="") as text:
        task = progress.add_task(file.name, total=lines)
        report = import_books(
            database,
            read_table(text),
            owner_id=owner_id,
            summary=f"import of {file.name}",
            progress=lambda line: progress.update(task, completed=line),
        )
        progress.update(task, completed=lines)
    return report


def show(name: str, report: Report) -> None:
    """Print what was imported, and what was not."""
    console.print(
        f"{name}: {pluralize(report.total, 'row')}: {pluralize(report.created, 'book')} imported, "
        f"{report.unchanged:,} already in the catalogue, {report.failed:,} invalid and skipped."
    )
    if report.batch_id is not None:
        console.print(f"To undo this import: python -m scripts.import_books --undo {report.batch_id}")
    _list("Invalid rows", report.errors)
    _list("Values left out of imported books", report.left_out)


def undo(database: Database, batch_id: int) -> None:
    """Undo an import, or another batch of changes, with a progress bar.

    Raises:
        BatchNotFound: there is no such batch.
        UndoConflict: a record was changed again since; nothing was undone.
    """
    with database.transaction() as db:  # without the time limit of reads
        batch = find_batch(db.connection(), batch_id)
        try:
            planned = plan_of(db.connection(), slices_of(db.connection(), batch_id))
        except UndoConflict as error:
            _list_conflicts(error)
            raise
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    undone = 0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"undo of {batch.summary}", total=planned.number)
        for _, effects in undo_slices(planned.slices, database.transaction, None, f"undo of {batch.summary}"):
            undone += len(effects)
            progress.update(task, completed=undone)
    console.print(f"{batch.summary}: {pluralize(undone, 'record')} changed back." if undone else "Nothing to undo.")


def _list_conflicts(error: UndoConflict) -> None:
    console.print("Changed since:")
    for fault in error.faults:
        console.print(f"  {fault.where}: {fault.detail}", markup=False)


def _list(heading: str, notes: list[Note]) -> None:
    """The most frequent kind comes last, so that it does not bury the others."""
    counts = Counter(note.field or "row" for note in notes)
    if counts:
        console.print(
            f"{heading}: {', '.join(f'{field} {number:,}' for field, number in counts.items())}", markup=False
        )
    for note in sorted(notes, key=lambda note: counts[note.field or "row"])[:MOST_LISTED]:
        console.print(f"  line {note.line}: {note.field or 'row'}: {note.detail}", markup=False)
    if len(notes) > MOST_LISTED:
        console.print(f"  and {len(notes) - MOST_LISTED:,} more")


def _owner(database: Database, username: str | None) -> int | None:
    if username is None:
        return None
    with database.reading() as connection:
        owner_id = connection.scalar(select(User.id).where(User.username_key == name_key(username)))
    if owner_id is None:
        raise OwnerMissing
    return owner_id


if __name__ == "__main__":
    main()
