"""BibTeX: which entries are books, what they inherit, and what damage costs."""

from __future__ import annotations

from time import thread_time

import pytest

from app.errors import UnreadableFile
from app.schemas.imported_books import BookRow
from app.transfer.bibtex.entries import LONGEST_ENTRY, NOT_CLOSED, TOO_LONG
from tests.unit.transfer import books
from tests.unit.transfer.books import bib_entry, left_out, rows_of
from tests.unit.transfer.tables.reading import names_in


def only_book(text: str) -> BookRow:
    return books.only_book("bibtex", text)


def titles(text: str) -> list[str | None]:
    return [row.book.title if row.book else None for row in rows_of("bibtex", text)]


class TestAbbreviations:
    def test_are_written_out_and_joined(self) -> None:
        macros = '@string{cup = "Cambridge"}\n@STRING(up = { University Press})\n'
        assert (
            only_book(macros + bib_entry(publisher='CUP # up # " & Co"')).publisher == "Cambridge University Press & Co"
        )

    def test_that_are_not_defined_are_told(self) -> None:
        row = books.only_row("bibtex", bib_entry(publisher="cup"))
        assert row.book is not None
        assert row.book.publisher == "cup"
        assert left_out(row) == [("", "publisher", "uses “cup”, which no @string defines")]

    def test_do_not_grow_without_end(self) -> None:
        bombs = "".join(f"@string{{a{n} = {' # '.join([f'a{n - 1}'] * 10)}}}\n" for n in range(1, 40))
        row = books.only_row("bibtex", '@string{a0 = "lol"}\n' + bombs + bib_entry(title="a39 # a39", abstract="a39"))
        assert [error.field for error in row.errors] == ["title"]


class TestAmpersands:
    def test_of_html_are_those_of_tex(self) -> None:
        book = only_book("@book{m, title={A &amp; B}, author={A B}, url={https://example.org/?a=1&amp;b=2}}\n")
        assert (book.title, str(book.links[0].href)) == ("A & B", "https://example.org/?a=1&b=2")

    def test_of_html_that_tex_escapes_are_ampersands_too(self) -> None:
        assert only_book(r"@book{m, title={A \&amp; B}, author={A B}}" + "\n").title == "A & B"


class TestMissingCommas:
    def test_between_fields_are_found(self) -> None:
        book = only_book(
            '@string{f = "Fischer"}\n@book{m, author = {Thomas Mann}\n title = "Der {Zauberberg}"\n'
            " publisher = {S. } # f\n year = 1924\n numpages = {1002}\n}\n"
        )
        assert (book.title, names_in(book)) == ("Der Zauberberg", ["Thomas Mann"])
        assert (book.publisher, book.published_year, book.pages) == ("S. Fischer", 1924, 1002)

    def test_are_none_within_values(self) -> None:
        assert only_book("@book{m, title = {E = mc and {a} b = c}, author={A B}}\n").title == "E = mc and a b = c"


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
        assert only_book(bib_entry(kind)).title == "Emma"

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
        row = books.only_row("bibtex", bib_entry(kind))
        assert (row.book, row.errors, row.passed_over) == (None, [], reason)

    def test_of_no_particular_kind_are_books_with_an_isbn(self) -> None:
        assert only_book(bib_entry("misc", isbn="{0141439580}")).isbn == "9780141439587"

    def test_of_parts_are_books_in_old_files(self) -> None:
        assert only_book(bib_entry("inbook", chapter="{3}")).title == "Emma"
        assert (
            rows_of("bibtex", bib_entry("inbook", booktitle="{Works}"))[0].passed_over
            == "is a part of a book, not a book"
        )


class TestDamage:
    def test_costs_only_the_entry(self) -> None:
        rows = rows_of(
            "bibtex", bib_entry() + "@book{b, title = {Unclosed,\n  year = 1815\n}\n" + bib_entry(title="{C}")
        )
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
        found = titles(f"{bib_entry()}\n{damaged}\n\n{bib_entry(title='{C}')}")
        assert (found[0], found[-1]) == ("Emma", "C")
        assert len(found) == 3

    def test_after_a_book_is_told(self) -> None:
        row = books.only_row("bibtex", "@book{a, title={A}}, year = {1815}}\n")
        assert left_out(row) == [("", "", "is followed by text outside of any entry")]

    def test_is_not_what_comments_are(self) -> None:
        text = f'Exported: 3 books\n@comment{{jabref-meta: x;}}\n@preamble{{"x"}}\n% a\n{bib_entry()}\nend\n'
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
        start = thread_time()
        rows = rows_of("bibtex", bib_entry(**{name: hostile}) + "\n" + bib_entry())
        assert rows[-1].book is not None
        assert thread_time() - start < 5

    def test_without_an_end_costs_little_memory(self) -> None:
        text = bib_entry(abstract="{" + "word " * (LONGEST_ENTRY // 4) + "}") + bib_entry()
        first, second = rows_of("bibtex", text)
        assert [note.detail for note in first.errors] == [TOO_LONG]
        assert second.book is not None
