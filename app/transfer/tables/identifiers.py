"""Identifiers and links in the cells of a table: of a column for each kind, or of one for all, as Calibre writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.domain.identifiers import LONGEST, OF_BOOKS
from app.schemas.identifiers import MOST_IDENTIFIERS, MOST_LINKS
from app.transfer import values

if TYPE_CHECKING:
    from app.transfer.rows import Row
    from app.transfer.tables.cells import Cell, FilledCells

KINDS = ("oclc", "lccn", "doi", "issn", "olid", "asin", "wikidata")
"""Those that have columns of their own."""
OTHER_NAMES = {"amazon": "asin", "mobi-asin": "asin", "openlibrary": "olid"}
"""Calibre's names of types; `amazon_uk` and the like are those of other shops."""
BETWEEN = re.compile(r"\s*[,;|\n]\s*")
ENTRY = re.compile(r"([A-Za-z][\w-]{0,30})\s*:\s*(\S.*)")
BETWEEN_TYPES = re.compile(r"\s*[,;\n]\s*(?=[A-Za-z][\w-]{0,30}\s*:)")
ADDRESS = re.compile(r"https?://[^\s|;]+")
ISBN_AS_ASIN = re.compile(r"\d{9}[\dXx]")


def identifiers(row: Row, reading: FilledCells) -> list[dict[str, str]]:
    """The identifiers of a row, ISBNs among them if they are in a column for all kinds."""
    found: list[dict[str, str]] = []
    for kind in KINDS:
        for cell in reading.each(kind):
            for text in BETWEEN.split(cell.text, maxsplit=MOST_IDENTIFIERS):
                _add(found, row, cell, kind, text)
    for cell in reading.each("identifiers"):
        for entry in BETWEEN_TYPES.split(cell.text, maxsplit=MOST_IDENTIFIERS):
            if match := ENTRY.fullmatch(entry.strip()):
                kind = match[1].lower()
                kind = OTHER_NAMES.get(kind, "asin" if kind.startswith("amazon_") else kind)
                _add(found, row, cell, kind, match[2])
            else:
                row.leave_out("identifiers", "does not begin with a type, such as oclc:", entry, cell.column)
    return found[:MOST_IDENTIFIERS]


def links(reading: FilledCells) -> list[dict[str, str]]:
    """The addresses of a row."""
    found = dict.fromkeys(address for cell in reading.each("links") for address in ADDRESS.findall(cell.text))
    return [{"rel": "about", "href": address} for address in found][:MOST_LINKS]


def _add(found: list[dict[str, str]], row: Row, cell: Cell, kind: str, text: str) -> None:
    """Add an identifier; one of a type that the catalogue does not know keeps it: `google:zyTC`."""
    text = text.strip()
    if values.is_nothing(text) or not text.strip("0") or (kind == "asin" and ISBN_AS_ASIN.fullmatch(text)):
        return
    kind, text = (kind, text) if kind in OF_BOOKS else ("other", f"{kind}:{text}")
    try:
        entry = {"type": kind, "value": OF_BOOKS[kind](text[:LONGEST])}
    except ValueError as error:
        row.leave_out("identifiers", str(error), text, cell.column)
    else:
        found += [] if entry in found else [entry]
