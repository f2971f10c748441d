"""BibTeX and biblatex: books of a bibliography.

Read are the types of whole books; articles, parts of books and web pages are passed over. Fields for typesetting
(`options`, `sortkey`, `langidopts` and the like) are no data, and not read; others that have no place in the catalogue,
such as `location` (the place of publication) and `edition`, are remarked once per file. `language` is the language, and
else `langid`; of several publishers and languages the first is kept, and of a period of years its beginning.

What BibTeX has no field for is written into fields of our own, which BibTeX and biblatex ignore: `callnumber`, `cover`
and `identifiers` (`{oclc:297}, {lccn:...}`). Roles that biblatex does not have are those of editors of that type
(`editora`, `editoratype`), up to 26 of them. Not carried are the order of people in different roles, all links but the
first, and the first one's relation, type and title, who changed the book and when.
"""

from __future__ import annotations

import re
from collections import Counter
from string import ascii_lowercase
from typing import IO, TYPE_CHECKING, Any

from app.domain.edtf import year_of
from app.domain.names import plain
from app.errors import UnreadableFile
from app.transfer.bibtex.book_of_entry import EntryReader
from app.transfer.bibtex.entries import entries
from app.transfer.bibtex.inheritance import Parents
from app.transfer.bibtex.names import as_names
from app.transfer.bibtex.tex import Decoder, as_tex, as_verbatim
from app.transfer.bibtex.types import EDITOR_TYPES, WRITTEN
from app.transfer.decoding import decoded
from app.transfer.documents import book_of, filed, isbns_of, names_by_role, number, own_sort_title
from app.transfer.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGIDS = {
    "en": "english",
    "en-US": "american",
    "en-GB": "british",
    "de": "ngerman",
    "fr": "french",
    "es": "spanish",
} | {
    "it": "italian",
    "la": "latin",
    "nl": "dutch",
    "pt": "portuguese",
    "pt-BR": "brazilian",
    "ru": "russian",
    "el": "greek",
    "pl": "polish",
    "sv": "swedish",
    "da": "danish",
    "fi": "finnish",
    "cs": "czech",
    "hu": "magyar",
}
"""babel's names of languages, by which biblatex hyphenates."""
NO_ENTRY = "the file has no BibTeX entry, such as @book{key, title = {...}}"


class Bibliography:
    """A BibTeX file; each iteration reads its entries from the beginning.

    Raises:
        UnreadableFile: it has no entries, or is not text in that encoding.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, _mapping: dict[str, str] | None = None) -> None:
        self._text = decoded(file, encoding)
        self._parents = Parents(self._text)
        self.remarks: Counter[str] = Counter()
        if not any(True for _ in entries(self._text)):
            raise UnreadableFile(NO_ENTRY)

    def __iter__(self) -> Iterator[Row]:
        self.remarks.clear()
        reader = EntryReader(self._parents, Decoder(self.remarks), self.remarks)
        keys: set[int] = set()
        for place, entry in enumerate(entries(self._text), start=1):
            row = Row(place, original=entry.original)
            reader.read(row, entry)
            key = hash(entry.key.lower())
            if entry.key and key in keys and row.book:
                row.leave_out("", "is the key of an earlier entry as well", entry.key)
            keys.add(key)
            yield row

    @property
    def size(self) -> int:
        """How many entries the file has, or a few more."""
        return self._parents.size


def read(file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> Bibliography:
    """The entries of a BibTeX file."""
    return Bibliography(file, encoding, mapping)


def write(document: str) -> bytes:
    """A book as an entry. Braces around the title keep its capitals."""
    book = book_of(document)
    written = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(book) if value)
    return f"@book{{{key_of(book)},\n{written}}}\n".encode()


def key_of(book: dict[str, Any]) -> str:
    """A key for citations, of ASCII letters and digits: `austen1815-1`. The id makes it unique."""
    names = next(iter(names_by_role(book).values()))
    surname = re.sub(r"[^a-z0-9]", "", plain(filed(names[0]).last)) or "book"
    return f"{surname[:40]}{book['published_year'] or ''}-{book['id']}"


def _fields(book: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of an entry, in TeX."""
    yield from _people(names_by_role(book))
    yield "title", f"{{{as_tex(book['title'])}}}"
    yield "subtitle", as_tex(book["subtitle"] or "")
    yield "sorttitle", as_tex(own_sort_title(book) or "")
    yield from _dates(book["published_year"], book["published"])
    yield "publisher", f"{{{as_tex(book['publisher'])}}}" if book["publisher"] else ""
    yield "isbn", ", ".join(isbns_of(book))
    yield "language", book["language"] or ""
    yield "langid", LANGIDS.get(book["language"] or "", "")
    yield "series", as_tex(book["series"] or "")
    yield "number", "" if book["series_position"] is None else number(book["series_position"])
    yield "pagetotal", str(book["pages"] or "")
    yield "abstract", as_tex(book["description"] or "")
    yield "keywords", ", ".join(map(_entry, book["genres"]))
    yield from _identifiers(book["identifiers"])
    yield "url", next((as_verbatim(link["href"]) for link in book["links"]), "")
    yield "library", as_tex(book["location"] or "")
    yield "callnumber", as_tex(book["call_number"] or "")
    yield "cover", as_verbatim(book["cover_url"] or "")


def _people(names: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    letters = iter(ascii_lowercase)
    for role, of_role in names.items():
        if role in WRITTEN:
            yield WRITTEN[role], as_names(of_role)
        elif letter := next(letters, ""):
            yield f"editor{letter}", as_names(of_role)
            yield f"editor{letter}type", EDITOR_TYPES.get(role, role)


def _dates(year: int | None, date: str | None) -> Iterator[tuple[str, str]]:
    """The year, for BibTeX, and the date, for biblatex."""
    year = year_of(date) if date else year
    yield "year", "" if year is None else str(year)
    if date and date.count("-") > date.startswith("-"):
        yield "date", date


def _identifiers(identifiers: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """The first DOI and the first ISSN in their fields, ISBNs with the book's own, and the others in one field."""
    others = []
    for kind in ("doi", "issn"):
        found = [entry["value"] for entry in identifiers if entry["type"] == kind]
        yield kind, next(map(as_verbatim, found), "")
        others += [f"{kind}:{value}" for value in found[1:]]
    others += [f"{one['type']}:{one['value']}" for one in identifiers if one["type"] not in {"doi", "issn", "isbn"}]
    yield "identifiers", ", ".join(map(_entry, others))


def _entry(text: str) -> str:
    """One entry of a list, in braces if a comma or semicolon would separate it."""
    tex = as_tex(text)
    return f"{{{tex}}}" if re.search(r"[,;]", tex) else tex
