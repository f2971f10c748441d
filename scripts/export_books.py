"""Export books to a file, or to standard output.

All books go out, or those that the filters match: they are those of GET /books, and all that are given must match. The
books are sorted by their ids. With --authors, JSON Lines begin with a line for each author, so that nothing of the
catalogue is missing. The file appears when it is complete: if the export fails or is interrupted, what was there before
remains.

Everything, for another catalogue: python -m scripts.export_books --authors -o catalogue.jsonl.gz

All books as a table: python -m scripts.export_books -o books.csv

What a search finds, compressed: python -m scripts.export_books --q austen --language en -o austen.jsonl.gz
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from gzip import GzipFile
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn

from app.database import open_database
from app.domain.names import pluralize
from app.queries.exports import exported, exported_authors
from app.schemas.lists import BookSearch
from app.schemas.validation_errors import faults_of_query
from app.transfer.format_detection import format_of
from app.transfer.formats import FORMATS
from scripts.console import arguments_of, failures_in_one_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from app.database import Database
    from app.transfer.formats import Format

STANDARD_OUTPUT = "-"
GZIP = ".gz"
OWN = "jsonl"
"""The service's own format, the only one that has authors."""
WRITTEN = [form.name for form in FORMATS.values() if form.write is not None]
EXIT_CODES = (
    "Exit codes: 0 if all books are in the file, 1 if the database or the disk failed, 2 if the arguments are wrong."
)
messages = Console(stderr=True, highlight=False, soft_wrap=True)
"""Standard output may be the file."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("export_books", __doc__, exit_codes=EXIT_CODES)
    parser.add_argument(
        "-o",
        "--output",
        default=STANDARD_OUTPUT,
        metavar="FILE",
        help="the file; its end names the format, and .gz compresses it; - is standard output (default)",
    )
    parser.add_argument(
        "--format", choices=WRITTEN, help="of the file (default: by its name, or jsonl, which loses nothing)"
    )
    parser.add_argument(
        "--authors", action="store_true", help="all authors, then all books: only as jsonl, and without filters"
    )
    _add_filters(parser)
    options = parser.parse_args(arguments)
    search, form = _search(parser, options), _format(parser, options)
    if options.authors and (form.name != OWN or search.model_fields_set):
        parser.error("--authors exports the whole catalogue as jsonl: it takes no filters, and no other format")
    with failures_in_one_line("export_books"):
        books, authors = export(open_database(), search, form, options.output, with_authors=options.authors)
        if options.output != STANDARD_OUTPUT:
            also = f" and {pluralize(authors, 'author')}" if options.authors else ""
            messages.print(f"{pluralize(books, 'book')}{also} exported to {options.output}", markup=False)


def export(
    database: Database, search: BookSearch, form: Format, name: str, *, with_authors: bool = False
) -> tuple[int, int]:
    """Write the file, with its progress on a terminal. Returns: how many books and authors it has."""
    numbers = {"books": 0, "authors": 0}
    with _progress() as show, _opened(name) as file:

        def count(kind: str, so_far: int) -> None:
            numbers[kind] = so_far
            show(kind, so_far)

        if with_authors:
            file.writelines(exported_authors(database.reading, form, partial(count, "authors")))
        file.writelines(exported(database.reading, search, form, partial(count, "books")))
    return numbers["books"], numbers["authors"]


def _add_filters(parser: argparse.ArgumentParser) -> None:
    """An option for each parameter of a search, of its name: `--published-from` for `published_from`."""
    filters = parser.add_argument_group("filters")
    for name, field in BookSearch.model_fields.items():
        filters.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            action="append",
            metavar="VALUE",
            help=(field.description or "").replace("%", "%%").replace("`", "").replace(" up to limit times", ""),
        )


def _search(parser: argparse.ArgumentParser, options: argparse.Namespace) -> BookSearch:
    given = {name: values for name in BookSearch.model_fields if (values := getattr(options, name)) is not None}
    for name, values in given.items():
        if name not in BookSearch.repeatable and len(values) > 1:
            parser.error(f"--{name.replace('_', '-')} may be given once")
    try:
        return BookSearch.model_validate(
            {name: values if name in BookSearch.repeatable else values[0] for name, values in given.items()}
        )
    except ValidationError as error:
        faults = faults_of_query(error)
        parser.error("; ".join(f"--{fault.name.replace('_', '-')} {fault.detail}" for fault in faults))


def _format(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Format:
    """The format that is named, or that the file's name has."""
    if options.format is not None:
        return FORMATS[options.format]
    if options.output == STANDARD_OUTPUT:
        return FORMATS[OWN]
    found = format_of(options.output)
    if found is None or found.write is None:
        parser.error(f"no format goes by that name; choose one of {', '.join(WRITTEN)} with --format")
    return found


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """The file, which appears under its name when the block ends well; or standard output."""
    if name == STANDARD_OUTPUT:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # its reader, such as `head`, has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python, which flushes it at the end
            sys.exit(1)
        return
    path = Path(name)
    if path.exists() and not path.is_file():  # a device or a pipe, which cannot be replaced
        with path.open("wb") as file, _compressed(file, name) as target:
            yield target
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("xb") as file:
            with _compressed(file, name) as target:
                yield target
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _compressed(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    if not name.lower().endswith(GZIP):
        yield file
        return
    with GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
        yield cast("IO[bytes]", packed)


@contextmanager
def _progress() -> Iterator[Callable[[str, int], object]]:
    """Shows the number of records so far, and how many a second, on a terminal only."""
    columns = (
        TextColumn("{task.completed:,.0f} {task.description}"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=messages, disable=not messages.is_terminal, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(kind: str, number: int) -> None:
            if kind not in tasks:
                tasks[kind] = progress.add_task(kind, total=None, rate="")
            task = progress.tasks[tasks[kind]]
            progress.update(task.id, completed=number, rate=f"{number / (task.elapsed or 0.001):,.0f} a second")

        yield show


if __name__ == "__main__":
    main()
