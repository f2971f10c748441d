"""BibTeX: what the fields of an entry say."""

from __future__ import annotations

from io import BytesIO

import pytest

from app.schemas.imported_books import BookRow
from app.transfer.bibtex import bibtex
from tests.unit.transfer import books
from tests.unit.transfer.books import bib_entry, left_out, rows_of
from tests.unit.transfer.tables.reading import names_in


def only_book(text: str) -> BookRow:
    return books.only_book("bibtex", text)


class TestText:
    @pytest.mark.parametrize(
        ("tex", "text"),
        [
            (r"{{\"O}dipus}", "Ödipus"),
            (r"{Les mis\'erables}", "Les misérables"),
            (r"{Stra{\ss}e}", "Straße"),
            (r"{\textit{Emma} and \emph{others}}", "Emma and others"),
            ("{1900--1931}", "1900\u20131931"),
            ("{C.~A. K}", "C. A. K"),
            ("{The {LaTeX} Companion}", "The LaTeX Companion"),
            (r"{{\TeX}: The Program}", "TeX: The Program"),
            (r"{\mkbibquote{De Motu}}", "“De Motu”"),
            (r"{Artemis \& Winkler}", "Artemis & Winkler"),
            ("{100% wool, US$ 5}", "100% wool, US$ 5"),
            ('"a {"} b"', 'a " b'),
            ("{over\n    two  lines}", "over two lines"),
            (r"{\href{https://a.example}{Emma}}", "Emma"),
            (r"{$\alpha$ and $\beta$}", "\u03b1 and \u03b2"),
            ("1984", "1984"),
        ],
    )
    def test_of_tex_is_unicode(self, tex: str, text: str) -> None:
        assert only_book(bib_entry(title=tex)).title == text

    def test_with_an_unknown_command_is_remarked(self) -> None:
        source = bibtex.read(BytesIO(bib_entry(title=r"{\foo{Emma}}").encode()))
        assert [row.book and row.book.title for row in source] == ["Emma"]
        assert source.remarks == {"has the TeX command “\\foo”, which is not known and left out": 1}

    @pytest.mark.parametrize("tex", [r"{Emma \enquote}", "{" * 50 + "}" * 50, "{" + r"\'e" * 30_000 + "}"])
    def test_that_cannot_be_read_is_told(self, tex: str) -> None:
        row = books.only_row("bibtex", bib_entry(subtitle=tex))
        assert row.book is not None
        assert [(note.column, row.book.subtitle) for note in row.left_out] == [("subtitle", None)]

    def test_has_paragraphs(self) -> None:
        assert only_book(bib_entry(abstract="{a\n  b\n\n  c\\par d}")).description == "a b\nc\nd"


class TestNames:
    @pytest.mark.parametrize(
        ("names", "people"),
        [
            ("{Austen, Jane}", [("Jane Austen", "Austen, Jane")]),
            ("{Jane Austen and Emily Brontë}", [("Jane Austen", "Austen, Jane"), ("Emily Brontë", "Brontë, Emily")]),
            (
                r"{de la Vall{\'e}e Poussin, Charles}",
                [("Charles de la Vallée Poussin", "Vallée Poussin, Charles de la")],
            ),
            ("{Ludwig van Beethoven}", [("Ludwig van Beethoven", "Beethoven, Ludwig van")]),
            ("{King, Jr., Martin Luther}", [("Martin Luther King Jr.", "King, Martin Luther, Jr.")]),
            ("{{Barnes and Noble, Inc.}}", [("Barnes and Noble, Inc.", "Barnes and Noble, Inc.")]),
            ("{Homer}", [("Homer", None)]),
            (r"{Ann B and \'Etienne C}", [("Ann B", "B, Ann"), ("Étienne C", "C, Étienne")]),
            (
                "{family=Hasselberg, given=Per, prefix=van and given={Hans}, family={Harman, Inc}}",
                [("Per van Hasselberg", "Hasselberg, Per van"), ("Hans Harman, Inc", "Harman, Inc, Hans")],
            ),
        ],
    )
    def test_are_read(self, names: str, people: list[tuple[str, str | None]]) -> None:
        found = only_book(bib_entry(author=names)).contributors
        assert [(person.name, person.sort_name) for person in found] == people

    def test_have_the_roles_of_their_fields(self) -> None:
        fields = {"editor": "{A B}", "translator": "{C D}", "foreword": "{E F}", "editora": "{G H}"}
        book = only_book(bib_entry(**fields, editoratype="{compiler}", illustrator="{I J}"))
        assert sorted(names_in(book)) == sorted(
            ["Jane Austen", "A B (edt)", "C D (trl)", "E F (aui)", "G H (com)", "I J (ill)"]
        )

    def test_of_others_are_missed(self) -> None:
        row = books.only_row("bibtex", bib_entry(author="{Austen, Jane and others}"))
        assert left_out(row) == [("contributors", "author", "does not name all people")]


class TestDates:
    @pytest.mark.parametrize(
        ("fields", "year", "date"),
        [
            ({"year": "1815"}, 1815, None),
            ({"year": "{1815}", "month": "dec"}, 1815, "1815-12"),
            ({"date": "{1999-03}", "year": "{1998}"}, 1999, "1999-03"),
            ({"date": "{1999-03-05}"}, 1999, "1999-03-05"),
            ({"date": "{-0876}"}, -876, None),
            ({"date": "{-0876-02}"}, -876, "-0876-02"),
            ({"year": "{876}"}, 876, None),
            ({"year": "{c1999}"}, 1999, None),
        ],
    )
    def test_are_read(self, fields: dict[str, str], year: int, date: str | None) -> None:
        book = only_book(bib_entry(**fields))
        assert (book.published_year, book.published) == (year, date)

    @pytest.mark.parametrize(
        ("date", "year", "why"),
        [
            ("1988/1992", 1988, "names a period, and its beginning is kept"),
            ("1988/", 1988, "names a period, and its beginning is kept"),
            ("../1992", 1992, "names a period, and its beginning is kept"),
            ("1850~", 1850, "is uncertain or approximate, which is not kept"),
            ("1999-21", 1999, "names a season, and its year is kept"),
            ("1999-02-30", 1999, "is no day of the calendar, and its year is kept"),
            ("199X", None, "is not a year"),
            ("forthcoming", None, "is not a year"),
        ],
    )
    def test_that_are_not_exact_are_told(self, date: str, year: int | None, why: str) -> None:
        row = books.only_row("bibtex", bib_entry(date=f"{{{date}}}"))
        assert row.book is not None
        assert row.book.published_year == year
        assert left_out(row) == [("published_year", "date", why)]


class TestFields:
    def test_are_those_of_the_book(self) -> None:
        book = only_book(
            bib_entry(
                subtitle="{A Novel}",
                publisher="{Penguin}",
                isbn="{0-14-143958-0, 978-0-306-40615-7}",
                issn="{0317-8471}",
                doi="{10.1000/a_b}",
                url=r"{https://a.example/b\_c?d=%20&e}",
                langid="{ngerman}",
                pagetotal="{xii, 352}",
                series="{Classics}",
                number="7",
                keywords="{novel, {love, lost}}",
                sorttitle="{Emma, The}",
                library="{Shelf 3}",
                callnumber="{823.7}",
                lccn="{n78-89035}",
                eprint="{2101.1}",
                eprinttype="{arXiv}",
            )
        )
        assert (book.subtitle, book.publisher, book.isbn, book.language) == (
            "A Novel",
            "Penguin",
            "9780141439587",
            "de",
        )
        assert (book.pages, book.series, book.series_position) == (352, "Classics", 7)
        assert book.genres == ["novel", "love, lost"]
        assert (book.sort_title, book.location, book.call_number) == ("Emma, The", "Shelf 3", "823.7")
        assert [(link.rel, link.href) for link in book.links] == [("about", "https://a.example/b_c?d=%20&e")]
        assert {(one.type, one.value) for one in book.identifiers} == {
            *(("isbn", "9780306406157"), ("issn", "0317-8471"), ("doi", "10.1000/a_b"), ("lccn", "n78089035")),
            ("other", "arxiv:2101.1"),
        }

    def test_that_are_wrong_are_left_out_by_their_names(self) -> None:
        fields = {"isbn": "{123}", "pages": "{204-208}", "doi": "{x}", "volume": "{A}", "series": "{S}"}
        assert sorted(left_out(books.only_row("bibtex", bib_entry(**fields)))) == [
            ("identifiers", "doi", "is not a DOI such as 10.1000/182"),
            ("isbn", "isbn", "is not an ISBN of 10 or 13 digits"),
            ("pages", "pages", "is a range, not a number of pages"),
            ("series_position", "volume", "is not one number"),
        ]

    def test_without_a_place_are_remarked_once(self) -> None:
        source = bibtex.read(
            BytesIO(
                (
                    bib_entry(location="{Bath}") + bib_entry("collection", location="{Bath}").replace("key", "k2")
                ).encode()
            )
        )
        assert [left_out(row) for row in source] == [[], []]
        assert source.remarks == {"has “location”, for which the catalogue has no field": 2}

    def test_of_two_entries_with_one_key_are_both_read(self) -> None:
        first, second = rows_of("bibtex", bib_entry() + bib_entry(title="{B}"))
        assert (left_out(first), left_out(second)) == ([], [("", "", "is the key of an earlier entry as well")])

    def test_that_are_too_many_are_told(self) -> None:
        fields = {"keywords": f"{{{', '.join(map(str, range(200)))}}}", "isbn": f"{{{'1, ' * 5_000}}}"}
        row = books.only_row("bibtex", bib_entry(**fields))
        assert row.book is not None
        assert (len(row.book.genres), len(row.left_out)) == (100, 101)

    def test_that_are_given_twice_are_told(self) -> None:
        row = books.only_row("bibtex", "@book{a, title={A}, title={B}}")
        assert row.book is not None
        assert (row.book.title, left_out(row)) == ("A", [("", "title", "is given twice, and the first is kept")])

    def test_of_several_publishers_and_languages_keep_the_first(self) -> None:
        row = books.only_row("bibtex", bib_entry(publisher="{A and {B and C}}", language="{langlatin and langgerman}"))
        assert row.book is not None
        assert (row.book.publisher, row.book.language) == ("A", "la")
        assert [column for _, column, _ in left_out(row)] == ["publisher", "language"]
