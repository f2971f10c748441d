"""Rows of an import that are about authors: each author as the file describes them, and none twice."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.models import Author
from app.queries.authors import AuthorReader
from app.schemas.lists import AuthorFilters
from app.services.imports import importer
from app.services.imports.importer import Importer, operators_transactions
from app.transfer.json.jsonl import Lines
from devtools.databases import DatabaseInside

if TYPE_CHECKING:
    from app.services.imports.reports import Report, Result

TWAIN = {
    "name": "Mark Twain",
    "sort_name": "Twain, Mark",
    "bio": "American writer.",
    "country": "United States",
    "birth_year": 1835,
    "death_year": 1910,
    "aliases": ["Samuel Clemens"],
    "identifiers": [{"type": "viaf", "value": "50566653"}],
}
SAWYER = {"title": "Tom Sawyer", "author": "Mark Twain", "published_year": 1876}
DESCRIBED = [*TWAIN]


class Import:
    """An import of some lines, and what became of them."""

    def __init__(self, database: DatabaseInside, *records: dict[str, Any], **options: Any) -> None:
        self.results: list[Result] = []
        source = Lines(BytesIO("\n".join(map(json.dumps, records)).encode()))
        wanted = Importer(operators_transactions(database), on_result=self.results.append, **options)
        self.report: Report = wanted.run(source)

    @property
    def outcomes(self) -> list[str]:
        """What became of each line."""
        return [result.outcome for result in self.results]

    @property
    def notes(self) -> list[str]:
        """What is said of the lines."""
        return [str(note) for one in self.results for note in (*one.errors, *one.row.left_out, *one.differences)]


def authors(database: DatabaseInside) -> list[dict[str, Any]]:
    """What the documents of all authors say."""
    documents = database.connection.scalars(select(Author.document).order_by(Author.id))
    return [{name: json.loads(document)[name] for name in DESCRIBED} for document in documents]


@pytest.fixture(params=[1, 500], ids=["each in a transaction", "in one transaction"])
def _chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "CHUNK", request.param)


@pytest.mark.usefixtures("_chunk")
class TestNew:
    def test_is_as_the_file_says(self, database: DatabaseInside) -> None:
        done = Import(database, TWAIN, SAWYER)
        assert (done.outcomes, done.notes) == (["created", "created"], [])
        assert (done.report.created, done.report.new_authors) == (1, 1)
        assert authors(database) == [TWAIN]

    def test_may_have_no_more_than_a_name(self, database: DatabaseInside) -> None:
        assert Import(database, {"name": "Jane Austen"}).outcomes == ["created"]
        assert [(one["name"], one["sort_name"]) for one in authors(database)] == [("Jane Austen", "Austen, Jane")]

    def test_is_found_by_words_and_by_alias(self, database: DatabaseInside) -> None:
        Import(database, TWAIN, SAWYER | {"author": "Clemens, Samuel"})
        assert authors(database) == [TWAIN]
        for words in ("twain mark", "clemens"):
            [document] = AuthorReader(database.connection).page(AuthorFilters(q=words), None).documents
            assert json.loads(document)["name"] == "Mark Twain"

    def test_keeps_apart_from_an_author_who_has_the_name_as_an_alias(self, database: DatabaseInside) -> None:
        done = Import(database, TWAIN, {"name": "Samuel Clemens"}, SAWYER | {"author": "Samuel Clemens"})
        assert done.outcomes == ["created"] * 3
        assert [one["name"] for one in authors(database)] == ["Mark Twain", "Samuel Clemens"]
        with database.transaction() as db:
            names = "SELECT name FROM authors JOIN books ON authors.id = author_id"
            assert db.connection().exec_driver_sql(names).scalars().all() == ["Samuel Clemens"]

    def test_is_not_one_whom_only_a_refused_book_names(self, database: DatabaseInside) -> None:
        isbn = "9780141439587"
        records: list[dict[str, Any]] = [
            SAWYER | {"isbn": isbn},
            {"title": "Emma", "author": "Jane Austen", "isbn": isbn},
            {"name": "Jane Austen"},
        ]
        rehearsed = Import(database, *records, dry_run=True)
        done = Import(database, *records)
        assert done.outcomes == rehearsed.outcomes == ["created", "conflict", "created"]
        assert [one["name"] for one in authors(database)] == ["Mark Twain", "Jane Austen"]


@pytest.mark.usefixtures("_chunk")
class TestKnown:
    def test_again_changes_nothing(self, database: DatabaseInside) -> None:
        [first] = Import(database, TWAIN).results
        done = Import(database, TWAIN, TWAIN | {"name": "Twain, Mark"})
        assert (done.outcomes, done.notes) == (["unchanged", "unchanged"], [])
        assert {result.equal for result in done.results} == {f"author {first.record_id}"}
        assert done.report.batch_id is None

    def test_of_a_book_is_filled_in(self, database: DatabaseInside) -> None:
        done = Import(database, SAWYER, TWAIN)
        assert done.outcomes == ["created", "filled"]
        assert done.results[1].taken == ["aliases", "bio", "birth_year", "country", "death_year", "identifiers"]
        assert authors(database) == [TWAIN]

    def test_keeps_what_it_has(self, database: DatabaseInside) -> None:
        Import(database, TWAIN)
        other = {"name": "Mark Twain", "bio": "A pilot.", "sort_name": "Twain (Mark)", "aliases": ["Sieur Louis"]}
        done = Import(database, other)
        assert done.outcomes == ["filled"]
        assert [one["bio"] for one in authors(database)] == ["American writer."]
        assert [one["aliases"] for one in authors(database)] == [["Samuel Clemens", "Sieur Louis"]]
        author_id = done.results[0].record_id
        assert done.notes == [f"bio: “A pilot.” is “American writer.” in author {author_id}, and stays"]

    def test_takes_what_differs_when_it_is_to_be_updated(self, database: DatabaseInside) -> None:
        Import(database, TWAIN)
        other = {"name": "Mark Twain", "bio": "A pilot.", "birth_year": 1836}
        assert Import(database, other, update=True).outcomes == ["updated"]
        assert authors(database) == [TWAIN | other]

    def test_of_an_earlier_line_is_filled_in_once(self, database: DatabaseInside) -> None:
        done = Import(database, {"name": "Mark Twain"}, TWAIN, TWAIN)
        assert done.outcomes == ["created", "filled", "unchanged"]
        assert authors(database) == [TWAIN]

    def test_has_no_room_for_more_aliases(self, database: DatabaseInside) -> None:
        Import(database, TWAIN | {"aliases": [f"Alias {number}" for number in range(50)]})
        done = Import(database, {"name": "Mark Twain", "aliases": ["One more"]})
        assert done.outcomes == ["unchanged"]
        assert done.notes == ["aliases: “One more” would be more than 50 with those that are there"]


@pytest.mark.usefixtures("_chunk")
class TestDryRun:
    @pytest.mark.parametrize(
        "records",
        [
            pytest.param([TWAIN, TWAIN, SAWYER], id="twice"),
            pytest.param([SAWYER, TWAIN, TWAIN], id="after the book"),
            pytest.param([{"name": "Mark Twain"}, TWAIN, TWAIN | {"bio": "A pilot."}], id="in parts"),
            pytest.param([{"name": "Ann", "bio": "A"}, {"name": "Ann", "bio": "B"}], id="of the catalogue"),
        ],
    )
    def test_says_what_the_import_then_does(self, database: DatabaseInside, records: list[dict[str, Any]]) -> None:
        Import(database, {"name": "Ann"})
        before = authors(database)
        rehearsed = Import(database, *records, dry_run=True)
        assert authors(database) == before
        real = Import(database, *records)
        assert rehearsed.outcomes == real.outcomes
        assert [result.taken for result in rehearsed.results] == [result.taken for result in real.results]
        assert len(rehearsed.notes) == len(real.notes)
