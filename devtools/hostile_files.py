"""Files that cost as much as a file to import can: endless ones, bombs, and content that takes long to read."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 1_000_000
HEADER = b"title,author,isbn,genres,description\n"
MARKS = "\u0301\u0323".encode()
OPEN_QUOTES = b'a","\n'
"""A line whose quotation mark is never closed, whatever lines follow."""
REFUSED = (400, "unreadable_file")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType='
    '"application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="s" sheetId="1" r:id="r1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
    f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
"""The parts of a workbook with one sheet, but for its cells."""


@dataclass(frozen=True)
class HostileFile:
    """A file, the format as which it is sent, and the response: its status, and the code of an error."""

    name: str
    format: str
    content: bytes
    status: int = 200
    code: str = ""


def hostile_files(size: int = MB) -> Iterator[HostileFile]:
    """Files of about so many bytes; bombs expand to much more."""
    yield from _tables(size)
    yield from _json(size)
    yield from _references(size)
    yield from _marc(size)
    yield from _bombs()


def _tables(size: int) -> Iterator[HostileFile]:
    yield HostileFile("rows that are wrong", "csv", _filled(b",\n,,1,x,y,z\n", size, HEADER))
    yield HostileFile("open quotation marks", "csv", _filled(OPEN_QUOTES, size, HEADER))
    yield HostileFile("one line", "csv", _filled(b"x", size, HEADER))
    yield HostileFile("one cell", "csv", _filled(b"x ", size, HEADER + b'"'))
    for name, unit in {"spaces": b" ", "brackets": b"a (", "marks": MARKS, "slashes": b" /", "tags": b"<a"}.items():
        yield HostileFile(f"a title of {name}", "csv", _filled(unit, size - 20_000, HEADER + b"a") + b"b,A\n")
    yield HostileFile("lists of Python", "csv", _filled(b"T,A,,\"['a', {[]: 1}, --1, 'b']\"\n", size, HEADER))
    wide = _filled(b"x,", min(size, 190_000), b"title,author,")
    yield HostileFile("many columns", "csv", _filled(b"T,A\n", size, wide + b"\n"), 400, "unreadable_file")
    yield HostileFile("new authors", "csv", HEADER + b"".join(b"T%d,A%d\n" % (n, n) for n in range(size // 14)))


def _json(size: int) -> Iterator[HostileFile]:
    large = [_large_book(number) for number in range(size // 14_000)]
    yield HostileFile("books with all that fits", "jsonl", "".join(f"{json.dumps(one)}\n" for one in large).encode())
    yield HostileFile("arrays in arrays", "jsonl", b'{"title":' + b"[" * size)
    wrong = b'{"title":"T","contributors":[' + b",".join([b"1"] * (size // 2 - 50)) + b"]}"
    yield HostileFile("wrong contributors", "jsonl", wrong)
    yield HostileFile("items in items", "csl-json", _filled(b'{"id":', size, b"["))
    yield HostileFile("damaged items", "csl-json", _filled(b'{"id":1x', size, b"["))


def _references(size: int) -> Iterator[HostileFile]:
    yield HostileFile(
        "braces in braces", "bibtex", b"@book{a,title={" + b"{" * (size // 2) + b"}" * (size // 2) + b"}}"
    )
    macro = b"@string{m={" + b"x" * 9_000 + b"}}\n"
    yield HostileFile("abbreviations", "bibtex", _filled(b"@book{b,title=" + b"m#" * 20 + b"m}\n", size, macro))
    yield HostileFile("entries in entries", "bibtex", _filled(b"@a{", size, b"@book{a,title={T}}\n"))
    ris = b"TY  - BOOK\nTI  - T\n"
    yield HostileFile("names of spaces", "ris", _filled(b" ", size, ris + b"AU  - a") + b"b, c\nER  - \n")
    yield HostileFile("numbers of spaces", "ris", _filled(b" ", size, ris + b"SN  - a") + b"b\nER  - \n")
    yield HostileFile("many tags", "ris", _filled(b"AU  - A, B\nKW  - k\n", size, ris) + b"ER  - \n")


def _marc(size: int) -> Iterator[HostileFile]:
    yield HostileFile("leaders", "marc", _filled(b"00024nam a2200024 a 4500", size))
    yield HostileFile("empty records", "marcxml", _filled(b"<record/>", size, b"<collection>") + b"</collection>")
    title = b'<collection><record><datafield tag="245"><subfield code="a">a'
    spaces = _filled(b" ", size - 20_000, title) + b"b</subfield></datafield></record></collection>"
    yield HostileFile("a title of spaces", "marcxml", spaces)
    yield HostileFile("elements in elements", "marcxml", _filled(b"<a>", size, b"<collection>"), 400, "unreadable_file")
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><collection><record>&b;</record></collection>'
    yield HostileFile("entities", "marcxml", laughs, 400, "unreadable_file")


def _bombs() -> Iterator[HostileFile]:
    bomb = gzip.compress(_filled(b"\n", 200 * MB, HEADER), 1)
    yield HostileFile("a bomb of gzip", "csv", bomb, 413, "body_too_large")
    first = b"<row>" + _cell(b"title") + _cell(b"author") + b"</row>"
    yield HostileFile("a million empty rows", "xlsx", workbook(first + b"<row/>" * 1_048_576), *REFUSED)
    empty = b"<row>" + b"<c/>" * 300 + b"</row>"
    yield HostileFile("empty cells", "xlsx", workbook(first + empty * 160))
    yield HostileFile("more empty cells", "xlsx", workbook(first + empty * 800), *REFUSED)
    huge = workbook(first + b"<row>" + _cell(b"x" * 100 * MB) + b"</row>")
    yield HostileFile("a cell of 100 MB", "xlsx", huge, *REFUSED)
    shared = workbook(first, b"<si><t>ab</t></si>" * 1_600_000)
    yield HostileFile("shared texts", "xlsx", shared, *REFUSED)


def workbook(rows: bytes, texts: bytes = b"") -> bytes:
    """A spreadsheet with these rows, and these shared texts (ECMA-376, part 1, section 18.4)."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, f'<?xml version="1.0"?>{content}')
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + rows + b"</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">'.encode() + texts + b"</sst>")
    return file.getvalue()


def _cell(text: bytes) -> bytes:
    return b'<c t="inlineStr"><is><t>' + text + b"</t></is></c>"


def _large_book(number: int) -> dict[str, object]:
    """A book with as many entries of each kind as there may be, all new."""
    return {
        "title": f"Large {number}",
        "contributors": [{"name": f"Author {number} {n}"} for n in range(200)],
        "genres": [f"genre {number} {n}" for n in range(100)],
        "identifiers": [{"type": "oclc", "value": str(number * 100 + n + 1)} for n in range(50)],
        "links": [{"rel": "about", "href": f"https://books.example/{number}/{n}"} for n in range(20)],
    }


def _filled(unit: bytes, size: int, head: bytes = b"") -> bytes:
    """So many bytes: the head, and then the unit again and again."""
    return head + unit * max(0, (size - len(head)) // len(unit))
