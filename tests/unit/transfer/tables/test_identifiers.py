"""Identifiers and links in a table's cells."""

from __future__ import annotations

import pytest

from tests.unit.transfer.tables.reading import left_out, only_book, only_row


@pytest.mark.parametrize(
    ("column", "cell", "found"),
    [
        ("OCLC", "ocm00000297", [("oclc", "297")]),
        ("OCLC Number", "297; 298", [("oclc", "297"), ("oclc", "298")]),
        ("LCCN", "2002-514713", [("lccn", "2002514713")]),
        ("ISSN", "0317-8471", [("issn", "0317-8471")]),
        ("DOI", "https://doi.org/10.1000/182", [("doi", "10.1000/182")]),
        ("ASIN", "B000XUBC2C", [("asin", "B000XUBC2C")]),
        ("ASIN", "0141439580", []),
        ("OCLC", "0", []),
        ("Open Library ID", "OL7353617M", [("olid", "OL7353617M")]),
        ("Identifiers", "oclc:297, goodreads:386162", [("oclc", "297"), ("goodreads", "386162")]),
        ("identifiers", "amazon_uk:B000XUBC2C,uri:http|//example.org/1", [
            ("asin", "B000XUBC2C"),
            ("other", "uri:http|//example.org/1"),
        ]),
        ("identifiers", "doi:10.1000/a,b; oclc:297", [("doi", "10.1000/a,b"), ("oclc", "297")]),
    ],
)  # fmt: skip
def test_identifiers_are_of_the_type_of_their_column(column: str, cell: str, found: list[tuple[str, str]]) -> None:
    assert [(one.type, one.value) for one in only_book(**{column: cell}).identifiers] == found


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("OCLC", "lost", "is not an OCLC number"),
        ("ISSN", "0317-8472", "the check digit does not match"),
        ("Identifiers", "386162", "does not begin with a type, such as oclc:"),
    ],
)
def test_what_is_none_is_left_out(column: str, cell: str, why: str) -> None:
    assert left_out(only_row(**{column: cell})) == [("identifiers", why)]


def test_isbns_among_them_are_those_of_the_book() -> None:
    book = only_book(identifiers="isbn:9780141439587,oclc:297")
    assert (book.isbn, [one.type for one in book.identifiers]) == ("9780141439587", ["oclc"])


def test_links_are_the_addresses() -> None:
    book = only_book(url="see https://example.org/emma; https://example.org/emma | http://example.org/2 or ftp")
    assert [str(link.href) for link in book.links] == ["https://example.org/emma", "http://example.org/2"]
