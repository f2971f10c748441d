"""Import books from a file: CSV, TSV, Excel, JSON Lines, MARC, MARCXML, BibTeX, RIS or CSL-JSON.

The columns of a table are recognized by the names that people and programs give them (title, author, isbn, year,
genres, …; exports of Goodreads, StoryGraph, LibraryThing, Calibre, Libib and others), whatever their order; --map names
others. The report begins with the columns that are read and those that are not. A row without a title is refused, and
so is one whose ISBN belongs to a book with another title; any other value that cannot be read is left out, and reported
by line. A book that is there already has its empty fields filled in. Importing the same file again creates nothing.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
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
from app.services.imports.importer import Importer, operators_transactions
from app.services.imports.reports import Report
from app.services.undo.batches import find_batch, plan_of, slices_of, undo_slices
from app.transfer.format_detection import format_of_file
from app.transfer.formats import FORMATS
from app.transfer.tables.table import Table
from scripts.console import arguments_of, console, failures_in_one_line, many_records
from scripts.import_output import RowFiles, numbers_of, progress_of_rows, show, show_columns

if TYPE_CHECKING:
    from app.database import Database
    from app.transfer.formats import Source

STANDARD_INPUT = "-"
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
        help="a table (CSV, TSV, Excel), JSON Lines, MARC, MARCXML, BibTeX, RIS or CSL-JSON, possibly gzipped; - is "
        "standard input",
    )
    what.add_argument("--undo", type=int, metavar="BATCH", help="undo an import, by the number that it printed")
    parser.add_argument(
        "--format", choices=FORMATS, help="by default that of the file's name, or what the file looks like"
    )
    parser.add_argument("--owner", metavar="USERNAME", help="the user who owns the new books, and may delete them")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="read a field from this column, such as --map isbn=EAN; repeatable; --map author= if there is no author",
    )
    parser.add_argument(
        "--update", action="store_true", help="take values that differ; by default only empty fields are filled in"
    )
    parser.add_argument("--dry-run", action="store_true", help="report what would be done, and change nothing")
    parser.add_argument("--report", metavar="FILE", help="write what became of every row to this CSV file")
    parser.add_argument(
        "--rejected",
        metavar="FILE",
        help="write the refused rows to this file, to fix them and import it (tables, JSON Lines, MARC)",
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
    name = Path(options.file).name
    with ExitStack() as opened:
        with failures_in_one_line("import_books", code=2):
            file = opened.enter_context(_opened(options.file))
            of_format = FORMATS[options.format] if options.format else format_of_file(file, name)
            source = of_format.reader(file, options.encoding, mapping)
            rows = opened.enter_context(RowFiles(source, of_format, options.report, options.rejected))
        show_columns(source)
        with failures_in_one_line("import_books"):
            importer = Importer(
                operators_transactions(database, owner_id),
                f"import of {name}",
                of_format.unit,
                update=options.update,
                dry_run=options.dry_run,
                keep_originals=True,
                on_result=rows.add,
            )
            report = _import(importer, source, name)
        show(name, source, report, unit=of_format.unit, dry_run=options.dry_run)
        rows.show()
    if report.refused:
        sys.exit(1)


def import_file(database: Database, file: Path) -> Report:
    """Import a file, with a progress bar on a terminal.

    Raises:
        UnreadableFile: it cannot be read; nothing is imported.
        OSError: likewise.
    """
    with file.open("rb") as opened:
        return _import(Importer(operators_transactions(database), f"import of {file.name}"), Table(opened), file.name)


def _import(importer: Importer, source: Source, name: str) -> Report:
    """Import a file, with a progress bar on a terminal. Ctrl-C ends it after what was committed."""
    so_far = Report()
    with progress_of_rows() as progress:
        task = progress.add_task(name, total=source.size)

        def on_chunk(line: int, report: Report) -> None:
            nonlocal so_far
            so_far = report
            progress.update(task, completed=line)

        try:
            with many_records():
                return replace(importer, on_chunk=on_chunk).run(source)
        except KeyboardInterrupt:
            progress.stop()
            console.print(f"Interrupted. {name} so far: {numbers_of(so_far)}", markup=False)
            console.print("Import the file again to go on: what is in the catalogue is found there.")
            if so_far.batch_id is not None:
                console.print(f"To undo it: python -m scripts.import_books --undo {so_far.batch_id}")
            sys.exit(1)


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
