"""MARCXML, read and written."""

from __future__ import annotations

import gzip
import re
import tracemalloc
from io import BytesIO, RawIOBase
from typing import IO, cast
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UnreadableFile
from app.transfer.formats import FORMATS
from app.transfer.marc.marcxml import MarcXml
from app.transfer.rows import Row
from tests.unit.transfer.marc.books import document, documents
from tests.unit.transfer.tables.reading import names_in

NAMESPACE = "http://www.loc.gov/MARC21/slim"
PATTERNS = {
    "leader": r"[\d ]{5}[\dA-Za-z ]{1}[\dA-Za-z]{1}[\dA-Za-z ]{3}(2| )(2| )[\d ]{5}[\dA-Za-z ]{3}(4500|    )",
    "controlfield": r"00[1-9A-Za-z]",
    "datafield": r"0[1-9A-Z][0-9A-Z]|[1-9A-Z][0-9A-Z]{2}",
    "subfield": r"[\dA-Za-z!\"#$%&'()*+,\-./:;<=>?{}_^`~\[\]\\]",
}
"""Of leaders, tags and codes. Source: MARC 21 XML Schema, version 1.2."""


def record_of(title: str, more: str = "") -> str:
    return f"""<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">1</controlfield>
      <datafield tag="100" ind1="1" ind2=" "><subfield code="a">Austen, Jane,</subfield></datafield>
      <datafield tag="245" ind1="1" ind2="0"><subfield code="a">{title} /</subfield>{more}</datafield></record>"""


def rows_of(text: str | bytes, encoding: str | None = None) -> list[Row]:
    return list(MarcXml(BytesIO(text.encode() if isinstance(text, str) else text), encoding))


def titles_or_faults(text: str | bytes) -> list[str]:
    """The titles of a file, or the faults where there should be a record."""
    rows = rows_of(text)
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))
    return [row.book.title if row.book else f"row: {row.errors[0].detail}" for row in rows]


PREFIXED = re.sub("<(/?)", r"<\1m:", record_of("Emma"))


class TestReading:
    @pytest.mark.parametrize(
        "text",
        [
            record_of("Emma"),
            f"<collection>{record_of('Emma')}</collection>",
            f"<collection xmlns='{NAMESPACE}'>{record_of('Emma')}</collection>",
            f"<m:collection xmlns:m='{NAMESPACE}'>{PREFIXED}</m:collection>",
            f"<OAI-PMH><record><header/><metadata>{record_of('Emma')}</metadata></record></OAI-PMH>",
            f"<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE record>\n{record_of('Emma')}",
        ],
    )
    def test_records_in_any_envelope(self, text: str) -> None:
        (row,) = rows_of(text)
        assert row.book is not None
        assert (row.book.title, names_in(row.book), row.line) == ("Emma", ["Jane Austen"], 1)

    def test_deleted_records_of_an_envelope_are_none(self) -> None:
        deleted = "<record><header status='deleted'><identifier>oai:1</identifier></header></record>"
        text = f"<OAI-PMH>{deleted}<record><header/><metadata>{record_of('Emma')}</metadata></record></OAI-PMH>"
        assert titles_or_faults(text) == ["Emma"]

    def test_pretty_printed_text_is_one_line(self) -> None:
        assert titles_or_faults(record_of("\n   The mill\n   on the Floss")) == ["The mill on the Floss"]

    def test_gzip(self) -> None:
        file = MarcXml(BytesIO(gzip.compress(f"<collection>{record_of('Emma') * 2}</collection>".encode())))
        assert (file.size, len(list(file)), len(list(file))) == (2, 2, 2)

    @pytest.mark.parametrize(
        ("content", "encoding"),
        [
            (f"<?xml version='1.0' encoding='ISO-8859-1'?>{record_of('Brontë')}".encode("latin-1"), None),
            (f"<?xml version='1.0' encoding='UTF-16'?>{record_of('Brontë')}".encode("utf-16"), None),
            (f"<?xml version='1.0' encoding='UTF-8'?>{record_of('Brontë')}".encode("cp1252"), "cp1252"),
        ],
    )
    def test_encodings(self, content: bytes, encoding: str | None) -> None:
        (row,) = rows_of(content, encoding)
        assert row.book is not None
        assert row.book.title == "Brontë"

    def test_an_empty_collection_has_no_rows(self) -> None:
        assert rows_of(f"<collection xmlns='{NAMESPACE}'/>") == []


class TestDamage:
    @pytest.mark.parametrize(
        ("broken", "fault"),
        [
            ("<record><leader/></record>", "is missing"),
            (record_of("X").replace('tag="100"', ""), "has a <datafield> without a tag of three letters or digits"),
            (
                record_of("X").replace('tag="001"', 'tag="1²3"'),
                "has a <controlfield> without a tag of three letters or digits",
            ),
            (record_of("X").replace('code="a"', ""), "has a <subfield> without a code of one character"),
            (record_of("X", f"<subfield code='b'>{'x' * 1_000_001}</subfield>"), "is longer than 1,000,000 characters"),
            (record_of("X", "<subfield code='b'/>" * 10_001), "is longer than 1,000,000 characters"),
        ],
    )
    def test_a_broken_record_costs_only_itself(self, broken: str, fault: str) -> None:
        text = f"<collection>{record_of('One')}{broken}{record_of('Three')}</collection>"
        assert titles_or_faults(text) == ["One", f"row: {fault}", "Three"]

    @pytest.mark.parametrize(
        ("end", "fault"),
        [
            ("", "line 5: the XML is broken: no element found"),
            ("<record><leader>", "line 5: the XML is broken: no element found"),
            ("<record></collection>", "line 5: the XML is broken: mismatched tag"),
            ("<record>&nbsp;</record>", "line 5: the XML is broken: undefined entity"),
        ],
    )
    def test_xml_that_breaks_off_keeps_the_rows_before_it(self, end: str, fault: str) -> None:
        assert titles_or_faults(f"<collection>\n{record_of('One')}\n{end}") == ["One", f"row: {fault}"]

    def test_a_file_that_breaks_off_in_its_first_record_has_that_fault(self) -> None:
        assert titles_or_faults("<collection>\n<record><leader>") == [
            "row: line 2: the XML is broken: no element found"
        ]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "the file is empty"),
            (" \n", "no element found"),
            ("title,author", "line 1: the XML is broken: syntax error"),
            ("<html><body/></html>", "has no <record>; its root is <html>"),
            (
                "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><record>&b;</record>",
                "line 1: the XML declares entities",
            ),
            ("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><record>&a;</record>", "the XML declares entities"),
            ("<?xml version='1.0' encoding='x-none'?><record/>", "unknown encoding"),
            (gzip.compress(b"<record/>", mtime=0)[:-9], "damaged or cut off"),
        ],
    )
    def test_other_files_are_refused(self, content: str | bytes, message: str) -> None:
        with pytest.raises(UnreadableFile, match=message):
            rows_of(content)

    def test_a_wrong_encoding_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="is not UTF-8"):
            rows_of(record_of("Brontë").encode("cp1252"), "utf-8")

    def test_a_tag_without_an_end_is_not_kept(self) -> None:
        text = f"<collection>{record_of('One')}<record x='{'x' * 3_000_000}'/></collection>"
        assert titles_or_faults(text) == ["One", "row: line 3: a tag or comment is longer than 1,048,576 bytes"]

    def test_memory_stays_bounded(self) -> None:
        tracemalloc.start()
        rows = sum(row.book is not None for row in MarcXml(cast("IO[bytes]", Many(2_000))))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == 2_000
        assert most < 2_000_000


class Many(RawIOBase):
    """A file of many records, none of which is in memory before it is read."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.seek(0)

    def seek(self, place: int, whence: int = 0) -> int:
        assert (place, whence) == (0, 0)
        self._left = iter([b"<collection>", *[record_of("Emma").encode()] * self._number, b"</collection>"])
        return 0

    def read(self, size: int = -1) -> bytes:
        return next(self._left, b"") if size else b""


class TestWriting:
    @given(documents())
    def test_fits_the_schema(self, written: str) -> None:
        marcxml = FORMATS["marcxml"]
        assert marcxml.write is not None
        root = fromstring(
            marcxml.before + marcxml.write(written) + marcxml.between + marcxml.write(written) + marcxml.after
        )
        assert root.tag == f"{{{NAMESPACE}}}collection"
        assert len(root) == 2
        for record in root:
            _require_schema(record)

    def test_has_room_for_long_texts(self) -> None:
        people = [{"author_id": place, "name": f"{place}{'界' * 250}", "role": "aut"} for place in range(1, 201)]
        written = document(contributors=people, description="界" * 10_000)
        marcxml = FORMATS["marcxml"]
        assert marcxml.write is not None
        (row,) = rows_of(marcxml.before + marcxml.write(written) + marcxml.after)
        assert row.book is not None
        assert len(row.book.contributors) == 200
        assert row.book.description == "界" * 10_000

    def test_is_a_format(self) -> None:
        marcxml = FORMATS["marcxml"]
        assert (marcxml.extension, marcxml.media_type) == ("marcxml", "application/marcxml+xml")


def _require_schema(record: ET.Element) -> None:
    """Require what the schema does: the order of elements, and the patterns of their parts."""
    names = [element.tag.removeprefix(f"{{{NAMESPACE}}}") for element in record]
    assert names == sorted(names, key=["leader", "controlfield", "datafield"].index)
    assert names.count("leader") == 1
    assert re.fullmatch(PATTERNS["leader"], record[0].text or "")
    for name, element in zip(names[1:], list(record)[1:], strict=True):
        assert re.fullmatch(PATTERNS[name], element.attrib["tag"])
        if name == "datafield":
            assert set(element.attrib) == {"tag", "ind1", "ind2"}
            assert re.fullmatch("[0-9a-z ]{2}", element.attrib["ind1"] + element.attrib["ind2"])
            assert len(element) > 0
            assert all(re.fullmatch(PATTERNS["subfield"], part.attrib["code"]) and part.text for part in element)


CONTENT = f"<collection>{record_of('One')}{record_of('Two')}</collection>".encode()


@given(
    st.integers(0, len(CONTENT)), st.integers(0, 9), st.binary(max_size=4) | st.sampled_from([b"<", b">", b"&", b"]]>"])
)
def test_any_file_is_read_or_refused_in_words(place: int, number: int, some: bytes) -> None:
    try:
        rows = rows_of(CONTENT[:place] + some + CONTENT[place + number :])
    except UnreadableFile:
        return
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))
    assert all((row.book is not None) + bool(row.errors) == 1 for row in rows)
