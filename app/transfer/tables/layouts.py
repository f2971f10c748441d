"""How a table is laid out: its delimiter, and the line of its header."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import IO, TYPE_CHECKING

from app.errors import UnreadableFile
from app.transfer.tables.headers import Columns, columns_of
from app.transfer.tables.own_tables import own_columns
from app.transfer.tables.records import Record, records

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIMITERS = ",;\t|"
"""Spreadsheets write semicolons in locales with a decimal comma."""
BEGINNING = 200_000
"""Characters among which the header is looked for."""
MOST_COLUMNS = 1_000
"""Columns of a table: each of its rows takes as much memory."""
LONGEST_NAME = 500
"""Characters of the name of a column, which notes on its cells repeat."""
MOST_BEFORE = 20
"""Records that may precede the header: a title, the name of a library."""


@dataclass(frozen=True)
class Layout:
    """The layout of a table.

    Attributes:
        delimiter: between cells.
        line: of the header.
        columns: what they mean.
    """

    delimiter: str
    line: int
    columns: Columns


def layout_of(file: IO[str], mapping: dict[str, str] | None = None) -> Layout:
    """Find the header: the first line with the most columns that are understood, by any delimiter.

    Raises:
        UnreadableFile: no line names a title and an author.
    """
    file.seek(0)
    text = file.read(BEGINNING)
    candidates = [
        (delimiter, record)
        for delimiter in _delimiters(text)
        for record in islice(records(StringIO(text, newline=""), delimiter), MOST_BEFORE)
    ]
    return best_layout(candidates, mapping)


def best_layout(candidates: Sequence[tuple[str, Record]], mapping: dict[str, str] | None = None) -> Layout:
    """The layout by the best header.

    Args:
        candidates: the first records of a table, each with its delimiter.
        mapping: names of columns by fields.

    Raises:
        UnreadableFile: none names a title and an author.
    """
    if not candidates:
        msg = "the file is empty"
        raise UnreadableFile(msg)
    possible = [(delimiter, record) for delimiter, record in candidates if _is_moderate(record)]
    if not possible:
        msg = (
            f"line {candidates[0][1].line}: no header, which has at most {MOST_COLUMNS:,} columns, with names of at "
            f"most {LONGEST_NAME} characters"
        )
        raise UnreadableFile(msg)
    delimiter, header = max(possible, key=lambda candidate: _score(candidate[1]))
    if mapping:
        delimiter, header = max(possible, key=lambda one: (_has_columns(one[1], mapping), _score(one[1])))
    if not mapping and (own := own_columns(header.cells)):
        return Layout(delimiter, header.line, own)
    columns = columns_of(header.cells, mapping)
    _require_needed(columns, header, mapping or {})
    return Layout(delimiter, header.line, columns)


def _delimiters(text: str) -> str:
    """All of them, or the one that a first line such as `sep=;` names."""
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip().strip('"').lower()
    return first[4] if first.startswith("sep=") and len(first) == 5 else DELIMITERS  # noqa: PLR2004  (`sep=` and the mark)


def _is_moderate(record: Record) -> bool:
    """Whether a record can be a header; it takes long to compare the names of longer ones."""
    return len(record.cells) <= MOST_COLUMNS and max(map(len, record.cells), default=0) <= LONGEST_NAME


def _score(record: Record) -> tuple[bool, int]:
    columns = columns_of(record.cells)
    return "title" in columns.of and columns.has_author, len(columns.of) * 2 + ("title" in columns.of)


def _has_columns(record: Record, mapping: dict[str, str]) -> int:
    names = {" ".join(cell.split()).casefold() for cell in record.cells}
    return sum(" ".join(name.split()).casefold() in names for name in mapping.values() if name)


def _require_needed(columns: Columns, header: Record, mapping: dict[str, str]) -> None:
    found = f"the columns are: {', '.join(filter(None, columns.header))[:300]}"
    if "title" not in columns.of:
        msg = f"line {header.line}: no column for the title; {found}; name it with --map title=COLUMN"
        raise UnreadableFile(msg)
    if not columns.has_author and mapping.get("author") != "":
        msg = (
            f"line {header.line}: no column for the author; {found}; name it with --map author=COLUMN, or say with "
            "--map author= that there is none"
        )
        raise UnreadableFile(msg)
