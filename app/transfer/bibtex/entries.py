"""The entries of a BibTeX file, one after the other. One that is damaged costs nothing but itself.

bibtexparser reads what lies between two lines that begin with `@word{`: a brace that is not closed ends there.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ImplicitComment, ParsingFailedBlock, String
from bibtexparser.splitter import Splitter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bibtexparser.model import Block

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # faults are in the report of the import

LONGEST_ENTRY = 1_000_000
"""Characters, up to the line where the next one begins."""
BEGINNING = re.compile(r"\s*@(\w+)[ \t]*[{(]")
NOT_ENTRIES = re.compile(r"\s*@(?:comment|preamble)\b", re.IGNORECASE)
MOST_NOTES = 100
"""Of one entry."""
LONGEST_MACRO = 1_000
"""Characters: an entry of a hundred bytes may use thirty."""
MOST_MACROS = 5_000
MOST_WRITTEN_OUT = 20_000_000
"""Characters of abbreviations that are written out, in all of a file."""
MOST_MARKS = 5_000
"""At signs up to the line where the next entry begins: some programs write all entries on one line, and each that is
damaged takes a kilobyte."""
WRITTEN_OUT = "uses an abbreviation, of which the file has more than can be written out"
TOO_MANY = f"has more than {MOST_MARKS:,} at signs up to the line where the next one begins"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TOO_LONG = f"is longer than {LONGEST_ENTRY:,} characters"
NOT_CLOSED = "is not closed where the next one begins: a brace or a quotation mark is missing"
STRAY = re.compile(r"\w\s*=")
"""What a field looks like, outside of any entry."""
NEXT_FIELD = re.compile(r"\s*+([A-Za-z][\w-]*+)\s*+=")
TOKEN = re.compile(r'\{|"|#|[^{}"#\s]+')

MARK = re.compile(r'\\.|[{}"]', re.DOTALL)


@dataclass
class BibEntry:
    """An entry.

    Attributes:
        kind: in lower case, such as `book`.
        key: of citations.
        fields: in TeX, by their names in lower case.
        notes: of fields: their name, what is wrong, and what they say.
        fault: why it cannot be read.
        text: as it is in the file; of one that is too long, the beginning.
        macros: the abbreviations that it uses, written out.
    """

    kind: str = ""
    key: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    fault: str = ""
    text: str = ""
    macros: dict[str, str] = field(default_factory=dict)

    def original(self) -> str:
        """The entry as it is in the file, with the abbreviations that it uses; empty if it is too long."""
        if self.fault == TOO_LONG:
            return ""
        used = "".join(f"@string{{{name} = {{{tex}}}}}\n" for name, tex in self.macros.items())
        return f"{used}{self.text.strip()}\n"


class Macros(dict[str, str]):
    """The abbreviations of a file, written out."""

    left = MOST_WRITTEN_OUT

    def written_out(self, name: str) -> str:
        """An abbreviation; empty if all those that were written out are too long together."""
        self.left -= len(self[name])
        return self[name] if self.left > 0 else ""


def chunks(file: IO[str]) -> Iterator[str]:
    """What lies between two lines on which an entry may begin; of what is too long, only the beginning and more."""
    lines: list[str] = []
    length = 0
    at_start = True
    while line := file.readline(LONGEST_ENTRY):
        if at_start and lines and BEGINNING.match(line):
            yield "".join(lines)
            lines, length = [], 0
        if length <= LONGEST_ENTRY:
            lines.append(line)
            length += len(line)
        at_start = line[-1] in "\r\n"
    yield "".join(lines)


def entries(file: IO[str]) -> Iterator[BibEntry]:
    """The entries of a file from its beginning, with the abbreviations of `@string` written out."""
    file.seek(0)
    macros = Macros({name: str(place) for place, name in enumerate(MONTHS, start=1)})
    for chunk in chunks(file):
        if len(chunk) > LONGEST_ENTRY:
            yield BibEntry(fault=TOO_LONG, text=chunk)
        elif chunk.count("@") > MOST_MARKS:
            yield BibEntry(fault=TOO_MANY, text=chunk)
        elif "@" in chunk:
            yield from _entries_in(chunk, macros)


def _entries_in(chunk: str, macros: Macros) -> Iterator[BibEntry]:
    last: BibEntry | None = None
    for block in Splitter(chunk).split().blocks:
        if isinstance(block, String):
            _define(block, macros)
            continue
        found = _entry_of(block, macros)
        if found is not None:
            if last is not None:
                yield last
            last = found
        elif last is not None and isinstance(block, ImplicitComment) and STRAY.search(block.comment) and not last.fault:
            last.notes.append(("", "is followed by text outside of any entry", block.comment))
    if last is not None:
        yield last


def _entry_of(block: Block, macros: Macros) -> BibEntry | None:
    """The entry of a block; None of a comment."""
    entry = block.ignore_error_block if isinstance(block, DuplicateFieldKeyBlock) else block
    if isinstance(entry, Entry):
        return _expanded(entry, macros)
    if isinstance(block, ParsingFailedBlock) and not NOT_ENTRIES.match(block.raw or ""):
        reason = str(getattr(block.error, "abort_reason", "")).replace("`", "“", 1).replace("`", "”", 1)
        unclosed = not reason or "Unexpected" in reason
        fault = NOT_CLOSED if unclosed else f"is damaged: {reason.lower()}".rstrip(". ")
        return BibEntry(fault=fault, text=block.raw or "")
    return None


def _expanded(block: Entry, macros: Macros) -> BibEntry:
    entry = BibEntry(block.entry_type.lower(), block.key.strip(), text=block.raw or "")
    for one in block.fields:
        for name, text in _parted(one.key.strip().lower(), one.value):
            _add(entry, name, text, macros)
    return entry


def _add(entry: BibEntry, name: str, text: str, macros: Macros) -> None:
    value, fault = _value(text, macros, entry.macros)
    if fault and len(entry.notes) < MOST_NOTES:
        entry.notes.append((name, fault, text))
    if name not in entry.fields:
        entry.fields[name] = value
    elif entry.fields[name] != value and len(entry.notes) < MOST_NOTES:
        entry.notes.append((name, "is given twice, and the first is kept", value))


def _parted(name: str, text: str) -> Iterator[tuple[str, str]]:
    """A field's name and value; of several fields, if the commas between them are missing: `{Emma} year = 1815`."""
    start = place = 0
    while match := TOKEN.search(text, place):
        mark, place = match[0], match.end()
        if mark in {"{", '"'}:
            place = _end(text, place, "}" if mark == "{" else '"') + 1
        if mark != "#" and (following := NEXT_FIELD.match(text, place)):
            yield name, text[start:place]
            name, start = following[1].lower(), following.end()
            place = start
    yield name, text[start:]


def _define(block: String, macros: Macros) -> None:
    """Remember an abbreviation. One that would grow without end keeps its beginning."""
    if len(macros) < MOST_MACROS:
        macros[block.key.strip().lower()] = _value(block.value, macros)[0][:LONGEST_MACRO]


def _value(text: str, macros: Macros, used: dict[str, str] | None = None) -> tuple[str, str]:
    """The TeX of a value such as `"a" # cup # {b}`, and what is wrong with it.

    Args:
        text: the value.
        macros: the abbreviations, written out.
        used: where those that occur are added.
    """
    parts: list[str] = []
    fault = ""
    length = place = 0
    while (match := TOKEN.search(text, place)) and length <= LONGEST_ENTRY:
        mark, place = match[0], match.end()
        if mark in {"{", '"'}:
            end = _end(text, place, "}" if mark == "{" else '"')
            part, place = text[place:end], end + 1
        elif mark == "#":
            continue
        elif mark.lower() in macros:
            part = macros.written_out(mark.lower())
            fault = fault if macros.left > 0 else WRITTEN_OUT
            if used is not None and mark.lower() not in MONTHS:
                used[mark.lower()] = part
        else:
            part = mark if not parts or not fault else f" {mark}"
            fault = fault if mark.isdecimal() else f"uses “{mark[:40]}”, which no @string defines"
        parts.append(part)
        length += len(part)
    return "".join(parts), fault


def _end(text: str, place: int, closing: str) -> int:
    """Where a value ends that begins at a place: at its closing mark, outside of braces."""
    depth = 0
    for mark in MARK.finditer(text, place):
        if mark[0] == closing and depth == 0:
            return mark.start()
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
    return len(text)
