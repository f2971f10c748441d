"""Import books from a CSV or TSV file.

The columns are recognized by the names that people and programs give them (title, author, isbn, year, genres, …;
exports of Goodreads, StoryGraph, LibraryThing, Calibre, Libib and others), whatever their order; --map names others.
The report begins with the columns that are read and those that are not. A row without a title is refused, and so is one
whose ISBN belongs to a book with another title; any other value that cannot be read is left out, and reported by line.
Importing the same file again creates nothing.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import select

from app.database import open_database
from app.domain.names import name_key, pluralize
from app.errors import BooksError, UndoConflict
from app.models import User
from app.services.batch_undo import find_batch, plan_of, slices_of, undo_slices
from app.services.imports import import_books
from app.transfer.tables import Table
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from app.database import Database
    from app.services.import_reports import Notes, Report

STANDARD_INPUT = "-"
MOST_LISTED = 1000
MOST_REPEATS = 10
EXIT_CODES = (
    "Exit codes: 0 if all rows are in the catalogue, 1 if some were refused or the database failed, 2 if nothing could "
    "be read or the arguments are wrong."
)


class OwnerMissing(BooksError):
    """The username given by `--owner` does not exist."""

    message = "the user given by --owner does not exist"


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("import_books", __doc__, exit_codes=EXIT_CODES)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="a CSV (commas, semicolons, bars) or TSV file with a header, possibly gzipped; - is standard input",
    )
    what.add_argument("--undo", type=int, metavar="BATCH", help="undo an import, by the number that it printed")
    parser.add_argument("--owner", metavar="USERNAME", help="the user who owns the new books, and may delete them")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="read a field from this column, such as --map isbn=EAN; repeatable; --map author= if there is no author",
    )
    parser.add_argument("--encoding", help="of the file, such as cp1252 (default: UTF-8, or by its byte order mark)")
    options = parser.parse_args(arguments)
    if any("=" not in pair for pair in options.map):
        parser.error("--map takes FIELD=COLUMN, such as --map isbn=EAN")
    mapping = dict(pair.split("=", 1) for pair in options.map)
    with failures_in_one_line("import_books"):
        database = open_database()
        if options.undo is not None:
            undo(database, options.undo)
            return
        owner_id = _owner(database, options.owner)
    with ExitStack() as opened:
        with failures_in_one_line("import_books", code=2):
            table = Table(opened.enter_context(_opened(options.file)), options.encoding, mapping)
        show_columns(table)
        with failures_in_one_line("import_books"):
            report = import_table(database, table, Path(options.file).name, owner_id)
        show(Path(options.file).name, table, report)
    if report.failed:
        sys.exit(1)


def import_file(database: Database, file: Path) -> Report:
    """Import a file, with a progress bar on a terminal.

    Raises:
        UnreadableFile: it cannot be read; nothing is imported.
        OSError: likewise.
    """
    with file.open("rb") as opened:
        return import_table(database, Table(opened), file.name)


def import_table(database: Database, table: Table, name: str, owner_id: int | None = None) -> Report:
    """Import a table, with a progress bar on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=table.size)
        return import_books(
            database,
            table,
            owner_id=owner_id,
            summary=f"import of {name}",
            progress=lambda line: progress.update(task, completed=line),
        )


def show_columns(table: Table) -> None:
    """Print which columns are read, and which are not."""
    program = f" ({table.columns.program.name})" if table.columns.program else ""
    read = ", ".join(f"{field} ← {columns}" for field, columns in table.columns.understood)
    console.print(f"Columns{program}: {read}", markup=False)
    if table.columns.passed_over:
        console.print(f"Not read: {', '.join(table.columns.passed_over)}", markup=False)


def show(name: str, table: Table, report: Report) -> None:
    """Print what was imported, and what was not."""
    console.print(
        f"{name}: {pluralize(report.total, 'row')}: {pluralize(report.created, 'book')} imported, "
        f"{report.unchanged:,} already in the catalogue, {report.failed:,} refused, "
        f"{report.passed_over.total():,} not about books.",
        markup=False,
    )
    if report.batch_id is not None:
        console.print(f"To undo this import: python -m scripts.import_books --undo {report.batch_id}")
    for remark, number in (table.remarks + report.passed_over).items():
        console.print(f"{pluralize(number, 'row')}: {remark}", markup=False)
    for repeat in report.repeats[:MOST_REPEATS]:
        equal = f"book {repeat.book_id}" if repeat.of_line is None else f"line {repeat.of_line}"
        console.print(f"  line {repeat.line}: “{repeat.title}” is {equal}", markup=False)
    if report.unchanged > MOST_REPEATS:
        console.print(f"  and {report.unchanged - MOST_REPEATS:,} more that are in the catalogue already")
    _list("Refused rows", report.errors)
    _list("Values left out of imported books", report.left_out)


def _opened(file: str) -> IO[bytes]:
    """The file, or a copy of standard input, which can be read only once."""
    if file != STANDARD_INPUT:
        return Path(file).open("rb")
    copy = TemporaryFile()  # noqa: SIM115  (the caller closes it)
    copyfileobj(sys.stdin.buffer, copy)
    return copy


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


def _list(heading: str, notes: Notes) -> None:
    """The most frequent kind comes last, so that it does not bury the others."""
    if notes:
        numbers = ", ".join(f"{field or 'row'} {number:,}" for field, number in notes.counts.items())
        console.print(f"{heading}: {numbers}", markup=False)
    listed = sorted(notes, key=lambda note: notes.counts[note.field])[:MOST_LISTED]
    for note in listed:
        console.print(f"  line {note.line}: {note}", markup=False)
    if len(notes) > len(listed):
        console.print(f"  and {len(notes) - len(listed):,} more")


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
