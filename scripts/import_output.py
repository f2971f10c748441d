"""What `import_books` prints, and the files that it writes about the rows."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from app.domain.names import pluralize
from app.transfer.rejects import Rejects
from scripts.console import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.services.imports.reports import Notes, Report, Result
    from app.transfer.formats import Format, Source
    from app.transfer.rows import Note

MOST_LISTED = 1000
MOST_REPEATS = 10
REPORT_COLUMNS = ("row", "outcome", "title", "equals", "about", "field", "column", "value", "detail")
EXCEL = "utf-8-sig"
"""The byte order mark tells spreadsheets that it is UTF-8."""


class Rate(ProgressColumn):
    """Rows per second."""

    def render(self, task: Task) -> Text:
        """The rate of the last seconds; nothing before there is one."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def progress_of_rows() -> Progress:
    """A progress bar with the rate and the time left, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


class RowFiles(ExitStack):
    """The files of `--report` and `--rejected`, to which rows are added as they are done.

    Args:
        source: the rows of the import.
        of_format: their format.
        report: where every row goes, with all that there is to say of it.
        rejected: where the refused rows go, to be fixed and imported again.
    """

    def __init__(self, source: Source, of_format: Format, report: str | None, rejected: str | None) -> None:
        super().__init__()
        self._rejects: Rejects | None = None
        self._sinks: list[Callable[[Result], None]] = []
        if report is not None:
            table = csv.writer(self._opened(report, EXCEL))
            table.writerow(REPORT_COLUMNS)
            self._sinks.append(lambda result: table.writerows(_lines_of(result)))
        if rejected is not None:
            file = self.enter_context(Path(rejected).open("wb"))  # noqa: SIM115
            self._rejects = rejects = Rejects(file, source, of_format)
            self.callback(rejects.end)
            self._sinks.append(lambda result: rejects.add(result.row, result.errors) if result.is_refused else None)

    def add(self, result: Result) -> None:
        """Add a row."""
        for sink in self._sinks:
            sink(result)

    def show(self) -> None:
        """Print how many refused rows are not in the file of `--rejected`."""
        if self._rejects is not None and self._rejects.unwritten:
            number = pluralize(self._rejects.unwritten, "refused row")
            console.print(f"{number} could not be written to the file: what cannot be read is named above only.")

    def _opened(self, path: str, encoding: str) -> IO[str]:
        return self.enter_context(Path(path).open("w", encoding=encoding, newline=""))


def show_columns(source: Source) -> None:
    """Print which columns of a table are read, and which are not."""
    columns = getattr(source, "columns", None)
    if columns is None:
        return
    program = f" ({columns.program.name})" if columns.program else ""
    read = ", ".join(f"{field} ← {names}" for field, names in columns.understood)
    console.print(f"Columns{program}: {read}", markup=False)
    if columns.passed_over:
        console.print(f"Not read: {', '.join(columns.passed_over)}", markup=False)


def show(name: str, source: Source, report: Report, *, unit: str = "line", dry_run: bool = False) -> None:
    """Print what was imported, and what was not.

    Args:
        name: of the file.
        source: its rows.
        report: what became of them.
        unit: what the place of a row counts.
        dry_run: whether nothing was changed.
    """
    console.print(f"{name}: {numbers_of(report)}", markup=False)
    if dry_run:
        console.print("This was a dry run: nothing was changed.")
    if report.batch_id is not None:
        console.print(f"To undo this import: python -m scripts.import_books --undo {report.batch_id}")
    for remark, number in (source.remarks + report.passed_over).items():
        console.print(f"{pluralize(number, 'row')}: {remark}", markup=False)
    for repeat in report.repeats[:MOST_REPEATS]:
        console.print(f"  {unit} {repeat.row.line}: “{repeat.title}” is {repeat.equal}", markup=False)
    if report.outcomes["unchanged"] > MOST_REPEATS:
        more = report.outcomes["unchanged"] - MOST_REPEATS
        console.print(f"  and {more:,} more that are in the catalogue already")
    _list("Refused rows", report.errors, unit)
    _list("Values left out of imported books", report.left_out, unit)
    _list("Values that differ from the catalogue (--update takes them)", report.differences, unit)


def numbers_of(report: Report) -> str:
    """How many rows there are of each outcome. They add up to the first number."""
    outcomes = report.outcomes
    authors = f" and {pluralize(report.new_authors, 'author')}" if report.new_authors else ""
    parts = [
        f"{pluralize(report.created, 'book')}{authors} imported",
        *([f"{outcomes['filled']:,} filled in"] if outcomes["filled"] else []),
        *([f"{outcomes['updated']:,} updated"] if outcomes["updated"] else []),
        f"{outcomes['unchanged']:,} already in the catalogue",
        *([f"{outcomes['conflict']:,} in conflict"] if outcomes["conflict"] else []),
        f"{outcomes['failed']:,} refused",
        f"{outcomes['passed over']:,} not about books",
    ]
    return f"{pluralize(report.total, 'row')}: {', '.join(parts)}."


def _list(heading: str, notes: Notes, unit: str) -> None:
    """The most frequent kind comes last, so that it does not bury the others."""
    if notes:
        numbers = ", ".join(f"{field or 'row'} {number:,}" for field, number in notes.counts.items())
        console.print(f"{heading}: {numbers}", markup=False)
    listed = sorted(notes, key=lambda note: notes.counts[note.field])[:MOST_LISTED]
    for note in listed:
        console.print(f"  {unit} {note.line}: {note}", markup=False)
    if len(notes) > len(listed):
        console.print(f"  and {len(notes) - len(listed):,} more")


def _lines_of(result: Result) -> Iterator[list[str]]:
    """The lines of the report about a row: one for each note, or one without."""
    about = {"refused": result.errors, "left out": result.row.left_out, "differs": result.differences}
    notes: list[tuple[str, Note | None]] = [(kind, note) for kind, some in about.items() for note in some]
    equals = "" if result.outcome in {"failed", "passed over"} else result.equal
    begin = [str(result.row.line), result.outcome, result.title, equals if "None" not in equals else ""]
    for kind, note in notes or [("", None)]:
        if note is None:
            yield [*begin, "", ", ".join(result.taken), "", "", result.row.passed_over]
        else:
            yield [*begin, kind, note.field, note.column, note.value, note.detail]
