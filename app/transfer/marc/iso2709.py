"""MARC 21 in its transmission format, as library systems exchange records. Source: ISO 2709.

A record has at most 99,999 bytes, and a field 9,999. What of a book has no room in that is left out, and a note (field
500) says so: first the ends of long descriptions, then genres, links, and the last contributors. `record_of_book.py`
lists what the fields are, and `book_of_record.py` what is read of those of others.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from typing import IO, TYPE_CHECKING

from pymarc import Field, Indicators, Record, Subfield
from pymarc.exceptions import PymarcException

from app.errors import UnreadableFile
from app.transfer.decoding import unzipped
from app.transfer.marc import chunks
from app.transfer.marc.book_of_record import fill_from
from app.transfer.marc.encoding import MIXED, NEITHER, codec_named, codec_of, decode
from app.transfer.marc.record import MarcRecord
from app.transfer.marc.record_of_book import record_of
from app.transfer.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.transfer.marc.chunks import Chunk

logging.getLogger("pymarc").setLevel(logging.CRITICAL)  # it tells of every missing indicator, with the field

FOREIGN_CODE = re.compile(rb"\x1f[\x80-\xff]")
ENTRY = 12
"""Bytes of a field's entry in the directory."""
LAST_KEPT = ["520", "655", "856", "700"]
"""Fields that are left out first, where there is no room for all."""
INCOMPLETE = "Incomplete: the record has no room for all contributors, genres and links, or for the whole summary."
ROOM = chunks.MOST_IN_FORMAT - 500
"""Bytes for fields, besides the leader and that note."""


class Marc:
    """The records of a file; each iteration reads them from the beginning.

    Args:
        file: can be read several times; possibly compressed with gzip.
        encoding: `marc-8`, or its name in Python; by default that of each record.
        mapping: not used, since fields have numbers.

    Raises:
        UnreadableFile: it has no records, or there is no such encoding.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> None:
        del mapping
        self._codec = codec_named(encoding) if encoding else None
        self._file = unzipped(file)
        _require_marc(self._file.read(chunks.LONGEST))
        self.remarks: Counter[str] = Counter()
        """How many records each of these is true of; known when they have been read."""

    def __iter__(self) -> Iterator[Row]:
        self.remarks.clear()
        self._file.seek(0)
        for number, chunk in enumerate(chunks.chunks(self._file), 1):
            yield self._row(number, chunk)

    @property
    def size(self) -> int:
        """How many records the file has."""
        return chunks.count(self._file)

    def _row(self, number: int, chunk: Chunk) -> Row:
        is_whole = chunk.fault != chunks.TOO_LONG  # otherwise it is only the end
        row = Row(number, original=chunk.content + chunks.RECORD_END if is_whole else b"")
        try:
            if chunk.fault:
                row.fail("", chunk.fault, chunk.content[:100].decode("ascii", "replace"))
            else:
                fill_from(row, self._record(chunk.content), self.remarks)
        except (PymarcException, ValueError, IndexError) as error:
            row.fail("", _why(error), chunk.content[:24].decode("ascii", "replace"))
        return row

    def _record(self, content: bytes) -> MarcRecord:
        """The record of its bytes, whose length need not be right.

        Raises:
            PymarcException, ValueError, IndexError: it is damaged.
        """
        length = f"{min(len(content) + 1, chunks.MOST_IN_FORMAT):05}".encode()
        sound = FOREIGN_CODE.sub(b"\x1f?", length + content[len(length) :]) + chunks.RECORD_END
        record = Record(sound, to_unicode=False)
        leader = str(record.leader)
        codec = self._codec or codec_of(content, says_utf8=leader[9] == "a")
        if codec == MIXED:
            self.remarks[NEITHER] += 1
        return MarcRecord(leader, (_decoded(field, codec) for field in record.fields))


def _decoded(field: Field, codec: str) -> Field:
    """A field whose values are bytes, with text."""
    if field.control_field:
        return Field(field.tag, data=decode(_bytes(field.data), codec))
    subfields = [Subfield(code, decode(_bytes(value), codec)) for code, value in field.subfields]
    return Field(field.tag, Indicators(field.indicator1, field.indicator2), subfields)


def _bytes(value: object) -> bytes:
    """A value of a raw field, whose types pymarc does not tell apart."""
    return value if isinstance(value, bytes) else b""


def _why(error: Exception) -> str:
    """What is wrong with a damaged record."""
    if isinstance(error, PymarcException):
        return f"is damaged: {str(error)[:1].lower()}{str(error)[1:]}"
    if type(error) is ValueError and str(error).startswith("is "):
        return str(error)
    return "is damaged: its leader or directory has letters where numbers belong, or leads beyond its end"


def _require_marc(head: bytes) -> None:
    if not head.strip(chunks.BETWEEN):
        msg = "the file is empty"
        raise UnreadableFile(msg)
    if not chunks.is_marc(head):
        is_xml = head.lstrip(chunks.BETWEEN).startswith(b"<")
        hint = "; if it is MARCXML, import it as marcxml" if is_xml else ""
        msg = f"the file is not MARC 21: no record begins with a leader, its length and 19 other characters{hint}"
        raise UnreadableFile(msg)


def write(document: str) -> bytes:
    """The record of a book.

    Args:
        document: of the book, as `GET /books/<id>` shows it.
    """
    record = record_of(document)
    room = ROOM
    kept: list[Field] = []
    for field in sorted(record.fields, key=_urgency):
        size = len(field.as_marc("utf-8")) + ENTRY
        if size <= room:
            kept.append(field)
            room -= size
    if len(kept) < len(record.fields):
        kept.append(Field("500", Indicators(" ", " "), [Subfield("a", INCOMPLETE)]))
    record.fields = sorted(kept, key=lambda field: field.tag)
    return record.as_marc()


def _urgency(field: Field) -> int:
    return -LAST_KEPT.index(field.tag) if field.tag in LAST_KEPT else -len(LAST_KEPT)
