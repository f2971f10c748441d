"""MARCXML: MARC 21 records as XML. It has room for texts of any length.

Source: Library of Congress, MARC 21 XML Schema (MARC21slim.xsd), version 1.2. `record_of_book.py` lists what the fields
are, and `book_of_record.py` what is read of those of others.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax import SAXParseException
from xml.sax.handler import feature_namespaces

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser
from pymarc import Record, record_to_xml_node

from app.errors import UnreadableFile
from app.transfer.decoding import decoded, unzipped
from app.transfer.marc.book_of_record import fill_from
from app.transfer.marc.marcxml_records import RecordHandler
from app.transfer.marc.record import MarcRecord
from app.transfer.marc.record_of_book import record_of
from app.transfer.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.sax.expatreader import ExpatParser

    from app.transfer.marc.marcxml_records import XmlRecord

READ = 1 << 16
LONGEST_TAG = 1 << 20
"""Bytes without the end of a tag, or text: expat keeps incomplete input, and parses it again with each part."""
RECORD = re.compile(rb"<(?:[\w.-]+:)?record[\s>/]")
COLLECTIONS = {"collection", "record"}


class _Broken(Exception):  # noqa: N818  (it is no error of the program)
    """The XML cannot be read further, and why."""


class MarcXml:
    """The records of a file; each iteration reads them from the beginning.

    Args:
        file: can be read several times; possibly compressed with gzip.
        encoding: its name in Python; by default that of the XML declaration.
        mapping: not used, since fields have numbers.

    Raises:
        UnreadableFile: it is not XML, has no MARC records, or declares entities.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> None:
        del mapping
        self._file: IO[bytes] | IO[str] = decoded(file, encoding) if encoding else unzipped(file)
        self._bytes = file
        self.remarks: Counter[str] = Counter()
        """How many records each of these is true of; known when they have been read."""
        self._require_records()

    def __iter__(self) -> Iterator[Row]:
        self.remarks.clear()
        number = 0
        try:
            for number, record in enumerate(self._records(RecordHandler()), 1):
                yield self._row(number, record)
        except _Broken as error:
            row = Row(number + 1)
            row.fail("", str(error))
            yield row

    @property
    def size(self) -> int:
        """How many records begin in the file."""
        file = unzipped(self._bytes)
        number, rest = 0, b""
        while read := file.read(READ):
            number += len(RECORD.findall(rest + read))
            rest = (rest + read).rpartition(b"<")[2]
            rest = b"<" + rest if len(rest) < 100 and not RECORD.match(b"<" + rest) else b""  # noqa: PLR2004
        return number

    def _row(self, number: int, record: XmlRecord) -> Row:
        row = Row(number)
        if record.fault:
            row.fail("", record.fault)
        else:
            row.original = partial(_as_xml, record)
            fill_from(row, MarcRecord(record.leader, record.fields), self.remarks)
        return row

    def _require_records(self) -> None:
        """Read up to the first record."""
        if not self._file.read(1):
            msg = "the file is empty"
            raise UnreadableFile(msg)
        handler = RecordHandler()
        try:
            first = next(self._records(handler), None)
        except _Broken as error:
            if handler.root and handler.has_begun:
                return  # it is damaged, which the rows tell
            msg = f"the file cannot be read as MARCXML: {error}"
            raise UnreadableFile(msg) from None
        if first is None and handler.root not in COLLECTIONS:
            msg = f"the file is XML, but not MARCXML: it has no <record>; its root is <{handler.root[:60]}>"
            raise UnreadableFile(msg)

    def _records(self, handler: RecordHandler) -> Iterator[XmlRecord]:
        """The records, each as soon as it ends.

        Raises:
            _Broken: the XML is not well-formed, or breaks off.
        """
        parser = make_parser()
        parser.setFeature(feature_namespaces, True)  # noqa: FBT003  (of xml.sax)
        parser.setContentHandler(handler)
        self._file.seek(0)
        unfinished = 0
        while True:
            read = self._file.read(READ)
            happened = handler.happened
            fault = _fed(parser, read)
            yield from handler.take()
            if fault:
                raise _Broken(fault)
            if not read:
                return
            unfinished = 0 if handler.happened != happened else unfinished + len(read)
            if unfinished > LONGEST_TAG:
                msg = f"line {parser.getLineNumber()}: a tag or comment is longer than {LONGEST_TAG:,} bytes"
                raise _Broken(msg)


def _fed(parser: ExpatParser, read: bytes | str) -> str:
    """Parse a part of the file, or its end; why it cannot be read further, if it cannot."""
    try:
        if read:
            parser.feed(read)
        else:
            parser.close()
    except SAXParseException as error:
        return f"line {error.getLineNumber()}: the XML is broken: {error.getMessage()}"
    except DefusedXmlException:
        return f"line {parser.getLineNumber()}: the XML declares entities, which could grow without bounds"
    except (LookupError, ValueError) as error:
        return f"line {parser.getLineNumber()}: the XML is broken: {error}"
    return ""


def write(document: str) -> bytes:
    """The record of a book, without the collection around it.

    Args:
        document: of the book, as `GET /books/<id>` shows it.
    """
    return _serialized(record_of(document))


def _as_xml(record: XmlRecord) -> bytes:
    """A record that was read, as XML."""
    return _serialized(Record(fields=record.fields, leader=record.leader))


def _serialized(record: Record) -> bytes:
    node: ET.Element = record_to_xml_node(record)  # type: ignore[no-untyped-call]
    return ET.tostring(node, encoding="unicode").encode()
