"""CSV and TSV: columns by the names that people give them, and values as spreadsheets leave them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

from app.errors import UnreadableFile
from app.isbn import restore_isbn10
from app.schemas.faults import words
from app.schemas.imports import BookRow
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = {
    "title": ["title", "book_title", "name", "original_title"],
    "author": ["author", "author_name", "creator", "authors"],
    "isbn": ["isbn13", "isbn_13", "isbn", "isbn10", "isbn_10"],
    "published_year": [
        "published_year",
        "original_publication_year",
        "publication_year",
        "year",
        "publication_date",
        "published",
        "first_published",
    ],
    "genres": ["genres", "genre", "categories", "subjects"],
}
"""The names under which a field is found, the best first."""

LONGEST_CELL = 1_000_000
WHOLE_YEAR = re.compile(r"([+-]?\d{1,4})(?:\.0+)?")
DATE = re.compile(r"([+-]?\d{4})-\d{2}(?:-\d{2})?")
FLOAT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True)
class Note:
    """What is wrong with a row, or could not be kept of it."""

    line: int
    field: str
    detail: str


@dataclass
class Row:
    """A row: the book, unless it is wrong; and what there is to say about it."""

    line: int
    book: BookRow | None = None
    errors: list[Note] = field(default_factory=list)
    left_out: list[Note] = field(default_factory=list)


def read_table(file: IO[str]) -> Iterator[Row]:
    """The rows of a CSV or TSV file with a header. The header is line 1; a row's line is the one it begins on.

    Args:
        file: opened with `newline=""`, in UTF-8.

    Raises:
        UnreadableFile: it is not such a file, or has no column for the title or the author.
    """
    csv.field_size_limit(LONGEST_CELL)
    begins = 1
    try:
        first = file.readline()
        delimiter = "\t" if first.count("\t") > first.count(",") else ","
        header = next(csv.reader([first], delimiter=delimiter, strict=True), [])
        columns = _find_columns(header)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        begins = 2
        for cells in reader:
            if cells:
                yield _read_row(begins, header, columns, cells)
            begins = reader.line_num + 2
    except csv.Error as error:
        msg = f"line {begins}: {error}"
        raise UnreadableFile(msg) from None
    except UnicodeDecodeError:
        msg = "the file is not in UTF-8"
        raise UnreadableFile(msg) from None


def _find_columns(header: list[str]) -> dict[str, list[str]]:
    """For each field the columns that may hold it, the best first."""
    known = {fold(name).replace(" ", "_").replace("-", "_"): name for name in header}
    columns = {field: [known[name] for name in names if name in known] for field, names in COLUMNS.items()}
    for needed in ("title", "author"):
        if not columns[needed]:
            msg = f"line 1: there is no column for the {needed}; one of these would do: {', '.join(COLUMNS[needed])}"
            raise UnreadableFile(msg)
    return columns


def _read_row(line: int, header: list[str], columns: dict[str, list[str]], cells: list[str]) -> Row:
    row = Row(line)
    if len(cells) != len(header):
        row.errors.append(Note(line, "", f"has {len(cells)} cells where the header has {len(header)}"))
        return row
    values = dict(zip(header, cells, strict=True))

    def first(name: str) -> tuple[str, str]:
        """The first column of a field that says something."""
        filled = [(column, values[column].strip()) for column in columns[name] if values[column].strip()]
        return filled[0] if filled else ("", "")

    try:
        row.book = BookRow(
            title=first("title")[1],
            author=_author(*first("author"), row),
            isbn=_isbn([values[column].strip() for column in columns["isbn"]], row),
            published_year=_year(first("published_year")[1], row),
            genres=[name for name in re.split(r"[;|]", first("genres")[1]) if name.strip()],
        )
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        row.errors += [Note(line, str(detail["loc"][0]), words(detail)) for detail in details]
    return row


def _author(column: str, names: str, row: Row) -> str:
    """The first of several; a column called `authors` separates them by semicolons, or else by commas."""
    separator = ";" if ";" in names else ","
    if fold(column) != "authors" and separator == ",":
        return " ".join(names.split())
    everyone = [" ".join(name.split()) for name in names.split(separator) if name.strip()]
    if len(everyone) > 1:
        row.left_out.append(Note(row.line, "author", f"{len(everyone) - 1} more"))
    return everyone[0] if everyone else ""


def _isbn(candidates: list[str], row: Row) -> str | None:
    """The first ISBN whose check digit proves it, also where a spreadsheet took its leading zeros."""
    fault = None
    for text in filter(None, candidates):
        if FLOAT.fullmatch(text):
            continue  # a spreadsheet's number: the last digits are gone for good
        try:
            return restore_isbn10(text)
        except ValueError as error:
            fault = fault or str(error)
    if fault is not None:
        row.left_out.append(Note(row.line, "isbn", fault))
    return None


def _year(text: str, row: Row) -> int | None:
    """A year, also as `2008.0`, or the year of a date."""
    match = WHOLE_YEAR.fullmatch(text) or DATE.fullmatch(text)
    if match:
        return int(match[1])
    if text and fold(text) not in {"na", "n/a", "nan", "null", "none", "?"}:
        row.left_out.append(Note(row.line, "published_year", "is not a year"))
    return None
