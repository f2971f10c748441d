"""The book of a BibTeX entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.domain.identifiers import OF_BOOKS
from app.transfer import values
from app.transfer.bibtex.names import names_in, split_at_and
from app.transfer.bibtex.tex import parts_of, verbatim
from app.transfer.bibtex.types import BOOKS, NOT_BOOKS, PEOPLE, editor_role, language_name
from app.transfer.references import Reference
from app.transfer.texts import with_short_spaces

if TYPE_CHECKING:
    from collections import Counter

    from app.transfer.bibtex.entries import BibEntry
    from app.transfer.bibtex.inheritance import Parents
    from app.transfer.bibtex.tex import Decoder
    from app.transfer.rows import Row

TECHNICAL = {
    *("crossref", "xref", "xdata", "ids", "entryset", "execute", "options", "presort", "related", "relatedtype"),
    *("relatedoptions", "relatedstring", "sortkey", "sortname", "sortyear", "sortshorthand", "indextitle", "key"),
    *("indexsorttitle", "langidopts", "hyphenation", "gender", "label", "shorthand", "shorthandintro", "entrysubtype"),
    *("shortauthor", "shorteditor", "nameaddon", "urldate", "timestamp", "owner", "file", "month", "type", "pubstate"),
    *("bibsource", "biburl", "date-added", "date-modified", "groups", "eprinttype", "eprintclass", "archiveprefix"),
    *("primaryclass", "mainsubtitle", "volumes", "shorttitle", "editortype"),
}
"""Fields for typesetting and for programs, or which are read along with others."""
TEXTS = {"sorttitle": "sort_title", "library": "location", "callnumber": "call_number", "cover": "cover_url"}
NUMBERS = {"isbn", "issn", "doi", *OF_BOOKS} - {"other", "librarything"}
LETTERS = {"C", "D", "L", "M"}
"""Volumes that are named by letters are seldom so many that these would be Roman numbers."""
AMPERSAND = re.compile(r"(?<!\\)&amp;")
EXTRA_TYPE = re.compile(r"editor[a-z]type")
RANGE = re.compile(r"\d\s*[-\u2013]+\s*\d|,")


class EntryReader:
    """Reads the entries of one file.

    Args:
        parents: from which entries inherit.
        decoder: of TeX.
        remarks: counts what is true of many rows and is said once.
    """

    def __init__(self, parents: Parents, decoder: Decoder, remarks: Counter[str]) -> None:
        self._parents, self._decoder, self._remarks = parents, decoder, remarks

    def read(self, row: Row, entry: BibEntry) -> None:
        """Fill in the book of an entry, or why there is none."""
        if entry.fault:
            row.fail("", entry.fault, entry.text)
        elif reason := passed_over(entry):
            row.passed_over = reason
        else:
            inherited = self._parents.inherit(entry)
            fields = {name: _without_html(with_short_spaces(text)) for name, text in inherited.items() if text.strip()}
            for name, why, value in entry.notes:
                row.leave_out("", why, value, name)
            _Entry(Reference(row, self._remarks), fields, self._decoder).read(entry.kind)


def _without_html(tex: str) -> str:
    """The TeX with its own ampersand: databases of libraries leave that of HTML in it."""
    return AMPERSAND.sub(r"\\&", tex) if "&amp;" in tex else tex


def passed_over(entry: BibEntry) -> str:
    """Why an entry is not about a book.

    Before biblatex, `title` of an `@inbook` was that of the book: without a `booktitle`, it is still read so. Of other
    types, what has an ISBN is a book.
    """
    if entry.kind in BOOKS or (entry.kind == "inbook" and not entry.fields.keys() & {"booktitle", "crossref", "xdata"}):
        return ""
    if reason := NOT_BOOKS.get(entry.kind):
        return reason
    return "" if "isbn" in entry.fields else f"is of the type “{entry.kind[:40]}”, not a book"


class _Entry:
    """The fields of one entry."""

    def __init__(self, reference: Reference, fields: dict[str, str], decoder: Decoder) -> None:
        self._to, self._fields, self._decoder = reference, fields, decoder
        self._read: set[str] = set()

    def read(self, kind: str) -> None:
        self._titles()
        self._series(kind)
        self._people()
        self._dates()
        self._publisher()
        self._languages()
        self._identifiers()
        self._pages()
        for name in ("abstract", "annotation", "annote"):
            if "description" not in self._to.fields or name == "abstract":
                self._to.description(self._text(name), name)
        for name in ("keywords", "keyword"):
            for part in parts_of(self._fields.get(name, "")):
                self._to.genre(self._decoded(name, part))
        for name, field in TEXTS.items():
            text = verbatim(self._fields[name]) if name == "cover" and name in self._fields else self._text(name)
            self._to.line(field, text, name)
        for name in sorted(self._fields.keys() - self._read - TECHNICAL - TEXTS.keys()):
            if not EXTRA_TYPE.fullmatch(name):
                self._to.not_kept(name)
        self._to.finish()

    def _text(self, name: str) -> str:
        """The text of a field; empty if it has none."""
        self._read.add(name)
        return self._decoded(name, self._fields[name]) if name in self._fields else ""

    def _decoded(self, name: str, tex: str) -> str:
        self._read.add(name)
        try:
            return self._decoder.text(tex)
        except ValueError as error:
            self._to.leave_out("", str(error), tex, name)
            return ""

    def _titles(self) -> None:
        self._to.line("title", self._text("title"), "title")
        self._to.line("subtitle", self._text("subtitle"), "subtitle")

    def _series(self, kind: str) -> None:
        """The whole work of a volume, or the series, or else the title, of which it is a volume."""
        whole, series, volume, count = (self._text(name) for name in ("maintitle", "series", "volume", "number"))
        if whole:
            subtitle = self._text("mainsubtitle")
            self._to.line("series", f"{whole}: {subtitle}" if subtitle else whole, "maintitle")
            self._position(volume, "volume")
            self._to.line("series", series, "series")
            if count:
                self._to.not_kept("number")
        elif series:
            self._to.line("series", series, "series")
            self._position(count or volume, "number" if count else "volume")
            if count and volume:
                self._to.not_kept("volume")
        elif volume:
            self._position(volume, "volume")
            if "series_position" in self._to.fields and kind not in {"thesis", "report", "techreport"}:
                self._to.put("series", self._to.fields.get("title"), "title")
        elif count:
            self._to.not_kept("number")

    def _position(self, text: str, tag: str) -> None:
        if text in LETTERS:
            self._to.leave_out("series_position", "is not one number", text, tag)
        elif text:
            self._to.put("series_position", self._to.read("series_position", values.position, text, tag), tag)

    def _people(self) -> None:
        types = {name: self._text(name) for name in self._fields if name == "editortype" or EXTRA_TYPE.fullmatch(name)}
        extra = [name.removesuffix("type") for name in sorted(types) if name != "editortype"]
        for name in dict.fromkeys((*PEOPLE, *extra)):
            if name not in self._fields:
                continue
            self._read.add(name)
            role = PEOPLE.get(name, "edt")
            if kind := types.get(f"{name}type"):
                known = editor_role(kind)
                role = known or "ctb"
                if known is None:
                    self._to.leave_out("contributors", "is not a known role", kind, f"{name}type")
            self._names(name, role)

    def _names(self, tag: str, role: str) -> None:
        try:
            found = names_in(self._fields[tag], self._decoder)
        except ValueError as error:
            self._to.leave_out("contributors", str(error), self._fields[tag], tag)
            return
        for name, sort_name in found.names:
            self._to.person(name, role, tag, sort_name)
        if found.and_others:
            self._to.leave_out("contributors", "does not name all people", self._fields[tag], tag)

    def _dates(self) -> None:
        year, month = self._text("year"), self._text("month")
        self._read.add("date")
        if date := verbatim(self._fields.get("date", "")):  # `~` is a mark of EDTF in it
            self._to.date(date, "date")
        elif year:
            numbered = re.fullmatch(r"\d{4}", year) and re.fullmatch(r"0?[1-9]|1[0-2]", month)
            self._to.date(f"{year}-{int(month):02}" if numbered else year, "year")

    def _publisher(self) -> None:
        """The first of the publishers, or of the bodies that stand for one."""
        for name in ("publisher", "institution", "school", "organization"):
            self._read.add(name)
            for part in split_at_and(self._fields.get(name, "")[:10_000]):
                self._to.line("publisher", self._decoded(name, part), name)

    def _languages(self) -> None:
        """The language of the text, or else the one by whose rules its title is hyphenated."""
        for name in ("language", "langid"):
            if text := self._text(name):
                if "language" in self._to.fields:
                    return
                for part in re.split(r"\s+and\s+|\s*[,;]\s*", text):
                    self._to.language(language_name(part), name)

    def _identifiers(self) -> None:
        self._to.isbns(self._text("isbn"), "isbn")
        for name in NUMBERS - {"isbn", "doi"}:
            self._to.identify(name, self._text(name), name)
        for name, tex in self._fields.items():
            if name == "doi":
                self._to.identify(name, verbatim(tex), name)
            elif name in {"url", "howpublished"} and "://" in tex:
                self._to.link(verbatim(tex), name)
            elif name == "eprint":
                kind = self._text("eprinttype") or self._text("archiveprefix") or "eprint"
                self._to.identify("other", f"{kind.lower()}:{verbatim(tex)}", name)
            elif name == "identifiers":
                for part in parts_of(tex):
                    self._to.identify_any(self._decoded(name, part), name)
            else:
                continue
            self._read.add(name)

    def _pages(self) -> None:
        """The number of pages. A range of pages is that of an excerpt."""
        for name in ("pagetotal", "numpages", "pages"):
            if not (text := self._text(name)):
                continue
            if name == "pages" and RANGE.search(text):
                self._to.leave_out("pages", "is a range, not a number of pages", text, name)
            elif "pages" not in self._to.fields:
                self._to.put("pages", self._to.read("pages", values.pages, text, name), name)
