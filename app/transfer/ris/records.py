"""The records of a RIS file, as the many programs that write it do.

Source: "RIS Format Specifications" of Research Information Systems (2001), and the tags of its later edition (2011).
rispy has those, and reads its examples; but it loses what is not spaced as it should be, and reads files whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from rispy.config import TAG_KEY_MAPPING

from app.transfer.texts import with_short_spaces

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_RECORD = 1_000_000
"""Characters."""
TAG = re.compile(r"[ \t\ufeff]{0,8}([A-Za-z][A-Za-z0-9])(?:[ \t]{0,4}[-\u2013\u2014](?=[ \t]|$)|  -)(.*)")
"""`TY  - BOOK`, and also `TY - BOOK`, `ty- BOOK` or `TY  -BOOK`."""
NUMBERED = re.compile(r"\s*\d{1,9}\.\s*")
"""A line before each record of some programs, such as rispy."""
NO_TAG = "\u2060"
"""Word joiner: an invisible character that we write before a line that would be read as a tag."""
TOO_LONG = f"is longer than {LONGEST_RECORD:,} characters"
NO_TYPE = "does not begin with its type, such as “TY  - BOOK”"


@dataclass
class RisRecord:
    """A record.

    Attributes:
        kind: such as `BOOK`; empty if there is none.
        lines: the tags in order, each with the lines of its value.
        fault: why it cannot be read.
        stray: lines before the first tag.
        is_open: whether the next record, or the end of the file, comes before its `ER`.
        original: its lines as they are in the file; none of a record that is too long.
    """

    kind: str = ""
    lines: list[tuple[str, list[str]]] = field(default_factory=list)
    fault: str = ""
    stray: list[str] = field(default_factory=list)
    is_open: bool = False
    original: list[str] = field(default_factory=list)

    @property
    def tags(self) -> list[tuple[str, str]]:
        """The tags with their values, in order."""
        return [(tag, with_short_spaces("\n".join(lines).strip())) for tag, lines in self.lines]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was between two ends."""
        return not (self.kind or self.lines or self.fault)


def ris_records(file: IO[str]) -> Iterator[RisRecord]:
    """The records of a file from its beginning."""
    file.seek(0)
    record, length = RisRecord(), 0
    while line := file.readline(LONGEST_RECORD):
        tag, text = tag_and_text(line.rstrip("\r\n"))
        if tag == "TY" and record.kind:
            record.is_open = True
            yield record
            record, length = RisRecord(), 0
        length += len(line)
        if not record.fault:
            record.original.append(line)
        if tag == "ER":
            if not record.is_empty:
                yield record
            record, length = RisRecord(), 0
        elif length > LONGEST_RECORD:
            record.fault, record.original = TOO_LONG, []
        else:
            _add(record, tag, text)
    if not record.is_empty:
        record.is_open = True
        yield record


def tag_and_text(line: str) -> tuple[str, str]:
    """The tag of a line, and its text; a continued line has no tag. In lower case, only a known one is a tag."""
    match = TAG.match(line)
    if match is None or not (match[1].isupper() or match[1].upper() in TAG_KEY_MAPPING):
        return "", line
    return match[1].upper(), match[2]


def _add(record: RisRecord, tag: str, text: str) -> None:
    """Add a line to a record: a tag, or the continuation of the one before."""
    if tag == "TY":
        record.kind = text.strip().upper()
    elif tag:
        record.lines.append((tag, [text.strip()]))
    elif record.lines:
        record.lines[-1][1].append(text.strip())
    elif text.strip() and not NUMBERED.fullmatch(text):
        record.stray.append(text.strip())
