"""Books written as MARC 21 and MARCXML, and read again: nothing is lost that the formats carry."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given

from app.transfer.formats import FORMATS
from app.transfer.marc import iso2709, marcxml
from app.transfer.marc.marcxml import MarcXml
from tests.unit.transfer.marc.books import carried, document, documents, read_of, rows_of


def from_xml(content: bytes) -> BytesIO:
    return BytesIO(FORMATS["marcxml"].before + content + FORMATS["marcxml"].after)


@given(documents())
def test_a_book_returns_from_marc(written: str) -> None:
    (row,) = rows_of(iso2709.write(written))
    assert read_of(row) == carried(written)


@given(documents())
def test_a_book_returns_from_marcxml(written: str) -> None:
    (row,) = MarcXml(from_xml(marcxml.write(written)))
    assert read_of(row) == carried(written)


def test_a_title_that_looks_like_punctuation_returns() -> None:
    for title in [
        "Emma /",
        "Emma :",
        "Yours truly.",
        "U.S.A.",
        "What?",
        "1984",
        "/",
        ",",
        "A ; B",
        "Emma = Emma",
        "AT&amp;T",
    ]:
        written = document(title=title, subtitle=title, publisher=title, series=title, call_number=title)
        (row,) = rows_of(iso2709.write(written))
        assert read_of(row) == carried(written)


def test_books_of_a_file_return_in_order() -> None:
    written = [document(id=number, title=f"Volume {number}") for number in range(1, 4)]
    rows = rows_of(b"".join(map(iso2709.write, written)))
    assert [row.book.title for row in rows if row.book] == ["Volume 1", "Volume 2", "Volume 3"]
    rows = list(MarcXml(from_xml(FORMATS["marcxml"].between.join(map(marcxml.write, written)))))
    assert [row.book.title for row in rows if row.book] == ["Volume 1", "Volume 2", "Volume 3"]
    assert [row.line for row in rows] == [1, 2, 3]
