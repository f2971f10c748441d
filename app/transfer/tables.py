"""CSV and TSV, with columns recognized by their usual names."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

from app.domain.names import fold
from app.errors import UnreadableFile
from app.schemas.imports import BookRow
from app.schemas.validation_errors import words
from app.transfer import cells
from app.transfer.rows import Note, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = {
    "title": ["title", "book_title", "name", "original_title"],
    "subtitle": ["subtitle"],
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
    "language": ["language", "language_code", "lang"],
    "publisher": ["publisher"],
    "description": ["description", "summary"],
    "pages": ["pages", "num_pages", "number_of_pages", "page_count"],
    "series": ["series", "series_name"],
    "series_position": ["series_position", "series_number", "series_index"],
    "cover_url": ["cover_url", "image_url", "cover"],
    "genres": ["genres", "genre", "categories", "subjects"],
}
"""The column names of each field, the preferred ones first."""

DELIMITERS = ",\t;"
"""Recognized delimiters. Spreadsheets write semicolons in locales with a decimal comma."""

LONGEST_CELL = 1_000_000
FIELD_NAMES = {"authors": "author"}


def read_table(file: IO[str]) -> Iterator[Row]:
    """The rows of a CSV or TSV file with a header.

    The header is line 1; a row's line is the one it begins on.

    Args:
        file: opened with `newline=""`, in UTF-8.

    Raises:
        UnreadableFile: the format is another, or there is no column for the title or the author.
    """
    csv.field_size_limit(LONGEST_CELL)
    begins = 1
    try:
        first = file.readline()
        delimiter = max(DELIMITERS, key=first.count)
        header = next(csv.reader([first], delimiter=delimiter, strict=True), [])
        columns = _find_columns(header)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        begins = 2
        for row in reader:
            if row:
                yield _read_row(begins, header, columns, row)
            begins = reader.line_num + 2
    except csv.Error as error:
        msg = f"line {begins}: {error}"
        raise UnreadableFile(msg) from None
    except UnicodeDecodeError:
        msg = "the file is not in UTF-8; in a spreadsheet, save it as 'CSV UTF-8'"
        raise UnreadableFile(msg) from None


def _find_columns(header: list[str]) -> dict[str, list[str]]:
    """The columns of each field, the preferred ones first."""
    known = {fold(name).replace(" ", "_").replace("-", "_"): name for name in header}
    columns = {field: [known[name] for name in names if name in known] for field, names in COLUMNS.items()}
    for needed in ("title", "author"):
        if not columns[needed]:
            msg = f"line 1: no column for the {needed}; expected one of: {', '.join(COLUMNS[needed])}"
            raise UnreadableFile(msg)
    return columns


def _read_row(line: int, header: list[str], columns: dict[str, list[str]], cells_of_row: list[str]) -> Row:
    row = Row(line)
    if len(cells_of_row) != len(header):
        row.errors.append(Note(line, "", f"has {len(cells_of_row)} cells where the header has {len(header)}"))
        return row
    values = dict(zip(header, cells_of_row, strict=True))
    filled = {
        name: [
            (column, values[column].strip() if name == "description" else cells.one_line(values[column]))
            for column in known
            if not cells.is_missing(name, values[column])
        ]
        for name, known in columns.items()
    }
    try:
        row.book = _book(filled, row)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        row.errors += [
            Note(line, FIELD_NAMES.get(name := str(detail["loc"][0]), name), words(detail)) for detail in details
        ]
    return row


def _book(filled: dict[str, list[tuple[str, str]]], row: Row) -> BookRow:
    """The book of a row, from the non-empty columns of each field.

    Raises:
        ValidationError: it violates a rule of the catalogue.
    """

    def first(name: str) -> str:
        return filled[name][0][1] if filled[name] else ""

    title = cells.titled(first("title"), row) if not filled["series"] else cells.Titled(first("title"))
    position = cells.number("series_position", first("series_position"), row)
    return BookRow(
        title=title.title,
        subtitle=first("subtitle") or None,
        authors=cells.authors(*filled["author"][0]) if filled["author"] else [],
        isbn=cells.isbn([text for _, text in filled["isbn"]], row),
        published_year=cells.year(first("published_year"), row),
        language=cells.language(first("language"), row),
        publisher=first("publisher") or None,
        description=first("description") or None,
        pages=cells.whole("pages", first("pages"), row),
        series=first("series") or title.series,
        series_position=title.series_position if position is None else position,
        cover_url=first("cover_url") or None,
        genres=cells.several(first("genres")),
    )
