"""Identifiers in other catalogues: any usual spelling in, one out."""

from __future__ import annotations

import pytest

from app.domain.identifiers import OF_BOOKS, OF_PEOPLE

CHECK_DIGIT = "the check digit does not match"
SPELLED = [
    ("isbn", "0-14-143958-0", "9780141439587"),
    ("issn", "03178471", "0317-8471"),
    ("issn", "ISSN 2434-561x", "2434-561X"),
    *(("lccn", *pair) for pair in [("n78-890351", "n78890351"), ("n 78890351", "n78890351"), ("85-2", "85000002")]),
    *(("lccn", *pair) for pair in [("2001-000002", "2001000002"), ("75-425165//r75", "75425165")]),
    *(("lccn", *pair) for pair in [("79139101 /AC/r932", "79139101"), ("N78-89035", "n78089035")]),
    ("oclc", "(OCoLC)ocm00012345", "12345"),
    ("oclc", "on1234567890", "1234567890"),
    ("doi", "https://doi.org/10.1000/ABC.1", "10.1000/abc.1"),
    ("doi", "doi:10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O", None),
    ("olid", "ol7353617m", "OL7353617M"),
    ("wikidata", "https://www.wikidata.org/wiki/Q42", "Q42"),
    ("asin", "b000fc1pjy", "B000FC1PJY"),
    ("asin", "080442957x", "080442957X"),
    ("goodreads", "0815", "815"),
    ("librarything", "12/Emma", "12/Emma"),
    ("other", "shelf:4", "shelf:4"),
]
"""None: the text after its prefix, in lower case."""
REFUSED = [
    ("isbn", "9780141439588", CHECK_DIGIT),
    ("issn", "0317-8472", CHECK_DIGIT),
    ("issn", "0317", "is not an ISSN such as 0317-8471"),
    ("lccn", "abcd12345678", "is not an LCCN such as n78-890351"),
    ("lccn", "12-", "is not an LCCN such as n78-890351"),
    ("oclc", "0", "is not an OCLC number"),
    ("oclc", "9" * 32, "is not an OCLC number"),
    ("doi", "11.1000/1", "is not a DOI such as 10.1000/182"),
    ("doi", "10.1000/a b", "is not a DOI such as 10.1000/182"),
    ("olid", "OL21594A", "is not an Open Library ID such as OL7353617M"),
    ("wikidata", "P31", "is not a Wikidata item such as Q42"),
    ("asin", "0141439581", CHECK_DIGIT),
    ("asin", "B000", "is not an ASIN of 10 letters and digits"),
    ("goodreads", "emma", "is not a number"),
]


class TestOfBooks:
    @pytest.mark.parametrize(("kind", "text", "kept"), SPELLED)
    def test_have_one_spelling(self, kind: str, text: str, kept: str | None) -> None:
        kept = kept or text.removeprefix("doi:").lower()
        assert OF_BOOKS[kind](text) == kept
        assert OF_BOOKS[kind](kept) == kept

    @pytest.mark.parametrize(("kind", "text", "why"), REFUSED)
    def test_are_checked(self, kind: str, text: str, why: str) -> None:
        with pytest.raises(ValueError, match=why):
            OF_BOOKS[kind](text)


class TestOfPeople:
    @pytest.mark.parametrize(
        ("kind", "text", "kept"),
        [
            ("isni", "0000 0001 2103 2683", "0000000121032683"),
            ("isni", "https://isni.org/isni/0000000121032683", "0000000121032683"),
            ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
            ("viaf", "http://viaf.org/viaf/102333412", "102333412"),
            ("olid", "OL21594A", "OL21594A"),
            ("lccn", "n 79032879", "n79032879"),
        ],
    )
    def test_have_one_spelling(self, kind: str, text: str, kept: str) -> None:
        assert OF_PEOPLE[kind](text) == OF_PEOPLE[kind](kept) == kept

    @pytest.mark.parametrize(("kind", "text"), [("isni", "0000000121032684"), ("orcid", "0000-0002-1825-0098")])
    def test_have_check_digits(self, kind: str, text: str) -> None:
        with pytest.raises(ValueError, match=CHECK_DIGIT):
            OF_PEOPLE[kind](text)
