"""Lines of JSON: what each says, and what is wrong with it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import UnreadableFile
from app.transfer.json.jsonl import Lines, write
from tests.unit.transfer.test_own_formats import EMMA

if TYPE_CHECKING:
    from app.transfer.rows import Row

VALID = '{"title": "Emma", "author": "Jane Austen"}'


def lines_of(*lines: str | bytes) -> Lines:
    return Lines(BytesIO(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)))


def only_row(**fields: Any) -> Row:
    (row,) = lines_of(json.dumps({"title": "Emma", "author": "Jane Austen"} | fields))
    return row


def notes(row: Row) -> list[str]:
    return [str(note) for note in row.errors + row.left_out]


class TestWriting:
    def test_passes_the_document_through(self) -> None:
        assert write(EMMA) == f"{EMMA}\n".encode()


class TestDocuments:
    BOOKS = ({"title": "Emma", "author": "Jane Austen", "published_year": 1815}, {"title": "Persuasion"})

    @pytest.mark.parametrize("indent", [None, 2])
    def test_arrays_have_a_book_in_each_place(self, indent: int | None) -> None:
        emma, persuasion = lines_of(json.dumps(self.BOOKS, indent=indent))
        assert emma.book is not None
        assert persuasion.book is not None
        assert (emma.line, emma.book.title, emma.book.published_year) == (1, "Emma", 1815)
        assert (persuasion.line, persuasion.book.title) == (2, "Persuasion")
        assert callable(emma.original)
        assert json.loads(emma.original()) == self.BOOKS[0]

    def test_objects_may_have_several_lines(self) -> None:
        rows = list(lines_of(*(json.dumps(book, indent=1) for book in self.BOOKS)))
        assert [row.book and row.book.title for row in rows] == ["Emma", "Persuasion"]

    def test_damage_is_told(self) -> None:
        emma, damaged = lines_of('[{"title": "Emma", "author": "Jane Austen"},', '{"title": "Persua')
        assert (emma.book is not None, notes(damaged)) == (True, ['row: “{"title": "Persua” is cut off'])

    @pytest.mark.parametrize("authors", [["Ann Mann", "Jo Roe"], [{"name": "Ann Mann"}, {"name": "Jo Roe"}]])
    def test_authors_are_contributors(self, authors: list[Any]) -> None:
        lines = lines_of(json.dumps({"title": "Both", "authors": authors}))
        (row,) = lines
        assert row.book is not None
        assert [person.name for person in row.book.contributors] == ["Ann Mann", "Jo Roe"]
        assert lines.remarks == {}


class TestLines:
    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("[1]", "row: “[1]” is not a JSON object"),
            ("nonsense", "row: “nonsense” is not JSON: expected ident at character 2"),
            ('{"title": 1', 'row: “{"title": 1” is not JSON: EOF while parsing an object at character 11'),
            (f"{VALID},", f"row: “{VALID},” is not JSON: trailing characters at character 43"),
            (
                '{"title": "\\ud800"}',
                'row: “{"title": "\\ud800"}” is not JSON: unexpected end of hex escape at character 18',
            ),
        ],
    )
    def test_that_are_no_objects_fail_alone(self, line: str, why: str) -> None:
        before, wrong, after = lines_of(VALID, line, VALID)
        assert (wrong.line, notes(wrong), wrong.book) == (2, [why], None)
        assert before.book == after.book is not None

    def test_that_nest_too_deep_or_are_too_long_fail_alone(self) -> None:
        deep, long, valid = lines_of('{"x":' * 100_000, f'{{"title":"{"x" * 3_000_000}"}}', VALID)
        assert "recursion limit exceeded" in notes(deep)[0]
        assert notes(long)[0].endswith("is longer than 1,000,000 characters")
        assert (deep.line, long.line, valid.line) == (1, 2, 3)
        assert valid.book is not None

    def test_that_are_empty_are_passed_over_and_counted(self) -> None:
        assert [row.line for row in lines_of("", VALID, "  ", VALID)] == [2, 4]

    def test_may_end_in_any_way_and_begin_with_a_mark(self) -> None:
        assert [row.line for row in Lines(BytesIO(f"\ufeff{VALID}\r\n{VALID}\r{VALID}".encode()))] == [1, 2, 3]

    @pytest.mark.parametrize("content", [b"title,author\nEmma,Jane", b"", b'["a"]', b"PK\x03\x04", b'{"a": "\xff"}'])
    def test_of_another_kind_of_file_are_refused(self, content: bytes) -> None:
        with pytest.raises(UnreadableFile):
            Lines(BytesIO(content))

    def test_have_no_columns_to_map(self) -> None:
        with pytest.raises(UnreadableFile, match="no columns to map"):
            Lines(BytesIO(VALID.encode()), mapping={"title": "Titel"})


class TestFields:
    def test_of_the_service_are_ignored_and_unknown_ones_are_remarked_on_once(self) -> None:
        lines = lines_of(EMMA, *[json.dumps(json.loads(VALID) | {"rating": 5})] * 3)
        assert [notes(row) for row in lines] == [[], [], [], []]
        assert dict(lines.remarks) == {"the field “rating” is not one of a book, and is ignored": 3}

    def test_of_any_number_are_remarked_on_in_little_memory(self) -> None:
        lines = lines_of(*(json.dumps(json.loads(VALID) | {f"x{number}": 1}) for number in range(1_000)))
        assert all(row.book for row in lines)
        assert (len(lines.remarks), lines.remarks.total()) == (21, 1_000)

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"isbn": "9780141439588"}, "isbn: “9780141439588” the check digit does not match"),
            ({"isbn": 9780141439587}, "isbn: “9780141439587” must be text, not int"),
            (
                {"language": "klingonese"},
                "language: “klingonese” is not a language tag (BCP 47), such as en, en-US or ar",
            ),
            ({"pages": "many"}, "pages: “many” must be an integer"),
            ({"published_year": 12_000}, "published_year: “12000” must be at most 2027, next year"),
            ({"published": "1999-13"}, "published: “1999-13” is not a day or month of the calendar"),
            (
                {"published": "1999-12", "published_year": 2000},
                "published: “1999-12” is a date in another year than published_year",
            ),
            ({"genres": ["a"] * 101}, "genres: has 101 entries, and is cut after 100"),
            ({"genres": "Fiction"}, "genres: “Fiction” must be a list"),
            ({"cover_url": "ftp://x"}, "cover_url: “ftp://x” must be an http or https address"),
            (
                {"links": [{"rel": "read", "href": "x", "type": "x"}, {"rel": "read", "href": "https://x.example/"}]},
                "links: “x” must be an http or https address",
            ),
            ({"contributors": "Jane Austen"}, "contributors: “Jane Austen” must be a list"),
            (
                {"contributors": [{"author_id": 5}, {"name": "Jane Austen"}]},
                "contributors: “{'author_id': 5}” must have a name",
            ),
            ({"author": 7}, "author: “7” must be a name"),
            ({"pages": 10**3000}, f"pages: “{'1' + '0' * 58}…” must be at most 100000"),
        ],
    )
    def test_that_are_wrong_are_left_out_and_noted(self, fields: dict[str, Any], why: str) -> None:
        row = only_row(**fields)
        assert row.book is not None
        assert [note.replace("2028", "2027") for note in notes(row)] == [why]

    def test_without_a_title_are_no_book(self) -> None:
        (row,) = lines_of('{"author": "Jane Austen"}')
        assert (row.book, notes(row)) == (None, ["title: must not be empty"])

    def test_are_normalized(self) -> None:
        book = only_row(isbn="0-14-143958-0", language="eng", published="1815-12").book
        assert book is not None
        assert (book.isbn, book.language, book.published_year) == ("9780141439587", "en", 1815)

    def test_with_two_faults_cost_their_neighbours_nothing(self) -> None:
        parts = [{"name": "A"}, {"name": "", "role": "xxx"}, {"name": "B"}]
        row = only_row(author=None, contributors=parts)
        assert row.book is not None
        assert [one.name for one in row.book.contributors] == ["A", "B"]
        assert len(row.left_out) == 1


class TestPeople:
    def test_the_main_author_is_the_one_that_the_book_names(self) -> None:
        parts = [{"author_id": 4, "name": "A", "role": "aut"}, {"author_id": 9, "name": "B", "role": "edt"}]
        book = only_row(author=None, author_id=9, contributors=parts).book
        assert book is not None
        assert book.main_author.name == "B"
        book = only_row(author="B", contributors=parts).book
        assert book is not None
        assert book.main_author.name == "B"

    def test_who_is_no_contributor_is_noted(self) -> None:
        row = only_row(author="C", contributors=[{"name": "A"}])
        assert notes(row) == ["author: “C” is not among the contributors"]

    def test_nobody_is_anonymous(self) -> None:
        lines = lines_of('{"title": "Beowulf"}')
        (row,) = lines
        assert row.book is not None
        assert row.book.main_author.name == "Anonymous"
        assert list(lines.remarks) == ["has no author, and comes in under “Anonymous”"]


class TestAuthors:
    def test_are_lines_with_a_name_and_no_title(self) -> None:
        [row] = lines_of('{"id": 7, "name": "Mark Twain", "birth_year": 1835, "aliases": null, "version": 3}')
        assert (row.book, notes(row)) == (None, [])
        assert row.author is not None
        assert row.author.model_dump(exclude_defaults=True) == {"name": "Mark Twain", "birth_year": 1835}

    def test_leave_out_what_breaks_the_rules(self) -> None:
        source = lines_of(
            '{"name": "Mark Twain", "birth_year": "old", "identifiers": [{"type": "viaf"}], "born": 1835}'
        )
        [row] = source
        assert row.author is not None
        assert row.author.model_dump(exclude_defaults=True) == {"name": "Mark Twain"}
        assert sorted(note.field for note in row.left_out) == ["birth_year", "identifiers"]
        assert dict(source.remarks) == {"the field “born” is not one of an author, and is ignored": 1}

    def test_are_cut_where_lists_are_too_long(self) -> None:
        [row] = lines_of(json.dumps({"name": "Mark Twain", "aliases": [f"Alias {number}" for number in range(60)]}))
        assert row.author is not None
        assert len(row.author.aliases) == 50
        assert notes(row) == ["aliases: has 60 entries, and is cut after 50"]

    @pytest.mark.parametrize("name", ["", None, 7])
    def test_need_a_name(self, name: object) -> None:
        [row] = lines_of(json.dumps({"name": name}))
        assert row.author is None
        assert [note.field for note in row.errors] == ["name"]
