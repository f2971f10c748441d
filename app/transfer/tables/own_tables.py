"""Tables that the service wrote itself: their cells are taken literally; those of others are interpreted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.transfer.own_records import fill_literally
from app.transfer.tables.headers import Columns
from app.transfer.tables.own_cells import COLUMNS, LINK, RECOGNIZED_BY, SERVERS_OWN, as_it_was, split
from app.transfer.tables.programs import Program

if TYPE_CHECKING:
    from collections import Counter

    from app.transfer.rows import Row

OWN = Program("Books API", RECOGNIZED_BY)
WHOLE = re.compile(r"-?\d{1,9}(?:\.0+)?", re.ASCII)
NUMBER = re.compile(r"-?\d{1,9}(?:\.\d+)?(?:e-\d{1,3})?", re.ASCII)
"""As Python writes a number of a series, which may be as small as `1e-07`."""


def own_columns(header: list[str]) -> Columns | None:
    """The columns of the service's own table; None if it is another's."""
    if not set(header) >= RECOGNIZED_BY:
        return None
    of = {name: [[header.index(name)]] for name in COLUMNS if name in header and name not in SERVERS_OWN}
    return Columns(header, of, [name for name in header if name and name not in of], OWN)


class OwnReader:
    """Reads the rows of such a table.

    Args:
        columns: where the fields are.
        remarks: counts what is true of many rows and is said once.
    """

    def __init__(self, columns: Columns, remarks: Counter[str]) -> None:
        self._places = {name: groups[0][0] for name, groups in columns.of.items()}
        self._remarks = remarks

    def read(self, row: Row, cells: list[str]) -> None:
        """Fill in the book of a row, or why there is none."""
        texts = {name: as_it_was(cells[place]) for name, place in self._places.items()}
        fields: dict[str, Any] = {name: text or None for name, text in texts.items()}
        for name in ("published_year", "pages"):
            fields[name] = _number(texts.get(name, ""), WHOLE, int)
        fields["series_position"] = _number(texts.get("series_position", ""), NUMBER, float)
        fields["genres"] = [parts[0] for parts in split(texts.get("genres", ""))]
        fields["identifiers"] = [_identifier(parts[0]) for parts in split(texts.get("identifiers", ""))]
        fields["links"] = [_link(parts) for parts in split(texts.get("links", ""))]
        fields["contributors"] = _contributors(row, split(texts.get("contributors", "")), fields.pop("author", None))
        fill_literally(row, fields, self._remarks)


def _number(text: str, form: re.Pattern[str], kind: type[int | float]) -> int | float | str | None:
    """The number; of another text, the text, which is then left out with a note."""
    text = text.strip()
    if not text:
        return None
    return kind(float(text)) if form.fullmatch(text) else text


def _contributors(row: Row, entries: list[list[str]], author: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, *more in entries:
        one = {"name": name, "is_main": name == author}
        found.append(one | ({"role": more[0]} if more and more[0] else {}))
    if author and not any(one["is_main"] for one in found):
        if found:
            row.leave_out("author", "is not among the contributors", author)
        else:
            found = [{"name": author, "is_main": True}]
    return found


def _identifier(text: str) -> dict[str, str]:
    kind, _, value = text.partition(":")
    return {"type": kind, "value": value}


def _link(parts: list[str]) -> dict[str, str | None]:
    return {name: part or None for name, part in zip(LINK, [*parts, "", "", "", ""], strict=False)}
