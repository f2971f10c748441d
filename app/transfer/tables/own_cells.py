"""The columns of the service's own CSV, and how their cells are written, so that they can be read without a guess.

Within a cell `;` separates entries, and `|` the parts of an entry; a backslash before one of these, or before another
backslash, takes its meaning from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = (
    *("id", "title", "subtitle", "author", "contributors", "isbn", "published_year", "language", "publisher"),
    *("description", "pages", "series", "series_position", "cover_url", "genres", "created_at", "updated_at"),
    *("created_by", "version", "sort_title", "published", "identifiers", "links", "call_number", "location"),
)
"""The fields of a book; `author` is the name of the main author, whose id means nothing elsewhere."""
SERVERS_OWN = frozenset({"id", "created_at", "updated_at", "created_by", "version"})
"""Columns for people, which are not read."""
RECOGNIZED_BY = frozenset({"title", "author", "contributors", "genres", *SERVERS_OWN})
"""A table with all these columns, spelled so, is the service's own, even if others were removed or added."""
LINK = ("rel", "href", "type", "title")

ENTRIES, PARTS = ";", "|"
SPECIAL = re.compile(r"([\\;|])")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""Beginnings of cells that a spreadsheet would take for a formula (OWASP, CSV Injection), and those that an apostrophe
protects already."""


def defused(text: str) -> str:
    """The text of a cell; behind an apostrophe if a spreadsheet would calculate it."""
    return f"'{text}" if FORMULA.match(text) else text


def as_it_was(cell: str) -> str:
    """The text that was defused."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def joined(entries: Iterable[Sequence[str | None]]) -> str:
    """A cell with entries of several parts; empty parts at the end of one are left out."""
    return ENTRIES.join(PARTS.join(map(_escaped, _without_empty_end(entry))) for entry in entries)


def split(cell: str) -> list[list[str]]:
    """The entries that were joined, each as its parts."""
    return [[ESCAPED.sub(r"\1", part) for part in _pieces(entry, PARTS)] for entry in _pieces(cell, ENTRIES) if entry]


def _without_empty_end(entry: Sequence[str | None]) -> Sequence[str | None]:
    filled = [place for place, part in enumerate(entry, 1) if part]
    return entry[: filled[-1]] if filled else ()


def _escaped(part: str | None) -> str:
    return SPECIAL.sub(r"\\\1", part or "")


def _pieces(text: str, mark: str) -> list[str]:
    """The text between marks that no backslash precedes, with its backslashes."""
    if mark not in text:
        return [text]
    pieces, begin, place = [], 0, 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] == mark:
            pieces.append(text[begin:place])
            begin = place + 1
        place += 1
    return [*pieces, text[begin:]]
