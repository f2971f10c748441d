"""The service's own formats: what goes out comes in again as it was."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from hypothesis import example, given, settings

from app.schemas.books import EMMA_REPLY
from app.schemas.imported_books import BookRow
from tests.unit.transfer.documents import books, comparable, document_of, file_of, read_back

EMMA = json.dumps(EMMA_REPLY, ensure_ascii=False, separators=(",", ":"))
HARD = BookRow.model_validate(
    {
        "title": '\'=HYPERLINK("x")',
        "contributors": [{"name": "A|B;C\\", "role": "trl"}, {"name": "=cmd", "role": "edt", "is_main": True}],
        "description": "\n" * 9_998 + "=1",
        "genres": ["a;b", "c|", "d\\"],
        "series": "-1",
        "series_position": 1e-7,
        "published_year": -44,
        "published": "-0044-03-15",
        "identifiers": [{"type": "other", "value": "a:b;c"}],
        "links": [{"rel": "read", "href": "https://a.example/;|\\", "type": None, "title": "@;|"}],
    }
)


@pytest.mark.parametrize("name", ["jsonl", "csv"])
@given(book=books())
@example(book=HARD)
@settings(max_examples=60)
def test_comes_back_as_it_was(name: str, book: BookRow) -> None:
    document = document_of(book)
    rows = read_back(name, file_of(name, EMMA, document, EMMA))
    assert [row.errors + row.left_out for row in rows] == [[], [], []]
    first, read, last = [row.book for row in rows]
    assert first == last
    assert read is not None
    derived = json.loads(document)["sort_title"]
    assert comparable(read) == comparable(book) | {"sort_title": derived}


class TestCsv:
    def test_is_a_table_for_people(self) -> None:
        header, row = csv.reader(StringIO(file_of("csv", EMMA).decode(), newline=""), strict=True)
        assert dict(zip(header, row, strict=True)) == {
            "id": "1",
            "title": "Emma",
            "subtitle": "",
            "author": "Jane Austen",
            "contributors": "Jane Austen|aut",
            "isbn": "9780141439587",
            "published_year": "1815",
            "language": "en",
            "publisher": "Penguin",
            "description": "",
            "pages": "512",
            "series": "",
            "series_position": "",
            "cover_url": "",
            "genres": "Fiction;Classics",
            "created_at": "2026-11-22T10:00:00Z",
            "updated_at": "2026-11-22T10:00:00Z",
            "created_by": "1",
            "version": "1",
            "sort_title": "Emma",
            "published": "1815-12",
            "identifiers": "oclc:297",
            "links": "",
            "call_number": "823.7 AUS",
            "location": "",
        }

    def test_has_lines_that_end_as_rfc_4180_says_and_no_byte_order_mark(self) -> None:
        content = file_of("csv", EMMA)
        assert content.count(b"\r\n") == content.count(b"\n") == 2
        assert content.startswith(b"id,title,subtitle,author,")

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\uff1d"])
    def test_has_no_cell_that_a_spreadsheet_calculates(self, begin: str) -> None:
        book = BookRow(title="x", contributors=[{"name": "=a"}], description=f"{begin}1+1", series="'=x")  # type: ignore[list-item]
        row = next(csv.DictReader(StringIO(file_of("csv", document_of(book)).decode().replace("\r\n", "\n"))))
        assert (row["description"], row["author"], row["series"]) == (f"'{begin}1+1", "'=a", "''=x")

    def test_leaves_negative_years_to_calculate_with(self) -> None:
        book = BookRow(title="x", contributors=[{"name": "y"}], published_year=-44, published="-0044")  # type: ignore[list-item]
        row = next(csv.DictReader(StringIO(file_of("csv", document_of(book)).decode())))
        assert (row["published_year"], row["published"]) == ("-44", "'-0044")

    def test_that_a_spreadsheet_saved_again_is_read(self) -> None:
        text = file_of("csv", EMMA).decode().replace(",", ";").replace("Fiction;Classics", '"Fiction;Classics"')
        text = text.replace(";1815;", ";1815.0;").replace(";location", ";location;notes")
        (row,) = read_back("csv", text.encode())
        assert (row.errors, row.left_out) == ([], [])
        assert row.book is not None
        assert (row.book.published_year, row.book.genres) == (1815, ["Fiction", "Classics"])

    def test_notes_what_a_spreadsheet_has_spoilt(self) -> None:
        text = file_of("csv", EMMA).decode().replace("9780141439587", "9.78014E+12").replace(",512,", ",many,")
        (row,) = read_back("csv", text.encode())
        assert [(note.field, note.value) for note in row.left_out] == [("isbn", "9.78014E+12"), ("pages", "many")]

    def test_of_another_program_is_read_by_its_habits(self) -> None:
        (row,) = read_back("csv", b'title,author\n"The Hunger Games (The Hunger Games, #1)","Collins, Suzanne"\n')
        assert row.book is not None
        assert (row.book.series, row.book.main_author.name) == ("The Hunger Games", "Suzanne Collins")
