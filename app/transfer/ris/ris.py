"""RIS: books of bibliographies and of databases of articles.

Read are the types of whole books; articles, chapters and web pages are passed over. Series editors (`A3`) come in as
editors, dates without their notes, and of several values of one field the first. `T2`, or else `T3`, is the series.
Tags that have no place in the catalogue, such as `CY` (the place of publication) and `ET` (the edition), are remarked
once per file.

Written are a subtitle behind a colon, with the title alone in `ST`; roles other than author, editor and translator in
`C1` (`ill: Tenniel, John`), identifiers other than ISBN, ISSN and DOI in `C2` (`oclc:297`), the cover in `L4` and the
shelf in `AV`. Not carried are the title to sort by, the order of people in different roles, relations, types and titles
of links, indents in the description, and who changed the book and when.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import IO, TYPE_CHECKING, Any

from app.errors import UnreadableFile
from app.transfer.decoding import decoded
from app.transfer.documents import book_of, filed, full_title, isbns_of, names_by_role, number
from app.transfer.references import Reference
from app.transfer.ris.book_of_record import TagReader, passed_over
from app.transfer.ris.records import NO_TAG, NO_TYPE, ris_records, tag_and_text
from app.transfer.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.transfer.ris.records import RisRecord

NO_RECORD = "the file has no RIS record, which begins with a line such as “TY  - BOOK”"
NO_END = "has no end (ER); if it is the last one, the file may be cut off"
TAGS_OF_ROLES = {"aut": "AU", "edt": "ED", "trl": "A4"}
LINE_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


class RisFile:
    """A RIS file; each iteration reads its records from the beginning.

    Raises:
        UnreadableFile: it has no records, or is not text in that encoding.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, _mapping: dict[str, str] | None = None) -> None:
        self._text = decoded(file, encoding)
        self.remarks: Counter[str] = Counter()
        if not any(record.kind for record in ris_records(self._text)):
            raise UnreadableFile(NO_RECORD)

    def __iter__(self) -> Iterator[Row]:
        self.remarks.clear()
        for place, record in enumerate(ris_records(self._text), start=1):
            text = "".join(record.original).strip("\r\n")
            row = Row(place, original=f"{text}\r\n" if text else "")
            self._read(row, record)
            yield row

    @property
    def size(self) -> int:
        """How many records the file has."""
        return sum(1 for _ in ris_records(self._text))

    def _read(self, row: Row, record: RisRecord) -> None:
        if fault := record.fault or ("" if record.kind else NO_TYPE):
            row.fail("", fault, " ".join(value for _, value in record.tags[:5]))
        elif reason := passed_over(record):
            row.passed_over = reason
        else:
            for line in record.stray[:5]:
                row.leave_out("", "is a line before the first tag", line)
            if record.is_open:
                self.remarks[NO_END] += 1
            TagReader(Reference(row, self.remarks), record).read()


def read(file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> RisFile:
    """The records of a RIS file."""
    return RisFile(file, encoding, mapping)


def write(document: str) -> bytes:
    """A book as a record. Lines end with CR and LF, as the specification says."""
    book = book_of(document)
    lines = [("TY", "BOOK"), *((tag, value) for tag, value in _tags(book) if value), ("ER", "")]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines).encode()


def _tags(book: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The tags of a record, with values of one line, but for the abstract."""
    yield "ID", str(book["id"])
    names = names_by_role(book)
    yield "TI", _line(full_title(book))
    yield "ST", _line(book["title"]) if book["subtitle"] else ""
    for role, of_role in names.items():
        for name in of_role:
            written = _line(_name(name))
            yield TAGS_OF_ROLES.get(role, "C1"), written if role in TAGS_OF_ROLES else f"{role}: {written}"
    yield from _dates(book["published_year"], book["published"])
    yield "PB", _line(book["publisher"] or "")
    issns = [entry["value"] for entry in book["identifiers"] if entry["type"] == "issn"]
    yield "SN", "; ".join([*isbns_of(book), *issns])
    yield "LA", book["language"] or ""
    yield "T2", _line(book["series"] or "")
    yield "VL", "" if book["series_position"] is None else number(book["series_position"])
    yield "SP", str(book["pages"] or "")
    yield "CN", _line(book["call_number"] or "")
    yield "AV", _line(book["location"] or "")
    genres = [_line(genre) for genre in book["genres"]]
    for genre in genres * 2 if len(genres) == 1 and ";" in genres[0] else genres:  # a lone one is read as a list
        yield "KW", genre
    yield from _identifiers(book["identifiers"])
    for link in book["links"]:
        yield "UR", link["href"]
    yield "L4", book["cover_url"] or ""
    yield "AB", _lines(book["description"] or "")


def _name(name: str) -> str:
    """`Last, First, Suffix`. A comma that separates nothing is doubled, as EndNote has it of bodies."""
    last, first, suffix = filed(name)
    return ", ".join(filter(None, (last, first, suffix))) if first else name.replace(",", ",,", 1)


def _dates(year: int | None, date: str | None) -> Iterator[tuple[str, str]]:
    """`PY`, and `DA` as `YYYY/MM/DD/`."""
    yield "PY", "" if year is None else f"{'-' if year < 0 else ''}{abs(year):04}"
    if date and date.count("-") > date.startswith("-"):
        parts = date.removeprefix("-").split("-")
        yield "DA", ("-" if date.startswith("-") else "") + "/".join((*parts, "", "")[:3]) + "/"


def _identifiers(identifiers: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    dois = [entry["value"] for entry in identifiers if entry["type"] == "doi"]
    yield "DO", dois[0] if dois else ""
    for doi in dois[1:]:
        yield "C2", f"doi:{doi}"
    for entry in identifiers:
        if entry["type"] not in {"isbn", "issn", "doi"}:
            yield "C2", _line(f"{entry['type']}:{entry['value']}")


def _line(text: str) -> str:
    return LINE_BREAKS.sub(" ", text)


def _lines(text: str) -> str:
    """Text of several lines, of which none but the first may look like a tag."""
    first, *others = LINE_BREAKS.split(text)
    return "\r\n".join([first, *(f"{NO_TAG}{line}" if tag_and_text(line)[0] else line for line in others)])
