"""Tables of a test, read."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from app.transfer.tables.table import Table

if TYPE_CHECKING:
    from app.schemas.imported_books import BookRow
    from app.transfer.rows import Row


def table_of(text: str, **mapping: str) -> Table:
    """A table with this text."""
    return Table(BytesIO(text.encode()), mapping=mapping)


def rows_of(text: str) -> list[Row]:
    """The rows of a table with this text."""
    return list(table_of(text))


def only_row(**cells: str) -> Row:
    """The one row of a table with these cells, by the names of their columns; title and author have defaults."""
    named = {name.casefold() for name in cells}
    columns = cells if named & {"author", "authors"} else {"author": "Jane Austen"} | cells
    columns = columns if "title" in named else {"title": "Emma"} | columns
    (row,) = rows_of(as_csv([list(columns), list(columns.values())]))
    return row


def only_book(**cells: str) -> BookRow:
    """The book of that row, of which nothing was left out."""
    row = only_row(**cells)
    assert (row.errors, row.left_out) == ([], [])
    assert row.book is not None
    return row.book


def as_csv(records: list[list[str]]) -> str:
    """The records as CSV, every cell quoted."""
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(records)
    return text.getvalue()


def names_in(book: BookRow) -> list[str]:
    """The names of a book's contributors, each with its role unless it is the author."""
    return [person.name + (f" ({person.role})" if person.role != "aut" else "") for person in book.contributors]


def left_out(row: Row) -> list[tuple[str, str]]:
    """What could not be kept of a row."""
    assert row.book is not None
    return [(note.field, note.detail) for note in row.left_out]
