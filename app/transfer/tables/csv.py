"""CSV as the service writes it: RFC 4180 in UTF-8, with the fields of a book as columns.

`app.transfer.tables.own_tables` reads it back without loss. In a spreadsheet no cell of it is a formula.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from app.transfer.tables.own_cells import COLUMNS, LINK, defused, joined

if TYPE_CHECKING:
    from collections.abc import Callable

LINE_END = "\r\n"
HEADER = f"{','.join(COLUMNS)}{LINE_END}".encode()
NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$')
"""RFC 4180, section 2, rule 6; and spaces at the ends, which some programs would strip."""


def write(document: str) -> bytes:
    """One book, from its document."""
    book = from_json(document)
    return f"{','.join([_quoted(_text(book, name)) for name in COLUMNS])}{LINE_END}".encode()


def _text(book: dict[str, Any], name: str) -> str:
    """The text of a cell. Numbers need not be defused: none of them calculates anything."""
    value = CELLS[name](book) if name in CELLS else book.get(name)
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return defused(value) if isinstance(value, str) else str(value)


def _quoted(cell: str) -> str:
    if NEEDS_QUOTES.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _main_author(book: dict[str, Any]) -> str:
    return next((one["name"] for one in book["contributors"] if one["author_id"] == book["author_id"]), "")


CELLS: dict[str, Callable[[dict[str, Any]], str]] = {
    "author": _main_author,
    "contributors": lambda book: joined((one["name"], one["role"]) for one in book["contributors"]),
    "genres": lambda book: joined((name,) for name in book["genres"]),
    "identifiers": lambda book: joined((f"{one['type']}:{one['value']}",) for one in book.get("identifiers") or ()),
    "links": lambda book: joined([link[part] for part in LINK] for link in book.get("links") or ()),
}
"""The cells that are not simply the value of a field."""
