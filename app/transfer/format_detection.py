"""The format of a file: by the end of its name, or by its first bytes."""

from __future__ import annotations

import re
import zlib
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from app.transfer.formats import FORMATS

if TYPE_CHECKING:
    from app.transfer.formats import Format

GZIP = b"\x1f\x8b"
ANY_GZIP = 31
"""zlib's `wbits` for gzip."""
HEAD = 4_096
"""Bytes that are looked at."""
ENDS = {
    **dict.fromkeys(("csv", "tsv", "tab", "txt"), "csv"),
    **dict.fromkeys(("jsonl", "ndjson"), "jsonl"),
    **dict.fromkeys(("mrc", "marc"), "marc"),
    **dict.fromkeys(("xml", "marcxml"), "marcxml"),
    **dict.fromkeys(("bib", "bibtex"), "bibtex"),
    **dict.fromkeys(("xlsx", "xlsm"), "xlsx"),
    "ris": "ris",
    "json": "csl-json",
}
BEGINNINGS = {
    "xlsx": re.compile(rb"PK\x03\x04"),
    "marc": re.compile(rb"\d{5}[\x20-\x7e]{5}22\d{5}[\x20-\x7e]{3}4500"),
    "marcxml": re.compile(rb"\s*<"),
    "bibtex": re.compile(rb"(?:\s|%[^\n]*\n)*@\s*\w+\s*[{(]"),
    "ris": re.compile(rb"\s*TY  -"),
    "csl-json": re.compile(rb'\s*(?:\[|\{\s*"(?:items|references)"\s*:\s*\[)'),
    "jsonl": re.compile(rb"\s*\{"),
}
"""How files begin. MARC: the leader, whose indicator and subfield code counts and entry map are fixed (MARC 21 Record
Structure)."""


OWN_FIELD = re.compile(rb'"(?:authors|contributors|author_id|published_year|isbn)"\s*:')
"""Fields of the service's own JSON, which CSL-JSON does not have: there they are `author`, `issued` and `ISBN`."""


def format_of(name: str, head: bytes = b"") -> Format | None:
    """The format of a file.

    Args:
        name: of the file; `.gz` at its end is passed over. Another end than those that are known decides nothing.
        head: its first bytes, compressed or not; without any, only the name decides.

    Returns: the format; CSV, of which any text may be one, if nothing tells; None if there is no such format here, or
        nothing to tell it by.
    """
    ends = PurePath(name.lower().removesuffix(".gz")).suffix[1:]
    if ENDS.get(ends) == "csl-json" and OWN_FIELD.search(_plain(head[:HEAD])):
        return FORMATS.get("jsonl")
    if ends in ENDS:
        return FORMATS.get(ENDS[ends])
    if not head:
        return None
    return FORMATS.get(_begun_by(_plain(head[:HEAD]).removeprefix(b"\xef\xbb\xbf")))


def format_of_file(file: IO[bytes], name: str = "") -> Format:
    """The format of an opened file, which is read from its beginning afterwards: as `format_of`; CSV if nothing tells.

    Args:
        file: can be read several times.
        name: of the file, if it has one.
    """
    found = format_of(name, file.read(HEAD))
    file.seek(0)
    return found or FORMATS["csv"]


def _begun_by(head: bytes) -> str:
    found = next((name for name, beginning in BEGINNINGS.items() if beginning.match(head)), "csv")
    return "jsonl" if found == "csl-json" and OWN_FIELD.search(head) else found


def _plain(head: bytes) -> bytes:
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(ANY_GZIP).decompress(head, HEAD)
    except zlib.error:
        return b""
