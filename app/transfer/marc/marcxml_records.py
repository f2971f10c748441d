"""Records of MARCXML as a parser finds them. One that breaks the rules costs nothing but itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.handler import ContentHandler

from pymarc import Field, Indicators, Subfield

if TYPE_CHECKING:
    from xml.sax.xmlreader import AttributesNSImpl

LONGEST = 1_000_000
"""Characters of a record, of which each element counts a hundred."""
ELEMENT = 100
TAG = 3


@dataclass
class XmlRecord:
    """A record: its leader and fields; or what is wrong with it."""

    leader: str = ""
    fields: list[Field] = field(default_factory=list)
    fault: str = ""
    size: int = 0


class RecordHandler(ContentHandler):
    """Keeps the records of a document until they are taken.

    Elements count by their names alone: some programs leave out the namespace, or have another one. A record within a
    record, as in answers of OAI-PMH, takes its place; one that is deleted there has none.

    Attributes:
        root: the name of the outermost element.
        has_begun: whether a record has begun.
        happened: how many elements and texts there were.
    """

    def __init__(self) -> None:
        super().__init__()
        self.root, self.has_begun, self.happened = "", False, 0
        self._done: list[XmlRecord] = []
        self._record: XmlRecord | None = None
        self._tag, self._code = "", ""
        self._field: Field | None = None
        self._text: list[str] = []

    def take(self) -> list[XmlRecord]:
        """The records that have ended since the last time."""
        done, self._done = self._done, []
        return done

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl) -> None:  # noqa: ARG002, N802
        """Begin a record or a part of it."""
        self.happened += 1
        self.root = self.root or name[1]
        if name[1] == "record":
            self._record, self.has_begun = XmlRecord(), True
        elif name[1] == "header" and attrs.get((None, "status")) == "deleted":
            self._record = None
        if self._record is None or not self._has_room(ELEMENT):
            return
        self._text = []
        if name[1] in {"controlfield", "datafield"}:
            self._begin_field(self._record, name[1], attrs)
        elif name[1] == "subfield":
            self._code = attrs.get((None, "code"), "")
            if len(self._code) != 1:
                self._record.fault = "has a <subfield> without a code of one character"

    def characters(self, content: str) -> None:
        """Take text."""
        self.happened += 1
        if self._record is not None and self._has_room(len(content)):
            self._text.append(content)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: ARG002, N802
        """End a record or a part of it."""
        self.happened += 1
        record = self._record
        if record is None:
            return
        text, self._text = "".join(self._text), []
        if name[1] == "record":
            self._done.append(record)
            self._record = self._field = None
        elif name[1] == "leader":
            record.leader = text
        elif self._field is not None and name[1] == "subfield":
            self._field.subfields.append(Subfield(self._code, text))
        elif self._field is not None and name[1] in {"controlfield", "datafield"}:
            if self._field.control_field:
                self._field.data = text
            record.fields.append(self._field)
            self._field = None

    def _begin_field(self, record: XmlRecord, name: str, attrs: AttributesNSImpl) -> None:
        tag = attrs.get((None, "tag"), "")
        if len(tag) != TAG or not (tag.isascii() and tag.isalnum()):
            record.fault = f"has a <{name}> without a tag of three letters or digits"
            self._field = None
            return
        indicators = (attrs.get((None, name), " ")[:1] or " " for name in ("ind1", "ind2"))
        self._field = Field(tag, Indicators(*indicators))

    def _has_room(self, more: int) -> bool:
        """Whether the record may be so much longer; otherwise the rest of it is not kept."""
        record = self._record
        if record is None or record.size > LONGEST:
            return False
        record.size += more
        if record.size > LONGEST:
            record.fields, record.fault = [], f"is longer than {LONGEST:,} characters"
        return record.size <= LONGEST
