"""BibTeX: entries of others, damaged ones, and our own."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from time import perf_counter

import pytest
from bibtexparser.entrypoint import parse_string

from app.errors import UnreadableFile
from app.schemas.imports import BookRow
from app.transfer import bibtex
from app.transfer.bibtex_entries import LONGEST_ENTRY, NOT_CLOSED, TOO_LONG
from tests.unit.transfer import books
from tests.unit.transfer.books import book_with, left_out, rows_of, written
from tests.unit.transfer.tables import names_in


def entry(kind: str = "book", **fields: str) -> str:
    """An entry; without fields it is Emma."""
    given = {"author": "{Austen, Jane}", "title": "{Emma}"} | fields
    return f"@{kind}{{key,\n" + "".join(f"  {name} = {value},\n" for name, value in given.items()) + "}\n"


def only_book(text: str) -> BookRow:
    return books.only_book("bibtex", text)


def titles(text: str) -> list[str | None]:
    return [row.book.title if row.book else None for row in rows_of("bibtex", text)]


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
        assert only_book(entry(title=tex)).title == text

    def test_with_an_unknown_command_is_remarked(self) -> None:
        source = bibtex.read(BytesIO(entry(title=r"{\foo{Emma}}").encode()))
        assert [row.book and row.book.title for row in source] == ["Emma"]
        assert source.remarks == {"has the TeX command “\\foo”, which is not known and left out": 1}

    def test_has_paragraphs(self) -> None:
        assert only_book(entry(abstract="{a\n  b\n\n  c\\par d}")).description == "a b\nc\nd"


class TestAbbreviations:
    def test_are_written_out_and_joined(self) -> None:
        macros = '@string{cup = "Cambridge"}\n@STRING(up = { University Press})\n'
        assert only_book(macros + entry(publisher='CUP # up # " & Co"')).publisher == "Cambridge University Press & Co"

    def test_that_are_not_defined_are_told(self) -> None:
        row = books.only_row("bibtex", entry(publisher="cup"))
        assert row.book is not None
        assert row.book.publisher == "cup"
        assert left_out(row) == [("", "publisher", "uses “cup”, which no @string defines")]

    def test_do_not_grow_without_end(self) -> None:
        bombs = "".join(f"@string{{a{n} = {' # '.join([f'a{n - 1}'] * 10)}}}\n" for n in range(1, 40))
        row = books.only_row("bibtex", '@string{a0 = "lol"}\n' + bombs + entry(title="a39 # a39", abstract="a39"))
        assert [error.field for error in row.errors] == ["title"]


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
        found = only_book(entry(author=names)).contributors
        assert [(person.name, person.sort_name) for person in found] == people

    def test_have_the_roles_of_their_fields(self) -> None:
        fields = {"editor": "{A B}", "translator": "{C D}", "foreword": "{E F}", "editora": "{G H}"}
        book = only_book(entry(**fields, editoratype="{compiler}", illustrator="{I J}"))
        assert sorted(names_in(book)) == sorted(
            ["Jane Austen", "A B (edt)", "C D (trl)", "E F (aui)", "G H (com)", "I J (ill)"]
        )

    def test_of_others_are_missed(self) -> None:
        row = books.only_row("bibtex", entry(author="{Austen, Jane and others}"))
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
        book = only_book(entry(**fields))
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
        row = books.only_row("bibtex", entry(date=f"{{{date}}}"))
        assert row.book is not None
        assert row.book.published_year == year
        assert left_out(row) == [("published_year", "date", why)]


class TestFields:
    def test_are_those_of_the_book(self) -> None:
        book = only_book(
            entry(
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
        assert sorted(left_out(books.only_row("bibtex", entry(**fields)))) == [
            ("identifiers", "doi", "is not a DOI such as 10.1000/182"),
            ("isbn", "isbn", "is not an ISBN of 10 or 13 digits"),
            ("pages", "pages", "is a range, not a number of pages"),
            ("series_position", "volume", "is not one number"),
        ]

    def test_without_a_place_are_remarked_once(self) -> None:
        source = bibtex.read(
            BytesIO((entry(location="{Bath}") + entry("collection", location="{Bath}").replace("key", "k2")).encode())
        )
        assert [left_out(row) for row in source] == [[], []]
        assert source.remarks == {"has “location”, for which the catalogue has no field": 2}

    def test_of_two_entries_with_one_key_are_both_read(self) -> None:
        first, second = rows_of("bibtex", entry() + entry(title="{B}"))
        assert (left_out(first), left_out(second)) == ([], [("", "", "is the key of an earlier entry as well")])

    def test_that_are_too_many_are_told(self) -> None:
        fields = {"keywords": f"{{{', '.join(map(str, range(200)))}}}", "isbn": f"{{{'1, ' * 5_000}}}"}
        row = books.only_row("bibtex", entry(**fields))
        assert row.book is not None
        assert (len(row.book.genres), len(row.left_out)) == (100, 101)

    def test_that_are_given_twice_are_told(self) -> None:
        row = books.only_row("bibtex", "@book{a, title={A}, title={B}}")
        assert row.book is not None
        assert (row.book.title, left_out(row)) == ("A", [("", "title", "is given twice, and the first is kept")])

    def test_of_several_publishers_and_languages_keep_the_first(self) -> None:
        row = books.only_row("bibtex", entry(publisher="{A and {B and C}}", language="{langlatin and langgerman}"))
        assert row.book is not None
        assert (row.book.publisher, row.book.language) == ("A", "la")
        assert [column for _, column, _ in left_out(row)] == ["publisher", "language"]


class TestInheritance:
    WHOLE = (
        "@mvbook{w, author={Ann B}, title={Works}, subtitle={All}, publisher={P}, date={1988/1992}, isbn={0141439580}}"
    )

    def test_of_a_volume_is_the_whole_as_its_series(self) -> None:
        _, row = rows_of("bibtex", self.WHOLE + "\n@book{v, crossref={w}, title={First}, volume=1, year=1988}\n")
        assert row.book is not None
        assert (row.book.title, row.book.series, row.book.series_position) == ("First", "Works: All", 1)
        assert (names_in(row.book), row.book.publisher, row.book.isbn) == (["Ann B"], "P", None)

    def test_of_data_is_as_it_is(self) -> None:
        data, row = rows_of("bibtex", "@xdata{p, publisher={P}}\n@book{b, title={T}, xdata={p}}\n")
        assert (data.passed_over, row.book and row.book.publisher) == ("is data for other entries, not a book", "P")

    def test_that_leads_nowhere_is_told(self) -> None:
        rows = rows_of(
            "bibtex",
            "@book{a, title={A}, crossref={b}}\n@book{b, title={B}, crossref={a}}\n@book{c, title={C}, crossref={d}}",
        )
        assert [note.column for row in rows for note in row.left_out] == ["crossref"] * 3
        assert [row.book and row.book.title for row in rows] == ["A", "B", "C"]


class TestTypes:
    @pytest.mark.parametrize(
        "kind", ["book", "BOOK", "mvbook", "collection", "phdthesis", "manual", "techreport", "booklet"]
    )
    def test_of_books_come_in(self, kind: str) -> None:
        assert only_book(entry(kind)).title == "Emma"

    @pytest.mark.parametrize(
        ("kind", "reason"),
        [
            ("article", "is an article, not a book"),
            ("incollection", "is a part of a book, not a book"),
            ("inproceedings", "is a paper in proceedings, not a book"),
            ("online", "is a web page, not a book"),
            ("set", "is a set of other entries, not a book"),
            ("misc", "is of the type “misc”, not a book"),
        ],
    )
    def test_of_others_are_passed_over(self, kind: str, reason: str) -> None:
        row = books.only_row("bibtex", entry(kind))
        assert (row.book, row.errors, row.passed_over) == (None, [], reason)

    def test_of_no_particular_kind_are_books_with_an_isbn(self) -> None:
        assert only_book(entry("misc", isbn="{0141439580}")).isbn == "9780141439587"

    def test_of_parts_are_books_in_old_files(self) -> None:
        assert only_book(entry("inbook", chapter="{3}")).title == "Emma"
        assert (
            rows_of("bibtex", entry("inbook", booktitle="{Works}"))[0].passed_over == "is a part of a book, not a book"
        )


class TestDamage:
    def test_costs_only_the_entry(self) -> None:
        rows = rows_of("bibtex", entry() + "@book{b, title = {Unclosed,\n  year = 1815\n}\n" + entry(title="{C}"))
        assert [row.book and row.book.title for row in rows] == ["Emma", None, "C"]
        assert [(note.line, note.detail) for note in rows[1].errors] == [(2, NOT_CLOSED)]

    @pytest.mark.parametrize(
        "damaged",
        [
            *(
                "@book{title = {No key}}",
                "@book{x, title}",
                '@book{x, title = "open}',
                "@book{x, title = {a} year = 3}",
            ),
            *("@book{x, title = {{{{a}", "@book{", "@book{x, = }", "@string{x = {y}"),
        ],
    )
    def test_of_any_kind_leaves_the_neighbours(self, damaged: str) -> None:
        found = titles(f"{entry()}\n{damaged}\n\n{entry(title='{C}')}")
        assert (found[0], found[-1]) == ("Emma", "C")
        assert len(found) == 3

    def test_after_a_book_is_told(self) -> None:
        row = books.only_row("bibtex", "@book{a, title={A}}, year = {1815}}\n")
        assert left_out(row) == [("", "", "is followed by text outside of any entry")]

    def test_is_not_what_comments_are(self) -> None:
        text = f'Exported: 3 books\n@comment{{jabref-meta: x;}}\n@preamble{{"x"}}\n% a\n{entry()}\nend\n'
        assert only_book(text).title == "Emma"

    def test_without_any_entry_is_no_file(self) -> None:
        with pytest.raises(UnreadableFile, match="has no BibTeX entry"):
            rows_of("bibtex", "title,author\nEmma,Jane Austen\n")

    @pytest.mark.parametrize(
        "hostile",
        [
            *("{" * 100_000, "{" * 30_000 + "}" * 30_000, r"{\'e" * 20_000, "{" + r"\foo" * 10_000 + "}"),
            *(
                "{" + "a and " * 100_000 + "}",
                '{} # "" #' * 50_000,
                "@" * 100_000,
                "{" + " " * 59_000 + "}",
                "\\" * 50_001,
            ),
            *("{" + "$" * 50_000 + "}", "{" + "-" * 50_000 + "}", "{" + "a, " * 15_000 + "}"),
        ],
    )
    @pytest.mark.parametrize("name", ["title", "author", "keywords", "date"])
    def test_costs_little_time(self, hostile: str, name: str) -> None:
        start = perf_counter()
        rows = rows_of("bibtex", entry(**{name: hostile}) + "\n" + entry())
        assert rows[-1].book is not None
        assert perf_counter() - start < 5

    def test_without_an_end_costs_little_memory(self) -> None:
        text = entry(abstract="{" + "word " * (LONGEST_ENTRY // 4) + "}") + entry()
        first, second = rows_of("bibtex", text)
        assert [note.detail for note in first.errors] == [TOO_LONG]
        assert second.book is not None


class TestWriting:
    def test_gives_an_entry(self) -> None:
        assert written("bibtex", book_with(subtitle="A & B", genres=["a, b", "c"])).decode() == (
            "@book{austen1815-1,\n  author = {Austen, Jane},\n  title = {{Emma}},\n  subtitle = {A \\& B},\n"
            "  year = {1815},\n  date = {1815-12},\n  publisher = {{Penguin}},\n  isbn = {9780141439587},\n"
            "  language = {en},\n  langid = {english},\n  pagetotal = {512},\n  keywords = {{a, b}, c},\n"
            "  identifiers = {oclc:297},\n  callnumber = {823.7 AUS},\n}\n"
        )

    def test_gives_what_bibtexparser_reads(self) -> None:
        library = parse_string(written("bibtex", book_with(), book_with(id=2, title="50% {of} it")).decode())
        assert library.failed_blocks == []
        assert [one.key for one in library.entries] == ["austen1815-1", "austen1815-2"]

    @pytest.mark.skipif(shutil.which("bib2xml") is None, reason="bibutils is not installed")
    def test_gives_what_bibutils_reads(self) -> None:
        file = written("bibtex", book_with(), book_with(id=2, description="a {b\n@book{c,\nd"))
        done = subprocess.run(["bib2xml"], input=file, capture_output=True, check=True)  # noqa: S607
        assert done.stderr.decode().strip() == "bib2xml: Processed 2 references."
        assert b"<abstract>a {b @book{c, d</abstract>" in done.stdout

    def test_has_a_key_of_ascii(self) -> None:
        people = [{"author_id": 1, "name": "Émile Škvorecký", "role": "aut"}]
        assert written("bibtex", book_with(contributors=people)).startswith(b"@book{skvorecky1815-1,")
        people[0]["name"] = "村上春樹"
        assert written("bibtex", book_with(contributors=people)).startswith(b"@book{book1815-1,")
