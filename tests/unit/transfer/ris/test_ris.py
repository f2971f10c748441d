"""RIS: records as many programs write them, and our own."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from time import thread_time

import pytest
import rispy

from app.errors import UnreadableFile
from app.schemas.imported_books import BookRow
from app.transfer.ris import ris
from app.transfer.ris.records import LONGEST_RECORD, NO_TYPE, TOO_LONG
from tests.unit.transfer import books
from tests.unit.transfer.books import book_with, left_out, rows_of, written
from tests.unit.transfer.tables.reading import names_in


def record(*lines: str, kind: str = "BOOK") -> str:
    """A record of Emma, with more lines."""
    return "\n".join([f"TY  - {kind}", "TI  - Emma", "AU  - Austen, Jane", *lines, "ER  - ", ""])


def only_book(*lines: str) -> BookRow:
    return books.only_book("ris", record(*lines))


class TestLines:
    @pytest.mark.parametrize(
        "file",
        [
            *(
                "TY  - BOOK\r\nTI  - Emma\r\nAU  - Austen, Jane\r\nER  - \r\n",
                "TY  - BOOK\nTI  - Emma\nAU  - Austen, Jane\nER  -",
            ),
            *(
                "\ufeffTY  - BOOK\nTI  - Emma\nAU  - Austen, Jane\nER  - \n",
                "TY - BOOK\nTI - Emma\nAU - Austen, Jane\nER -\n",
            ),
            *("ty  - book\nti  - Emma\nau  - Austen, Jane\ner  - \n", "TY  - BOOK\nAU  - Austen, Jane\nTI  - Emma"),
            *(
                "TI  - Emma\nTY  - BOOK\nAU  - Austen, Jane\nER  - \n",
                "TY  - BOOK\rTI  - Emma\rAU  - Austen, Jane\rER  - \r",
            ),
            *(
                "1.\nTY  - BOOK\nTI  - Emma\n\nAU  - Austen, Jane\n\nER  - \n\n\n",
                "  TY  - BOOK\n  TI  - Emma\n  AU  - Austen, Jane\n",
            ),
            "TY  - BOOK\nTI  -Emma\nTI  - Emma\nAU  - Austen,\n      Jane\nER  - \n",
        ],
    )
    def test_may_be_spaced_and_ordered_otherwise(self, file: str) -> None:
        row = books.only_row("ris", file)
        assert row.book is not None
        assert (row.book.title, row.book.contributors[0].sort_name) == ("Emma", "Austen, Jane")

    def test_may_continue(self) -> None:
        assert only_book("AB  - One\n  two - three\n\nfour", "KW  - a\nb").description == "One\ntwo - three\n\nfour"

    def test_end_a_record_even_without_its_end(self) -> None:
        file = "TY  - BOOK\nTI  - Emma\nTY  - JOUR\nTI  - X\nTY  - BOOK\nTI  - Persuasion\n"
        assert [row.book.title if row.book else row.passed_over for row in rows_of("ris", file)] == [
            *("Emma", "is of the type “Journal” (JOUR), not a book", "Persuasion"),
        ]

    def test_that_end_without_an_end_are_remarked(self) -> None:
        source = ris.read(BytesIO(b"TY  - BOOK\nTI  - Emma\nAU  - Austen, Jane\n"))
        assert [row.book is not None for row in source] == [True]
        assert source.remarks == {ris.NO_END: 1}

    def test_before_the_type_make_no_record(self) -> None:
        first, second = rows_of("ris", "TI  - Emma\nER  - \n" + record())
        assert [(note.line, note.detail, note.value) for note in first.errors] == [(1, NO_TYPE, "Emma")]
        assert (second.line, second.book is not None) == (2, True)

    def test_of_no_record_are_no_file(self) -> None:
        with pytest.raises(UnreadableFile, match="has no RIS record"):
            rows_of("ris", "title,author\nEmma,Jane Austen\n")


class TestTypes:
    @pytest.mark.parametrize("kind", ["BOOK", "EBOOK", "EDBOOK", "THES", "RPRT", "book"])
    def test_of_books_come_in(self, kind: str) -> None:
        assert books.only_book("ris", record(kind=kind)).title == "Emma"

    @pytest.mark.parametrize("kind", ["JOUR", "CHAP", "MGZN", "ELEC", "XYZ", "GEN"])
    def test_of_others_are_passed_over(self, kind: str) -> None:
        row = books.only_row("ris", record(kind=kind))
        assert row.book is None
        assert kind in row.passed_over or row.passed_over == "is of the type “XYZ”"

    def test_of_no_particular_kind_are_books_with_an_isbn(self) -> None:
        assert books.only_book("ris", record("SN  - 0141439580", kind="GEN")).isbn == "9780141439587"


class TestTags:
    def test_are_those_of_the_book(self) -> None:
        book = only_book(
            *("ST  - Emma", "PB  - Penguin", "PY  - 1815", "DA  - 1815/12/23/first", "SN  - 0-14-143958-0; 0317-8471"),
            *("LA  - eng", "T2  - Classics", "VL  - 7", "SP  - 352", "CN  - 823.7", "KW  - novel", "KW  - love; lost"),
            *(
                "DO  - https://doi.org/10.1000/A",
                "UR  - https://a.example/b",
                "AB  - Long",
                "N2  - Short",
                "C2  - oclc:297",
            ),
        )
        assert (book.title, book.publisher, book.isbn, book.language) == ("Emma", "Penguin", "9780141439587", "en")
        assert (book.published_year, book.published) == (1815, "1815-12-23")
        assert (book.series, book.series_position, book.pages, book.call_number) == ("Classics", 7, 352, "823.7")
        assert (book.genres, book.description) == (["novel", "love; lost"], "Long")
        assert [(one.type, one.value) for one in book.identifiers] == [
            ("issn", "0317-8471"),
            ("doi", "10.1000/a"),
            ("oclc", "297"),
        ]
        assert [link.href for link in book.links] == ["https://a.example/b"]

    @pytest.mark.parametrize(
        ("line", "person"),
        [
            ("A1  - Brontë, Emily", "Emily Brontë"),
            ("A1  - King, Martin Luther, Jr.", "Martin Luther King Jr."),
            ("A1  - Beethoven, Ludwig van", "Ludwig van Beethoven"),
            ("A1  - World Health Organization,", "World Health Organization"),
            ("A1  - Smith,, Jones & Co.", "Smith, Jones & Co."),
            ("A2  - Brontë, Emily", "Emily Brontë (edt)"),
            ("ED  - Brontë, Emily", "Emily Brontë (edt)"),
            ("A4  - Brontë, Emily", "Emily Brontë (trl)"),
            ("C1  - ill: Brontë, Emily", "Emily Brontë (ill)"),
        ],
    )
    def test_of_people_say_their_roles(self, line: str, person: str) -> None:
        assert names_in(only_book(line)) == ["Jane Austen", person]

    def test_of_people_may_miss_some(self) -> None:
        row = books.only_row("ris", record("AU  - et al."))
        assert row.book is not None
        assert (names_in(row.book), len(left_out(row))) == (["Jane Austen"], 1)

    @pytest.mark.parametrize(
        ("text", "year", "date"),
        [
            *(
                ("1815", 1815, None),
                ("1815///", 1815, None),
                ("1815/12//", 1815, "1815-12"),
                ("1815/3/5", 1815, "1815-03-05"),
            ),
            *(("1815-12-23", 1815, "1815-12-23"), ("-0044/03//", -44, "-0044-03"), ("1815///Spring", 1815, None)),
        ],
    )
    def test_of_dates_are_read(self, text: str, year: int, date: str | None) -> None:
        book = only_book(f"PY  - {text}")
        assert (book.published_year, book.published) == (year, date)

    def test_that_are_wrong_are_left_out_by_their_names(self) -> None:
        row = books.only_row("ris", record("SN  - 123", "PY  - soon", "SP  - 12", "EP  - 19", "VL  - A", "DO  - x"))
        assert sorted(left_out(row)) == [
            ("identifiers", "DO", "is not a DOI such as 10.1000/182"),
            ("isbn", "SN", "is not an ISBN of 10 or 13 digits"),
            ("pages", "SP", "is a range, not a number of pages"),
            ("published_year", "PY", "is not a year"),
            ("series_position", "VL", "is not one number"),
        ]

    def test_without_a_place_are_remarked_once(self) -> None:
        source = ris.read(BytesIO((record("CY  - Bath", "XX  - y") * 2).encode()))
        assert [left_out(row) for row in source] == [[], []]
        assert source.remarks == {
            "has “CY”, for which the catalogue has no field": 2,
            "has “XX”, for which the catalogue has no field": 2,
        }
        assert source.size == 2

    def test_split_a_subtitle_off_if_the_short_title_says_so(self) -> None:
        book = books.only_book("ris", "TY  - BOOK\nTI  - Emma: A Novel\nST  - Emma\nAU  - Austen, Jane\nER  - \n")
        assert (book.title, book.subtitle) == ("Emma", "A Novel")


class TestDamage:
    def test_of_a_record_without_an_end_costs_little(self) -> None:
        long = record("AB  - " + "word\n" * (LONGEST_RECORD // 4))
        start = thread_time()
        first, second = rows_of("ris", long + record())
        assert thread_time() - start < 5
        assert ([note.detail for note in first.errors], second.book is not None) == ([TOO_LONG], True)

    def test_of_a_title_costs_only_the_record(self) -> None:
        rows = rows_of("ris", record() + "TY  - BOOK\nAU  - X, Y\nER  - \n" + record())
        assert [row.book is not None for row in rows] == [True, False, True]
        assert [(note.line, note.field) for note in rows[1].errors] == [(2, "title")]


class TestWriting:
    def test_gives_a_record(self) -> None:
        people = [
            {"author_id": 1, "name": "Jane Austen", "role": "aut"},
            {"author_id": 2, "name": "John Tenniel", "role": "ill"},
        ]
        assert written("ris", book_with(subtitle="A Novel", contributors=people)).decode() == (
            "TY  - BOOK\r\nID  - 1\r\nTI  - Emma: A Novel\r\nST  - Emma\r\nAU  - Austen, Jane\r\n"
            "C1  - ill: Tenniel, John\r\n"
            "PY  - 1815\r\nDA  - 1815/12//\r\nPB  - Penguin\r\nSN  - 9780141439587\r\nLA  - en\r\nSP  - 512\r\n"
            "CN  - 823.7 AUS\r\nKW  - Fiction\r\nKW  - Classics\r\nC2  - oclc:297\r\nER  - \r\n"
        )

    def test_gives_what_rispy_reads(self) -> None:
        file = written("ris", book_with(), book_with(id=2, description="a\nER  - \nTY  - BOOK\nb"))
        first, second = rispy.loads(file.decode().replace("\r\n", "\n"))
        assert (first["title"], first["authors"], first["keywords"]) == (
            "Emma",
            ["Austen, Jane"],
            ["Fiction", "Classics"],
        )
        assert second["abstract"] == "a \u2060ER  - \u2060TY  - BOOK b"

    def test_keeps_lines_that_look_like_tags(self) -> None:
        text = "a\nER  - \nTY  - BOOK\nb"
        book = books.only_book("ris", written("ris", book_with(description=text)))
        assert book.description == "a\nER  -\nTY  - BOOK\nb"

    @pytest.mark.skipif(shutil.which("ris2xml") is None, reason="bibutils is not installed")
    def test_gives_what_bibutils_reads(self) -> None:
        file = written("ris", book_with(), book_with(id=2))
        done = subprocess.run(["ris2xml"], input=file, capture_output=True, check=True)  # noqa: S607
        assert done.stderr.decode().strip() == "ris2xml: Processed 2 references."
