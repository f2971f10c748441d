"""The book of a RIS record: what its tags mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rispy.config import TYPE_OF_REFERENCE_MAPPING

from app.domain.identifiers import OF_BOOKS
from app.transfer import values
from app.transfer.bibtex.names import spoken
from app.transfer.people import OTHERS
from app.transfer.references import split_title
from app.transfer.ris.records import NO_TAG
from app.transfer.role_words import role_in_brackets

if TYPE_CHECKING:
    from app.transfer.references import Reference
    from app.transfer.ris.records import RisRecord

BOOKS = {
    *("BOOK", "EBOOK", "EDBOOK", "THES", "RPRT", "PAMP", "ANCIENT", "CLSWK", "DICT", "ENCYC", "CTLG", "MANSCPT"),
    *("CONF", "UNPB", "MUSIC"),
}
"""Types of whole books; EndNote has a dictionary, an encyclopedia and a classical work among them."""
PEOPLE = {
    **dict.fromkeys(("AU", "A1"), "aut"),
    **dict.fromkeys(("A2", "ED", "A3"), "edt"),
    **dict.fromkeys(("A4", "TA"), "trl"),
}
TITLES = ("TI", "T1", "CT", "BT")
SERIES = ("T2", "T3")
DATES = ("DA", "PY", "Y1")
TECHNICAL = {"ID", "ST", "DP", "DB", "Y2", "L1", "L2", "L3", "AN", "UK", "LB", "U1", "U2", "U3", "U4", "U5"}
LINES = {"PB": "publisher", "CN": "call_number", "AV": "location", "L4": "cover_url"}
READ_TOGETHER = {*TITLES, *SERIES, *DATES, *PEOPLE, "VL", "SP", "EP", "C1"}
RIS_DATE = re.compile(r"\s*(-?\d{1,4})(?:/(\d{0,2})(?:/(\d{0,2})(?:/.*)?)?)?\s*", re.DOTALL)
ISSN = re.compile(r"(?:ISSN:?\s*)?\d{4}-?\d{3}[\dXx](?:\s*\([^()]*\))?", re.IGNORECASE)
BETWEEN = re.compile(r"\s*[;,\n]\s*")
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|esq|ph\.?\s?d|m\.?d)\.?", re.IGNORECASE)
INVERTED = re.compile(r",\s*\S")
DOUBLED = ",,"
"""The first comma of a body's name, in which it separates nothing, as EndNote writes it."""
PARTS_OF_NAME = 3


def passed_over(record: RisRecord) -> str:
    """Why a record is not about a book. What is of no particular type is one if it has an ISBN."""
    if record.kind in BOOKS:
        return ""
    if record.kind == "GEN" and any(tag == "SN" and not ISSN.fullmatch(text) and text for tag, text in record.tags):
        return ""
    title = TYPE_OF_REFERENCE_MAPPING.get(record.kind)
    return f"is of the type “{title}” ({record.kind}), not a book" if title else f"is of the type “{record.kind[:40]}”"


class TagReader:
    """Reads the tags of one record."""

    def __init__(self, reference: Reference, record: RisRecord) -> None:
        self._to = reference
        self._tags: dict[str, list[str]] = {}
        for tag, text in record.tags:
            if text:
                self._tags.setdefault(tag, []).append(text)
        self._order = [(tag, text) for tag, text in record.tags if text]

    def read(self) -> None:
        """Fill in the row."""
        self._titles()
        self._series()
        self._people()
        self._dates()
        for tag, text in self._order:
            self._value(tag, text)
        self._pages()
        self._to.finish()

    def _titles(self) -> None:
        """The title, without the subtitle that comes after it if `ST` has the title alone; or else the short one."""
        short = self._tags.get("ST", [""])[0]
        for tag in TITLES:
            for text in self._tags.get(tag, []):
                if parts := split_title(text, short):
                    self._to.put("title", parts[0], tag)
                    self._to.put("subtitle", parts[1], tag)
                else:
                    self._to.line("title", text, tag)
        if "title" not in self._to.fields:
            self._to.line("title", short, "ST")

    def _series(self) -> None:
        """The series, or else the title, of which it is a volume."""
        for tag in SERIES:
            for text in self._tags.get(tag, []):
                self._to.line("series", text, tag)
        for text in self._tags.get("VL", []):
            found = self._to.read("series_position", values.position, text, "VL")
            if "series" not in self._to.fields and found is not None:
                self._to.put("series", self._to.fields.get("title"), "VL")
            self._to.put("series_position", found, "VL")

    def _people(self) -> None:
        for tag, text in self._order:
            if tag in PEOPLE:
                lines = text.split("\n")
                for name in lines if all(map(INVERTED.search, lines)) else [" ".join(lines)]:
                    self._name(name.strip(), PEOPLE[tag], tag)
            elif tag == "C1":
                code, _, name = text.partition(": ")
                if role := role_in_brackets(code):
                    self._name(name.strip(), role, tag)
                else:
                    self._to.not_kept(tag)

    def _name(self, text: str, role: str, tag: str) -> None:
        """A name as `Last, First, Suffix`."""
        name = OTHERS.sub("", text)
        if name != text or text.casefold().strip(". ") in {"et al", "others"}:
            self._to.leave_out("contributors", "does not name all people", text, tag)
            if name == text:
                return
        if DOUBLED in name:
            self._to.person(name.replace(DOUBLED, ",", 1), role, tag)
            return
        parts = [part.strip() for part in name.split(",")]
        if len(parts) == PARTS_OF_NAME and SUFFIX.fullmatch(parts[1]):
            parts = [parts[0], parts[2], parts[1]]
        if len(parts) in {2, PARTS_OF_NAME} and parts[1] and (len(parts) == 2 or SUFFIX.fullmatch(parts[2])):  # noqa: PLR2004
            found = spoken(parts[1], "", parts[0], "".join(parts[2:]))
            self._to.person(found.name, role, tag, found.sort_name)
        else:
            self._to.person(name.strip().rstrip(","), role, tag)

    def _dates(self) -> None:
        for tag in DATES:
            for text in self._tags.get(tag, []):
                match = RIS_DATE.fullmatch(text)
                if match is None or not match[2]:
                    self._to.date(match[1] if match else text, tag)
                else:
                    sign, year = ("-" if match[1].startswith("-") else ""), match[1].lstrip("-")
                    parts = [f"{sign}{year:>04}", *(part.zfill(2) for part in (match[2], match[3]) if part)]
                    self._to.date("-".join(parts), tag)

    def _value(self, tag: str, text: str) -> None:
        """Read a tag that needs no other."""
        match tag:
            case _ if tag in LINES:
                self._to.line(LINES[tag], text, tag)
            case "SN":
                self._numbers(text)
            case "LA":
                self._to.language(text, tag)
            case "KW":
                self._genres(text)
            case "AB" | "N2" if tag == "AB" or "AB" not in self._tags:
                self._to.description(text.replace(NO_TAG, ""), tag)
            case "UR" | "LK" | "L1" | "L2" if "://" in text:
                for part in re.split(r"\n|;\s*(?=https?:)", text):
                    self._to.link(part, tag)
            case "DO" | "C2" if tag == "DO" or text.partition(":")[0] in OF_BOOKS:
                self._to.identify_any(f"doi:{text}" if tag == "DO" else text, tag)
            case _ if tag not in READ_TOGETHER | TECHNICAL:
                self._to.not_kept(tag)

    def _genres(self, text: str) -> None:
        """Keywords have a tag or a line each; or all are in one, separated by semicolons."""
        are_in_one = len(self._tags["KW"]) == 1 and ";" in text
        for part in re.split(r"[;\n]" if are_in_one else r"\n", text):
            self._to.genre(part)

    def _numbers(self, text: str) -> None:
        """ISBNs and ISSNs share a tag."""
        for part in BETWEEN.split(text):
            if ISSN.fullmatch(part):
                self._to.identify("issn", re.sub(r"\s*\(.*", "", part), "SN")
            elif part:
                self._to.isbns(part, "SN")

    def _pages(self) -> None:
        """`SP` of a whole book is the number of its pages; with `EP`, the pages of an excerpt."""
        start, end = self._tags.get("SP", [""])[0], self._tags.get("EP", [""])[0]
        if end and start not in {"", "1", "i"}:
            self._to.leave_out("pages", "is a range, not a number of pages", f"{start}-{end}", "SP")
        elif text := end or start:
            if re.search(r"\d\s*[-\u2013]\s*\d", text):
                self._to.leave_out("pages", "is a range, not a number of pages", text, "SP")
            else:
                self._to.put("pages", self._to.read("pages", values.pages, text, "SP"), "SP")
