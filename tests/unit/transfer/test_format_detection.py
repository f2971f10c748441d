"""Formats that are recognised by a file's name or by its beginning."""

from __future__ import annotations

import gzip

import pytest

from app.transfer import format_detection
from app.transfer.formats import FORMATS, Format

EVERY = ["csv", "jsonl", "marc", "marcxml", "bibtex", "ris", "csl-json", "xlsx"]


@pytest.fixture(autouse=True)
def _every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(format_detection, "FORMATS", {name: Format(name, name, name, "") for name in EVERY})


def format_of(name: str, head: bytes = b"") -> str | None:
    found = format_detection.format_of(name, head)
    return found.name if found else None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("books.CSV", "csv"),
        ("books.tsv.gz", "csv"),
        ("a/b.c/books.jsonl.gz", "jsonl"),
        ("books.mrc", "marc"),
        ("books.xml", "marcxml"),
        ("refs.bib", "bibtex"),
        ("refs.ris", "ris"),
        ("refs.json", "csl-json"),
        ("books.xlsx", "xlsx"),
        ("books", None),
        ("-", None),
        ("books.pdf", None),
    ],
)
def test_name_tells(name: str, found: str | None) -> None:
    assert format_of(name) == found


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"title,author\n", "csv"),
        (b'{"title": "Emma"}', "jsonl"),
        (b"\xef\xbb\xbf{", "jsonl"),
        (b"00714cam a2200205 a 4500001", "marc"),
        (b"12345 title\n", "csv"),
        (b'\n<?xml version="1.0"?>', "marcxml"),
        (b"% my books\n@book{emma,", "bibtex"),
        (b"@handle,title\n", "csv"),
        (b"TY  - BOOK\r\n", "ris"),
        (b' [{"type": "book"}]', "csl-json"),
        (b'{"items": [{"id": "emma", "type": "book"}]}', "csl-json"),
        (b' [{"title": "Emma", "isbn": "9780141439587"}]', "jsonl"),
        (b"PK\x03\x04\x14", "xlsx"),
        (b"", None),
        (b"\x1f\x8bdamaged", "csv"),
    ],
)
def test_beginning_tells_where_the_name_does_not(head: bytes, found: str | None) -> None:
    assert format_of("-", head) == found
    if head and not head.startswith(b"\x1f"):
        assert format_of("-", gzip.compress(head)) == found


def test_json_of_the_service_is_no_csl_json() -> None:
    assert format_of("books.json", b'[{"id": 1, "title": "Emma", "author_id": 1}]') == "jsonl"
    assert format_of("books.json", b'[{"id": "emma", "type": "book", "ISBN": "9780141439587"}]') == "csl-json"


def test_name_precedes_the_beginning() -> None:
    assert format_of("books.csv", b"{") == "csv"


def test_what_is_not_here_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(format_detection, "FORMATS", FORMATS)
    assert format_detection.format_of("books.jsonl") is FORMATS["jsonl"]
    monkeypatch.setattr(format_detection, "FORMATS", {})
    assert format_of("books.mrc") is None
