"""What is read of the numbers, subjects, holdings and links of a MARC record."""

from __future__ import annotations

import pytest

from app.schemas.fields import MOST_GENRES
from tests.unit.transfer.marc.books import notes, only_book, only_row


class TestNumbers:
    def test_the_first_isbn_is_that_of_the_book(self) -> None:
        book = only_book(
            ("020", "  $a0914378287 (v. 1)"), ("020", "  $a0914378295 (lim. ed.) (v. 1)"), ("020", "  $z0914378260")
        )
        assert book.isbn == "9780914378280"
        assert [one.value for one in book.identifiers] == ["9780914378297"]

    def test_both_forms_of_an_isbn_are_one(self) -> None:
        book = only_book(
            ("020", "  $a0-201-61622-X$q(pbk.)"), ("020", "  $a9780201616224"), ("024", "3 $a9780201616224")
        )
        assert (book.isbn, book.identifiers) == ("9780201616224", [])

    def test_a_wrong_isbn_is_noted_and_the_next_one_kept(self) -> None:
        row = only_row(("020", "  $a0914378288"), ("020", "  $a0914378295"))
        assert row.book is not None
        assert row.book.isbn == "9780914378297"
        assert notes(row) == ["isbn (column 020 $a): “0914378288” the check digit does not match"]

    def test_identifiers(self) -> None:
        book = only_book(
            ("001", "ocm44279786 "),
            ("003", "OCoLC"),
            ("010", "  $a   99043581 "),
            ("022", "0 $a0317-8471"),
            ("024", "7 $ahttps://doi.org/10.1000/182$2doi"),
            ("024", "7 $a20.500/1$2hdl"),
            ("035", "  $a(OCoLC)ocm44279786"),
            ("035", "  $a(DLC)   99043581"),
        )
        assert [(one.type, one.value) for one in book.identifiers] == [
            ("lccn", "99043581"),
            ("issn", "0317-8471"),
            ("doi", "10.1000/182"),
            ("other", "hdl:20.500/1"),
            ("oclc", "44279786"),
        ]


class TestOtherFields:
    @pytest.mark.parametrize(
        ("fields", "language"),
        [
            ([("008", f"{'':35}ger  ")], "de"),
            ([("008", f"{'':35}scr  ")], "hr"),
            ([("008", f"{'':35}gal  ")], "om"),
            ([("008", f"{'':35}und  ")], None),
            ([("008", f"{'':35}mul  "), ("041", "0 $afre")], "fr"),
            ([("041", "1 $aeng$hfre")], "en"),
            ([("008", f"{'':35}chi  "), ("041", " 7$azh-Hant$2rfc5646")], "zh-Hant"),
        ],
    )
    def test_language(self, fields: list[tuple[str, str]], language: str | None) -> None:
        assert only_book(*fields).language == language

    def test_further_languages_are_noted(self) -> None:
        row = only_row(("041", "0 $aengfre"))
        assert notes(row) == ["language (column 041 $a): “en, fr” is one of several, and the first is kept"]

    def test_genres_come_before_subjects(self) -> None:
        book = only_book(
            ("650", " 0$aWeb sites$xDesign."),
            ("650", " 0$aJazz$y1951-1960."),
            ("650", " 7$afiction.$2fast"),
            ("651", " 0$aEngland$xSocial life and customs$vFiction."),
            ("655", " 7$aFiction.$2lcgft"),
        )
        assert book.genres == [
            "Fiction",
            "Web sites -- Design",
            "Jazz -- 1951-1960",
            "England -- Social life and customs -- Fiction",
        ]

    def test_both_parts_of_a_summary_are_apart(self) -> None:
        assert only_book(("520", "  $aA novel.$bOf manners.")).description == "A novel. Of manners."

    @pytest.mark.parametrize("extent", ["2 v. ;", "3 volumes"])
    def test_volumes_are_no_pages(self, extent: str) -> None:
        row = only_row(("300", f"  $a{extent}"))
        assert row.book is not None
        assert (row.book.pages, [note.field for note in row.left_out]) == (None, ["pages"])

    @pytest.mark.parametrize(
        ("leader", "reason"),
        [
            ("00000naa a2200000 a 4500", "is a part of another publication, not a book"),
            ("00000nas a2200000 a 4500", "is a periodical or another serial, not a book"),
        ],
    )
    def test_articles_and_periodicals_are_passed_over(self, leader: str, reason: str) -> None:
        row = only_row(leader=leader)
        assert (row.book, row.errors, row.passed_over) == (None, [], reason)

    def test_too_many_and_too_long_genres_are_noted(self) -> None:
        row = only_row(*(("650", f" 0$aSubject {number}$x{'x' * 100}") for number in range(MOST_GENRES + 1)))
        assert row.book is not None
        assert row.book.genres[:2] == ["Subject 0", "Subject 1"]
        assert notes(row) == [f"genres (column 655, 650, 651): are more than {MOST_GENRES}; the others are left out"]

    @pytest.mark.parametrize(
        ("fields", "number", "location"),
        [
            ([("852", "8 $bMain$cShelf 3$h823.7$iAUS"), ("050", "00$aPR4034$b.E5")], "823.7 AUS", "Main, Shelf 3"),
            ([("852", "  $aLibrary"), ("050", "00$aPR4034$b.E5"), ("082", "00$a823/.7")], "PR4034 .E5", "Library"),
            ([("082", "00$a005.13/3$221")], "005.133", None),
        ],
    )
    def test_shelf(self, fields: list[tuple[str, str]], number: str, location: str | None) -> None:
        book = only_book(*fields)
        assert (book.call_number, book.location) == (number, location)

    def test_links(self) -> None:
        book = only_book(
            ("856", "40$uhttps://example.org/read$qtext/html$yThe text"),
            ("856", "41$3Table of contents$uhttps://example.org/toc$qhtml"),
            ("856", "42$3Cover image$uhttps://example.org/cover.jpg"),
        )
        assert [link.model_dump() for link in book.links] == [
            {"rel": "read", "href": "https://example.org/read", "type": "text/html", "title": "The text"},
            {"rel": "about", "href": "https://example.org/toc", "type": None, "title": "Table of contents"},
        ]
        assert book.cover_url == "https://example.org/cover.jpg"

    def test_an_address_that_is_not_on_the_web_is_noted(self) -> None:
        assert notes(only_row(("856", "40$uftp://example.org/x"))) == [
            "links (column 856): “ftp://example.org/x” must be an http or https address"
        ]

    def test_summaries_are_paragraphs(self) -> None:
        assert (
            only_book(("520", "  $aFirst."), ("520", "3 $aSecond."), ("505", "0 $aContents")).description
            == "First.\nSecond."
        )

    def test_a_long_summary_is_cut(self) -> None:
        row = only_row(*[("520", f"  $a{'x' * 6_000}")] * 2)
        assert row.book is not None
        assert len(row.book.description or "") == 10_000
        assert notes(row) == ["description (column 520 $a): is cut after 10,000 characters"]
