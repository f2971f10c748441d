"""CSL-JSON: items of others, damaged ones, and our own."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from app.errors import UnreadableFile
from app.schemas.imported_books import BookRow
from app.transfer.json import csl_json
from tests.unit.transfer import books
from tests.unit.transfer.books import left_out, rows_of
from tests.unit.transfer.tables.reading import names_in

EMMA = {"id": "1", "type": "book", "title": "Emma", "author": [{"family": "Austen", "given": "Jane"}]}
ITEM = json.dumps(EMMA)


def item(**variables: object) -> str:
    """A file of Emma with more variables."""
    return json.dumps([EMMA | {name.replace("_", "-"): value for name, value in variables.items()}])


def only_book(**variables: object) -> BookRow:
    return books.only_book("csl-json", item(**variables))


class TestFiles:
    @pytest.mark.parametrize(
        "file", [f"[{ITEM}]", ITEM, f"\ufeff[{ITEM}]", f"\n {ITEM}\n", f"[\n{ITEM}\n]\n", f"[{ITEM},]", f"[{ITEM}"]
    )
    def test_may_have_one_book(self, file: str) -> None:
        assert books.only_book("csl-json", file).title == "Emma"

    @pytest.mark.parametrize("between", [",", "\n", ",\n  ", "][", "\r\n"])
    def test_may_have_several(self, between: str) -> None:
        rows = rows_of("csl-json", f"[{between.join([ITEM] * 3)}]")
        assert [(row.line, row.book and row.book.title) for row in rows] == [(1, "Emma"), (2, "Emma"), (3, "Emma")]

    def test_of_no_items_are_empty(self) -> None:
        assert rows_of("csl-json", "[]") == []

    @pytest.mark.parametrize("file", ["title,author\n", '"x"', "1", "TY  - BOOK"])
    def test_of_another_kind_are_refused(self, file: str) -> None:
        with pytest.raises(UnreadableFile, match="does not begin as JSON"):
            rows_of("csl-json", file)

    def test_are_read_in_parts(self) -> None:
        file = BytesIO(f"[{','.join([ITEM] * 5_000)}]".encode())
        source = csl_json.read(file)
        next(iter(source))
        assert file.tell() < 200_000
        assert source.size == 5_000


class TestTypes:
    @pytest.mark.parametrize("kind", ["book", "thesis", "report", "manuscript"])
    def test_of_books_come_in(self, kind: str) -> None:
        assert only_book(type=kind).title == "Emma"

    @pytest.mark.parametrize("kind", ["chapter", "article-journal", "webpage", 7])
    def test_of_others_are_passed_over(self, kind: object) -> None:
        assert books.only_row("csl-json", item(type=kind)).passed_over == f"is of the type “{kind}”, not a book"

    def test_may_be_missing(self) -> None:
        assert books.only_row("csl-json", item(type=None)).passed_over == "has no type, such as “book”"
        assert only_book(type=None, ISBN="0141439580").isbn == "9780141439587"


class TestVariables:
    def test_are_those_of_the_book(self) -> None:
        book = only_book(
            title="Emma: A Novel",
            title_short="Emma",
            issued={"date-parts": [[1815, 12, "23"]]},
            publisher="Penguin",
            ISBN="0-14-143958-0 978-0-306-40615-7",
            ISSN="0317-8471",
            DOI="10.1000/A",
            URL="https://a.example/b",
            language="eng",
            collection_title="Classics",
            collection_number=7,
            number_of_pages="xii, 352",
            abstract="<p>A</p><p>B &amp; C</p>",
            keyword="novel, love",
            call_number="823.7",
        )
        assert (book.title, book.subtitle, book.publisher, book.isbn) == ("Emma", "A Novel", "Penguin", "9780141439587")
        assert (book.published_year, book.published, book.language) == (1815, "1815-12-23", "en")
        assert (book.series, book.series_position, book.pages, book.call_number) == ("Classics", 7, 352, "823.7")
        assert (book.description, book.genres) == ("A\nB & C", ["novel", "love"])
        assert [(one.type, one.value) for one in book.identifiers] == [
            *(("isbn", "9780306406157"), ("issn", "0317-8471"), ("doi", "10.1000/a")),
        ]
        assert [(link.rel, link.href) for link in book.links] == [("about", "https://a.example/b")]

    def test_lose_marks_of_rich_text(self) -> None:
        assert only_book(title='The <i>Iliad</i>, <span class="nocase">in Greek</span>').title == "The Iliad, in Greek"

    @pytest.mark.parametrize(
        ("name", "person"),
        [
            ({"family": "Brontë", "given": "Emily"}, ("Emily Brontë", "Brontë, Emily")),
            ({"literal": "World Health Organization"}, ("World Health Organization", "World Health Organization")),
            (
                {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
                ("Martin Luther King Jr.", "King, Martin Luther, Jr."),
            ),
            (
                {"family": "Gogh", "given": "Vincent", "non-dropping-particle": "van"},
                ("Vincent van Gogh", "Gogh, Vincent van"),
            ),
            ({"family": "Homer"}, ("Homer", None)),
            ("Homer", ("Homer", None)),
        ],
    )
    def test_of_names_are_read(self, name: object, person: tuple[str, str | None]) -> None:
        (found,) = only_book(author=[name]).contributors
        assert (found.name, found.sort_name) == person

    def test_of_names_say_their_roles(self) -> None:
        name = [{"family": "Brontë", "given": "Emily"}]
        book = only_book(editor=name, translator=name, illustrator=name, collection_editor=name)
        assert names_in(book) == ["Jane Austen", *(f"Emily Brontë ({role})" for role in ("edt", "trl", "ill"))]

    @pytest.mark.parametrize(
        ("issued", "year", "date"),
        [
            *(({"date-parts": [[-44, 3]]}, -44, "-0044-03"), ({"date-parts": [["876"]]}, 876, None)),
            *(
                ({"raw": "1815-12-23"}, 1815, "1815-12-23"),
                ({"literal": "c1999"}, 1999, None),
                ("1999-03", 1999, "1999-03"),
            ),
        ],
    )
    def test_of_dates_are_read(self, issued: object, year: int, date: str | None) -> None:
        book = only_book(issued=issued)
        assert (book.published_year, book.published) == (year, date)

    @pytest.mark.parametrize(
        ("issued", "year", "why"),
        [
            ({"date-parts": [[1850]], "circa": True}, 1850, "is uncertain or approximate, which is not kept"),
            ({"date-parts": [[1850]], "season": "1"}, 1850, "names a season, and its year is kept"),
            ({"date-parts": [[1850], [1860]]}, 1850, "names a period, and its beginning is kept"),
            ({"date-parts": [[1850, 2, 30]]}, 1850, "is no day of the calendar, and its year is kept"),
            ({"date-parts": [["x"]]}, None, "is not a date"),
            ({"date-parts": {"a": 1}}, None, "is not a date"),
            ({"literal": "forthcoming"}, None, "is not a year"),
        ],
    )
    def test_of_dates_that_are_not_exact_are_told(self, issued: object, year: int | None, why: str) -> None:
        row = books.only_row("csl-json", item(issued=issued))
        assert row.book is not None
        assert row.book.published_year == year
        assert left_out(row) == [("published_year", "issued", why)]

    def test_of_wrong_types_are_told(self) -> None:
        row = books.only_row(
            "csl-json", item(author="Jane", editor=[7, {}, None], ISBN={"a": 1}, publisher=["x"], custom=[])
        )
        assert row.book is not None
        assert {column for _, column, _ in left_out(row)} == {"author", "editor", "ISBN", "publisher"}

    def test_without_a_place_are_remarked_once(self) -> None:
        source = csl_json.read(BytesIO(f"[{item(edition=2)[1:-1]},{item(edition=3)[1:-1]}]".encode()))
        assert [left_out(row) for row in source] == [[], []]
        assert source.remarks == {"has “edition”, for which the catalogue has no field": 2}

    def test_with_half_a_surrogate_pair_can_be_told(self) -> None:
        row = books.only_row("csl-json", '[{"id": 1, "type": "book", "title": "a\\ud800", "ISBN": "x\\udfff"}]')
        assert row.book is not None
        assert (row.book.title, [str(note) for note in row.left_out]) == (
            "a?",
            ["isbn (column ISBN): “x?” is not an ISBN of 10 or 13 digits"],
        )


def test_deep_values_cost_only_their_item() -> None:
    value: Any = []
    for _ in range(400):
        value = [value]
    assert books.only_row("csl-json", item(author=value)).book is not None
