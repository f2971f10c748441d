"""Files of MARC records that are damaged, or of something else."""

from __future__ import annotations

import gzip
import tracemalloc
from collections import Counter
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Subfield

from app.errors import UnreadableFile
from app.transfer.marc.book_of_record import fill_from
from app.transfer.marc.iso2709 import Marc
from app.transfer.marc.record import MarcRecord
from app.transfer.rows import Row
from tests.unit.transfer.marc.books import record, rows_of
from tests.unit.transfer.tables.reading import names_in

ONE, TWO, THREE = (record(("245", f"10$aVolume {number} /$cX.")) for number in (1, 2, 3))
CUT_OFF = "row: is cut off: its end is missing"
NOT_A_RECORD = "row: is not a MARC record: no record begins here with a leader of 24 characters"


def titles_or_faults(content: bytes) -> list[str]:
    """The titles of a file, or the faults where there should be a record."""
    rows = rows_of(content)
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))
    return [row.book.title if row.book else f"row: {row.errors[0].detail}" for row in rows]


class TestDamage:
    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (ONE + b"garbage" + TWO, ["Volume 1", NOT_A_RECORD, "Volume 2"]),
            (ONE + b"garbage\x1d" + TWO, ["Volume 1", NOT_A_RECORD, "Volume 2"]),
            (b"garbage" + ONE, [NOT_A_RECORD, "Volume 1"]),
            (ONE + TWO[:60] + THREE, ["Volume 1", CUT_OFF, "Volume 3"]),
            (ONE + TWO[:-1] + THREE, ["Volume 1", CUT_OFF, "Volume 3"]),
            (ONE + TWO[:60], ["Volume 1", CUT_OFF]),
            (ONE + TWO[:-2], ["Volume 1", CUT_OFF]),
            (ONE + TWO[:3], ["Volume 1", NOT_A_RECORD]),
            (ONE + TWO[:-1], ["Volume 1", "Volume 2"]),
            (ONE + b"garbage", ["Volume 1", NOT_A_RECORD]),
        ],
    )
    def test_costs_only_the_damaged_record(self, content: bytes, what: list[str]) -> None:
        assert titles_or_faults(content) == what

    @pytest.mark.parametrize("between", [b"\n", b"\r\n", b"\r\n\r\n", b"\0", b" "])
    def test_line_breaks_between_records_are_none(self, between: bytes) -> None:
        content = b"\xef\xbb\xbf" + between.join([ONE, TWO, b""])
        assert titles_or_faults(content) == ["Volume 1", "Volume 2"]
        assert Marc(BytesIO(content)).size == 2

    @pytest.mark.parametrize("length", [b"00001", b"99999", b"12345"])
    def test_a_wrong_length_does_not_matter(self, length: bytes) -> None:
        assert titles_or_faults(ONE + length + TWO[5:] + THREE) == ["Volume 1", "Volume 2", "Volume 3"]

    def test_a_text_may_quote_a_leader(self) -> None:
        quotation = record(("520", "  $aThe leader is 00755cam a22002414a 4500."))
        assert titles_or_faults(quotation + TWO) == ["Emma", "Volume 2"]

    def test_a_broken_directory_is_told(self) -> None:
        broken = TWO[:24] + b"x" * 24 + TWO[48:]
        assert titles_or_faults(ONE + broken + THREE)[::2] == ["Volume 1", "Volume 3"]
        assert titles_or_faults(ONE + broken + THREE)[1].startswith("row: is damaged: ")

    def test_a_record_may_be_longer_than_the_format_allows(self) -> None:
        long = record(("520", "  $ashort"), *[("500", f"  $a{'x' * 9_000}")] * 10)
        assert len(long) < 99_999
        assert titles_or_faults(ONE + long + TWO) == ["Volume 1", "Emma", "Volume 2"]

    def test_a_long_run_without_a_terminator_costs_little_memory(self) -> None:
        content = BytesIO(ONE + b"x" * 30_000_000 + TWO + b"y" * 2_000_000 + b"\x1d" + THREE)
        tracemalloc.start()
        rows = list(Marc(content))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [row.book.title if row.book else row.errors[0].detail for row in rows] == [
            "Volume 1",
            "is longer than 1,000,000 bytes",
            "Volume 2",
            "is longer than 1,000,000 bytes",
            "Volume 3",
        ]
        assert most < 6_000_000

    def test_rows_can_be_read_again(self) -> None:
        marc = Marc(BytesIO(gzip.compress(ONE + TWO)))
        assert marc.size == 2
        assert len(list(marc)) == len(list(marc)) == 2


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "the file is empty"),
            (b"\r\n\0", "the file is empty"),
            (b"title,author\nEmma,Jane Austen\n", "the file is not MARC 21"),
            (b"<?xml version='1.0'?><collection/>", "import it as marcxml"),
            (b"PK\x03\x04" + b"\0" * 90, "the file is not MARC 21"),
            (gzip.compress(ONE, mtime=0)[:-9], "damaged or cut off"),
        ],
    )
    def test_are_refused(self, content: bytes, message: str) -> None:
        with pytest.raises(UnreadableFile, match=message):
            Marc(BytesIO(content))

    def test_an_unknown_encoding_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="not the name of an encoding"):
            Marc(BytesIO(ONE), "utf-9")


class TestEncodings:
    @pytest.mark.parametrize(
        ("name", "leader"),
        [
            ("Bront\u00eb".encode(), "a"),
            ("Bront\u00eb".encode(), " "),  # the leader is wrong
            (b"Bront\xe8e", " "),  # MARC-8
            (b"Bront\xe8e", "a"),  # likewise
        ],
    )
    def test_are_told_by_the_bytes(self, name: bytes, leader: str) -> None:
        (row,) = rows_of(self.with_name(name, leader))
        assert row.book is not None
        assert names_in(row.book) == ["Charlotte Brontë"]

    @pytest.mark.parametrize("name", [b"Bront\xeb", "Bront\u00eb \u2018x\u2019 ".encode()[:-3]])
    def test_a_record_in_neither_is_remarked_on(self, name: bytes) -> None:
        marc = Marc(BytesIO(self.with_name(name, " ")))
        (row,) = marc
        assert row.book is not None
        assert names_in(row.book)[0].startswith("Charlotte Brontë")
        assert list(marc.remarks) == [
            "is neither in UTF-8 nor in MARC-8, so that letters of it may be wrong; say which encoding it has"
        ]

    @pytest.mark.parametrize(
        ("name", "encoding"),
        [
            (b"Bront\xeb", "cp1252"),
            (b"Bront\x89", "cp850"),
            (b"Bront\xe8e", "MARC-8"),
            ("Bront\u00eb".encode(), "utf-8"),
        ],
    )
    def test_can_be_said(self, name: bytes, encoding: str) -> None:
        (row,) = rows_of(self.with_name(name, " "), encoding)
        assert row.book is not None
        assert names_in(row.book) == ["Charlotte Brontë"]

    def test_a_record_in_another_one_is_a_fault(self) -> None:
        rows = rows_of(ONE + self.with_name(b"Bront\xe8e", " ") + TWO, "utf-8")
        assert [[error.detail for error in row.errors] for row in rows] == [[], ["is not in UTF-8"], []]

    def test_marc_8_has_the_letters_of_east_asia(self) -> None:
        (row,) = rows_of(self.with_name(b"\x1b$1!09!TT\x1b(B", " "))
        assert row.book is not None
        (row,) = rows_of(self.with_name(b"\x1b$1!09!T\x1b(B", " "))
        assert [error.detail for error in row.errors] == ["is not in MARC-8: a letter of East Asia is cut off"]

    @staticmethod
    def with_name(name: bytes, leader: str) -> bytes:
        """A record with the name of an author in some encoding."""
        made = record(("100", f"1 $a{'#' * len(name)}, Charlotte.")).replace(b"#" * len(name), name)
        return made[:9] + leader.encode() + made[10:]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Records of which some bytes are others, missing, or too many."""
    content = bytearray(ONE + record(("020", "  $a0914378287"), ("245", "10$aBront\u00eb /$cX.")) + THREE)
    for _ in range(draw(st.integers(1, 12))):
        place = draw(st.integers(0, len(content) - 1))
        some = draw(st.sampled_from([b"", b"\x1d", b"\x1e", b"\x1f", b"\x1b$1", b"9", b"\xe8"]) | st.binary(max_size=4))
        content[place : place + draw(st.integers(0, 3))] = some
    return bytes(content)


@given(damaged())
def test_any_file_is_read_or_refused_in_words(content: bytes) -> None:
    try:
        marc = Marc(BytesIO(content))
    except UnreadableFile:
        return
    rows = list(marc)
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))
    assert all((row.book is not None) + bool(row.errors) == 1 for row in rows)
    assert all(note.detail and note.line == row.line for row in rows for note in row.errors + row.left_out)


TAGS = "003 008 010 020 022 024 035 041 050 082 100 110 111 260 264 300 440 490 520 650 655 700 711 830 852 856 880"
VALUES = st.text(max_size=20) | st.sampled_from(
    [
        "Austen, Jane,",
        ",",
        "\u0301",
        "1. 2",
        "c1999-2001",
        "(OCoLC)1",
        "245-01",
        "1.1\\x",
        "x" * 600,
        "IX",
        "9" * 20,
        "edt",
    ]
)


@st.composite
def strange(draw: st.DrawFn) -> MarcRecord:
    """A record of any fields with any texts."""
    fields = []
    for tag in ["245", *draw(st.lists(st.sampled_from(TAGS.split()), max_size=12))]:
        if tag < "010":
            fields.append(Field(tag, data=draw(VALUES | st.none())))
            continue
        subfields = draw(st.lists(st.builds(Subfield, st.sampled_from("abcdehnpqtuvxyz023468"), VALUES), max_size=5))
        fields.append(
            Field(tag, Indicators(draw(st.sampled_from("0123478 ")), draw(st.sampled_from("0123479 "))), subfields)
        )
    return MarcRecord(draw(st.sampled_from(["", "00000nam a2200000 a 4500", "00000nam a2200000 c 4500"])), fields)


@given(strange())
def test_any_fields_are_read_or_noted(record: MarcRecord) -> None:
    row = Row(1)
    fill_from(row, record, Counter())
    assert (row.book is not None) + bool(row.errors) == 1
