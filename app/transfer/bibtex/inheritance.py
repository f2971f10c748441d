"""What BibTeX entries inherit from others, by `crossref` and `xdata`."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from app.transfer.bibtex.entries import BibEntry, chunks, entries

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = re.compile(r"\b(?:crossref|xdata)\s*=\s*[{\"]([^{}\"]{1,500})[}\"]", re.IGNORECASE)
MOST_CHARACTERS = 20_000_000
"""Of all entries that others inherit from."""
DEEPEST = 5
"""An entry of an entry of an entry, and so on."""
NOT_INHERITED = {
    *("crossref", "xref", "xdata", "ids", "entryset", "execute", "label", "options", "presort", "related"),
    *("relatedoptions", "relatedstring", "relatedtype", "shorthand", "sortkey", "keywords", "annotation", "abstract"),
}
OF_WHOLE = {"title": "maintitle", "subtitle": "mainsubtitle", "titleaddon": "maintitleaddon"}
OF_VOLUME = {"title": "booktitle", "subtitle": "booksubtitle", "titleaddon": "booktitleaddon"}
NOT_OF_WHOLE = {"shorttitle", "sorttitle", "indextitle", "indexsorttitle", "isbn", "doi", "url", "pagetotal", "volume"}
"""The rules of biblatex (appendix B); identifiers and pages are those of the parent alone."""


class Parents:
    """The entries of a file that others inherit from.

    Args:
        file: is read from its beginning, twice if there are any.
    """

    def __init__(self, file: IO[str]) -> None:
        file.seek(0)
        wanted: set[str] = set()
        self.size = 0
        for chunk in chunks(file):
            self.size += "@" in chunk
            if len(wanted) < MOST_CHARACTERS // 500:
                wanted.update(key for found in REFERENCE.findall(chunk) for key in _keys(found))
        self._entries: dict[str, BibEntry] = {}
        if wanted:
            self._collect(entries(file), wanted)

    def _collect(self, found: Iterator[BibEntry], wanted: set[str]) -> None:
        budget = MOST_CHARACTERS
        for entry in found:
            if entry.key.lower() in wanted and not entry.fault:
                budget -= len(entry.text) + sum(map(len, entry.fields.values()))
                if budget < 0:
                    return
                self._entries.setdefault(entry.key.lower(), entry)

    def inherit(self, entry: BibEntry) -> dict[str, str]:
        """The fields of an entry, and those that it inherits. What cannot be found is noted at the entry."""
        fields = dict(entry.fields)
        self._add(entry, entry, fields, DEEPEST, {entry.key.lower()})
        return fields

    def _add(self, entry: BibEntry, child: BibEntry, fields: dict[str, str], depth: int, seen: set[str]) -> None:
        for name in ("xdata", "crossref"):
            for key in _keys(child.fields.get(name, "")):
                if key in seen or not depth:
                    entry.notes.append((name, "leads back to itself, or through too many entries", key))
                    continue
                seen.add(key)
                parent = self._entries.get(key)
                if parent is None:
                    entry.notes.append((name, "is not the key of an entry of the file that can be read", key))
                    continue
                inherited = dict(parent.fields)
                self._add(entry, parent, inherited, depth - 1, seen)
                renamed = inherited if name == "xdata" else _inherited(parent.kind, child.kind, inherited)
                for field, value in renamed.items():
                    fields.setdefault(field, value)


def _keys(text: str) -> list[str]:
    return [key.strip().lower() for key in text.split(",") if key.strip()][:20]


def _inherited(parent: str, child: str, fields: dict[str, str]) -> dict[str, str]:
    """The fields of a parent, by the names that they have in its child."""
    whole = parent.startswith("mv") and parent != f"mv{child}s"
    part = child.startswith(("in", "supp", "bookin", "conference")) and not parent.startswith("mv")
    names = OF_WHOLE if whole else OF_VOLUME if part else {}
    dropped = NOT_INHERITED | (NOT_OF_WHOLE if names else set())
    return {names.get(name, name): value for name, value in fields.items() if name not in dropped}
