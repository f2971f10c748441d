"""CSL-JSON: damaged files, and our own."""

from __future__ import annotations

import json
from pathlib import Path
from time import thread_time

import citeproc
import pytest
from citeproc.source.json import CiteProcJSON
from jsonschema import Draft7Validator

from app.transfer.json import csl_json
from app.transfer.json.items import CUT_OFF, LONGEST_ITEM, TOO_DEEP, TOO_LONG
from tests.unit.transfer import books
from tests.unit.transfer.books import book_with, rows_of, written

SCHEMA = Path(__file__).parents[3] / "fixtures" / "published" / "csl-data.json"
EMMA = {"id": "1", "type": "book", "title": "Emma", "author": [{"family": "Austen", "given": "Jane"}]}
ITEM = json.dumps(EMMA)


class TestDamage:
    @pytest.mark.parametrize(
        "damaged",
        [
            *(
                '{"id": 2, "type": "book", "title": "x" "y"}',
                '{"id": 2, "type": book}',
                '{"id": 2, type: "book"}',
                "7",
                "}}",
            ),
            *(
                '{"id": 2, "type": "book", "title": "a\nb"}',
                '{"id": 2, "x": NaN}',
                f'{{"id": {"9" * 5_000}}}',
                '"abc"',
                "nul",
            ),
            *('{"id": 2, "title": {"a": [1, 2}}', '{"id": 2, "title": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ],
    )
    def test_of_one_item_leaves_the_others(self, damaged: str) -> None:
        rows = rows_of("csl-json", f"[{ITEM},\n{damaged},\n{ITEM}]")
        assert (rows[0].book is not None, rows[-1].book is not None) == (True, True)
        assert [row.line for row in rows if row.errors] == [2]

    @pytest.mark.parametrize("name", ["items", "references"])
    def test_is_none_if_the_array_is_in_an_object(self, name: str) -> None:
        rows = rows_of("csl-json", f'{{ "{name}": [{ITEM},\n{ITEM}]\n}}\n')
        assert [row.book and row.book.title for row in rows] == ["Emma", "Emma"]

    def test_of_the_end_is_told(self) -> None:
        first, second = rows_of("csl-json", f"[{ITEM},\n{ITEM[:-20]}")
        assert (first.book is not None, [note.detail for note in second.errors]) == (True, [CUT_OFF])

    @pytest.mark.parametrize(
        ("hostile", "why"),
        [
            ('{"id": 1, "title": "' + "x" * (LONGEST_ITEM + 100_000) + '"}', TOO_LONG),
            ("[" * 10 + '{"id": 1, "a":' * 100_000, TOO_DEEP),
            ('{"id": 1, "title": "' + "x" * 3 * LONGEST_ITEM, TOO_LONG),
        ],
    )
    def test_costs_little_time(self, hostile: str, why: str) -> None:
        start = thread_time()
        rows = rows_of("csl-json", f"[{ITEM},{hostile},{ITEM}]")
        assert thread_time() - start < 5
        assert rows[0].book is not None
        assert why in {note.detail for row in rows for note in row.errors}


class TestWriting:
    FULL = book_with(
        subtitle="A Novel",
        contributors=[
            {"author_id": 1, "name": "Jane Austen", "role": "aut"},
            {"author_id": 2, "name": "Martin Luther King Jr.", "role": "edt"},
            {"author_id": 3, "name": "Homer", "role": "nrt"},
        ],
        series="Classics",
        series_position=1.5,
        identifiers=[{"type": "doi", "value": "10.1000/a"}, {"type": "oclc", "value": "297"}],
        links=[{"rel": "read", "href": "https://a.example", "type": "text/html", "title": "Here"}],
        genres=["a, b", "c"],
        location="Shelf",
    )

    def test_gives_an_item(self) -> None:
        (written_item,) = json.loads(written("csl-json", self.FULL))
        assert written_item == {
            "id": "1",
            "type": "book",
            "title": "Emma: A Novel",
            "title-short": "Emma",
            "author": [{"family": "Austen", "given": "Jane"}],
            "editor": [{"family": "King", "given": "Martin Luther", "suffix": "Jr."}],
            "issued": {"date-parts": [[1815, 12]]},
            "publisher": "Penguin",
            "ISBN": "9780141439587",
            "DOI": "10.1000/a",
            "URL": "https://a.example",
            "language": "en",
            "collection-title": "Classics",
            "collection-number": "1.5",
            "number-of-pages": "512",
            "keyword": "a, b, c",
            "call-number": "823.7 AUS",
            "custom": {
                "contributors": [{"name": "Homer", "role": "nrt"}],
                "identifiers": [{"type": "oclc", "value": "297"}],
                "links": [{"rel": "read", "href": "https://a.example", "type": "text/html", "title": "Here"}],
                "genres": ["a, b", "c"],
                "location": "Shelf",
            },
        }

    def test_keeps_links_as_they_are(self) -> None:
        (link,) = books.only_book("csl-json", written("csl-json", self.FULL)).links
        assert link.model_dump() == {"rel": "read", "href": "https://a.example", "type": "text/html", "title": "Here"}

    def test_fits_the_published_schema(self) -> None:
        every_role = [{"author_id": 1, "name": "A B", "role": role} for role in csl_json.WRITTEN]
        file = written(
            "csl-json", self.FULL, book_with(), book_with(contributors=every_role, published=None, published_year=-44)
        )
        Draft7Validator(json.loads(SCHEMA.read_text())).validate(json.loads(file))

    def test_gives_what_citeproc_renders(self) -> None:
        with pytest.warns(UserWarning, match="unsupported: custom"):  # of an older schema
            source = CiteProcJSON(json.loads(written("csl-json", self.FULL)))
        style = citeproc.CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = citeproc.CitationStylesBibliography(style, source, citeproc.formatter.plain)
        bibliography.register(citeproc.Citation([citeproc.CitationItem("1")]))
        (entry,) = map(str, bibliography.bibliography())
        assert "Austen, J. (1815)" in entry
        assert "Emma: A Novel" in entry
        assert "Penguin" in entry
