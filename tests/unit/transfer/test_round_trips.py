"""Books that are written in a format of bibliographies, and read again."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import UnreadableFile
from app.schemas.books import EMMA_REPLY
from app.transfer.formats import FORMATS
from tests.unit.transfer.books import book_with, documents, kept, only_row, rows_of, written

NAMES = ["bibtex", "ris", "csl-json"]
NOT_CARRIED = {"bibtex": frozenset[str](), "ris": frozenset({"sort_title"}), "csl-json": frozenset[str]()}


@pytest.mark.parametrize("name", NAMES)
@given(book=documents())
@settings(max_examples=300)
def test_a_book_comes_back(name: str, book: dict[str, Any]) -> None:
    row = only_row(name, written(name, json.dumps(book)))
    assert row.book is not None
    before, after = kept(book, row.book, without=NOT_CARRIED[name])
    assert after == before


@pytest.mark.parametrize("name", NAMES)
def test_several_books_come_back(name: str) -> None:
    file = written(name, *(book_with(id=place, title=f"Emma {place}") for place in range(1, 4)))
    assert [row.book and row.book.title for row in rows_of(name, file)] == ["Emma 1", "Emma 2", "Emma 3"]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=200)
def test_damage_is_told_and_costs_only_its_neighbourhood(name: str, data: st.DataObject) -> None:
    file = bytearray(written(name, *[json.dumps(EMMA_REPLY)] * 3))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(file) - 1))
        file[place : place + data.draw(st.integers(0, 20))] = data.draw(
            st.binary(max_size=5) | st.sampled_from([b"{", b"}", b'"', b"\\", b"@book{", b"TY  - ", b"[", b"\n"])
        )
        file = file or bytearray(b"x")
    form = FORMATS[name]
    assert form.read is not None
    try:
        rows = list(form.read(BytesIO(bytes(file)), None, None))
    except UnreadableFile:
        return
    assert all(row.book or row.errors or row.passed_over for row in rows)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["</A>", "x</A y>z", "a &amp; b", "<b>bold</b>", "a < b & c"])
def test_texts_that_look_like_html_come_back(name: str, text: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(
        ("title", "subtitle", "publisher", "series", "location", "call_number"), text
    )
    people = [{"author_id": 1, "name": text, "role": "aut"}]
    row = only_row(name, written(name, book_with(**fields, sort_title=text, genres=[text], contributors=people)))
    assert row.book is not None
    assert row.book.model_dump(include=set(fields)) == fields
    assert row.book.genres == [text]
    assert [person.name for person in row.book.contributors] == [text]


@pytest.mark.parametrize("name", [*NAMES, "marc", "marcxml"])
@pytest.mark.parametrize("description", ["</A\n>", "<b>bold</b>", "&amp; &lt;", "a < b & c", "<br>", "1 &#38; 2"])
def test_a_description_that_looks_like_html_comes_back(name: str, description: str) -> None:
    row = only_row(name, written(name, book_with(description=description)))
    assert row.book is not None
    assert row.book.description == description
