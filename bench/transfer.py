"""How fast books are imported and exported, on PostgreSQL, beside a plain COPY of the same rows.

A million seeded books are imported as JSON Lines by the real importer, with all checks, the search index, documents and
the change log; then the rows that it wrote are copied by COPY into the same tables of a fresh database. The same import
into an empty and into a full catalogue alternates part by part. Then all books are exported, and fewer in the other
formats. Writes a report. It starts a PostgreSQL of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
from rich.console import Console
from rich.progress import Progress

from app.transfer.formats import FORMATS
from bench.catalogue import Size
from bench.server import benchmark_server, described
from bench.transfer_copies import copy_in, dump
from bench.transfer_files import write_beginning, write_books
from bench.transfer_report import COPIED, EMPTY, FULL, OUT, TransferReport
from bench.transfer_work import Run, Task, alternate
from devtools.templates import drop_postgres_templates, migrated_url

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

AUTHORS_OF = 0.3
"""Authors per book."""
WRITTEN = [form.name for form in FORMATS.values() if form.write is not None]
PARTS = 20
"""Turns of imports that alternate."""
REPORT = Path(__file__).with_suffix(".md")
console = Console(soft_wrap=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.transfer", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--books", type=int, default=1_000_000, help="books of the import (%(default)s)")
    parser.add_argument("--others", type=int, help="books in each of the other formats (a twentieth of --books)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the other formats (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the catalogue (%(default)s)")
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/transfer.md)")
    options = parser.parse_args(arguments)
    others = options.others or max(options.books // 20, 1)
    with benchmark_server(None) as server, TemporaryDirectory() as folder:
        report = TransferReport(described(server, own=True), options.books, others, options.rounds)
        bench = Bench(server, Path(folder), options.books, options.seed, report)
        try:
            bench.large()
            options.report.write_text(report.markdown())  # the results so far
            bench.formats(others, options.rounds)
        finally:
            drop_postgres_templates(server)
    options.report.write_text(report.markdown())
    console.print(report.markdown(), markup=False)


@dataclass
class Bench:
    """The measurements, on a server, with files in a folder."""

    server: str
    folder: Path
    books: int
    seed: int
    report: TransferReport
    files: list[Path] = field(init=False)
    """Two files of equally many books, none of which is in both."""

    def __post_init__(self) -> None:
        """Write the files."""
        self.files = [self.folder / "first.jsonl", self.folder / "second.jsonl"]
        size = Size(2 * self.books, max(int(2 * self.books * AUTHORS_OF), 1))
        with Progress(console=console) as progress:
            for place, file in enumerate(self.files):
                numbers = range(place * self.books + 1, (place + 1) * self.books + 1)
                write_books(file, size, self.seed, numbers, progress)

    def large(self) -> None:
        """Import one file; then the other, beside it and without it; copy both, and export one."""
        every = max(self.books // PARTS, 1)
        with self._database() as full, self._database() as empty:
            self._note(alternate({EMPTY: Task("import", full, self.files[1], every=every)}, say))
            self._copy(full)
            with psycopg.connect(full, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")  # as in a catalogue that has been there for a while
            urls = {EMPTY: empty, FULL: full}
            self._note(alternate({name: Task("import", urls[name], self.files[0], every=every) for name in urls}, say))
            self._copy(empty)
            self._note(alternate({OUT: Task("export", empty, self.folder / "out.jsonl", every=every)}, say))

    def formats(self, number: int, rounds: int) -> None:
        """Export a smaller catalogue in all formats, and import each file, repeatedly."""
        beginning = self.folder / "beginning.jsonl"
        write_beginning(self.files[0], beginning, number)
        with self._database() as source:
            alternate({"to export": Task("import", source, beginning)}, say)
            for _ in range(rounds):
                for form in WRITTEN:
                    file = self.folder / f"books.{form}"
                    self._note(alternate({f"{form} out": Task("export", source, file, form)}, say))
                    with self._database() as url:
                        self._note(alternate({f"{form} in": Task("import", url, file, form)}, say))

    def _database(self) -> AbstractContextManager[str]:
        return migrated_url("postgresql", self.server, self.folder)

    def _note(self, runs: dict[str, Run]) -> None:
        for name, run in runs.items():
            self.report.runs.setdefault(name, []).append(run)

    def _copy(self, url: str) -> None:
        with self._rows_of(url) as rows, self._database() as fresh:
            run = Run(self.books, copy_in(fresh, rows))
        say(COPIED, run)
        self._note({COPIED: run})

    @contextmanager
    def _rows_of(self, url: str) -> Iterator[Path]:
        rows = self.folder / "rows"
        dump(url, rows)
        yield rows
        rmtree(rows)


def say(name: str, run: Run) -> None:
    """Print how far a run is."""
    memory = f", {run.memory:.0f} MB" if run.memory else ""
    console.print(f"{name}: {run.number:,} books, {run.rate:,.0f} a second{memory}", highlight=False)


if __name__ == "__main__":
    main()
