"""A catalogue that is exported from one kind of database is imported into the other unchanged, authors included."""

from __future__ import annotations

import json
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import Database
from app.domain.clean_text import clean_line
from app.domain.names import name_key
from app.queries.exports import exported, exported_authors
from app.schemas.authors import AuthorCreate
from app.schemas.lists import BookSearch
from app.services.imports.importer import Importer, operators_transactions
from app.services.imports.reports import Result
from app.transfer.formats import FORMATS
from app.transfer.rows import Row
from devtools.databases import settings_for
from devtools.templates import migrated_url
from tests.unit.transfer.documents import TEXTS, books

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.schemas.imported_books import BookRow

OTHERS = {"id", "author_id", "created_at", "updated_at", "created_by", "updated_by", "version"}
"""The fields that are those of a catalogue, and not of a book."""


@contextmanager
def catalogue(kind: str, server: str, folder: Path) -> Iterator[Database]:
    """An empty database."""
    with migrated_url(kind, server, folder) as url:
        database = Database.of(settings_for(url))
        try:
            yield database
        finally:
            database.engine.dispose()


def outcomes_of(database: Database, file: bytes, name: str) -> list[str]:
    """What becomes of the rows of a file."""
    results: list[Result] = []
    source = FORMATS[name].reader(BytesIO(file), None, None)
    Importer(operators_transactions(database), on_result=results.append).run(source)
    return [result.outcome for result in results]


def file_of(database: Database, name: str) -> bytes:
    """All books, in a format."""
    return b"".join(exported(database.reading, BookSearch(), FORMATS[name]))


def stored_books(database: Database) -> list[dict[str, Any]]:
    """What the documents of all books say, without what is the catalogue's."""
    documents = [json.loads(line) for line in file_of(database, "jsonl").splitlines()]
    for document in documents:
        main = next(one["name"] for one in document["contributors"] if one["author_id"] == document["author_id"])
        document["contributors"] = [(one["name"], one["role"]) for one in document["contributors"]] + [main]
    return [{name: value for name, value in document.items() if name not in OTHERS} for document in documents]


def stored_authors(database: Database) -> list[dict[str, Any]]:
    """The same of all authors, those without books included."""
    lines = b"".join(exported_authors(database.reading, FORMATS["jsonl"])).splitlines()
    return [{name: value for name, value in json.loads(line).items() if name not in OTHERS} for line in lines]


def authors() -> st.SearchStrategy[list[AuthorCreate]]:
    """Authors with any values that the catalogue takes, and different names."""

    def line_of(text: str) -> str:
        try:
            return clean_line(f"Æ {text}", 255)
        except ValueError:
            return "Æ '=x|;\\"

    texts = TEXTS.map(line_of)
    years = st.none() | st.integers(-5000, 2026)
    one = st.builds(
        AuthorCreate,
        name=texts,
        sort_name=st.none() | texts,
        bio=st.none() | texts,
        country=st.none() | texts,
        birth_year=years,
        death_year=years,
        aliases=st.lists(texts, max_size=3),
        identifiers=st.lists(st.builds(dict, type=st.just("other"), value=texts), max_size=2),
    )
    return st.lists(one, min_size=1, max_size=10, unique_by=lambda author: name_key(author.name))


class TestCatalogue:
    @pytest.mark.parametrize("name", ["jsonl", "csv"])
    @pytest.mark.parametrize(("first", "second"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
    def test_is_the_same_elsewhere(self, first: str, second: str, name: str, postgres_url: str, tmp_path: Path) -> None:
        @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(books(), min_size=1, max_size=30))
        def travels(written: list[BookRow]) -> None:
            with (
                catalogue(first, postgres_url, tmp_path) as here,
                catalogue(second, postgres_url, tmp_path) as elsewhere,
            ):
                rows = [Row(line, book) for line, book in enumerate(written, 1)]
                Importer(operators_transactions(here)).run(rows)
                file = file_of(here, name)
                assert set(outcomes_of(elsewhere, file, name)) == {"created"}
                assert stored_books(elsewhere) == stored_books(here)
                assert set(outcomes_of(elsewhere, file, name)) == {"unchanged"}

        travels()

    @pytest.mark.parametrize(("first", "second"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
    def test_has_its_authors(self, first: str, second: str, postgres_url: str, tmp_path: Path) -> None:
        @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
        @given(authors(), st.lists(books(), max_size=10))
        def travel(described: list[AuthorCreate], written: list[BookRow]) -> None:
            with (
                catalogue(first, postgres_url, tmp_path) as here,
                catalogue(second, postgres_url, tmp_path) as elsewhere,
            ):
                rows = [Row(line, author=author) for line, author in enumerate(described, 1)]
                rows += [Row(line, book) for line, book in enumerate(written, len(rows) + 1)]
                Importer(operators_transactions(here)).run(rows)
                assert len(stored_authors(here)) >= len(described)
                file = b"".join([*exported_authors(here.reading, FORMATS["jsonl"]), file_of(here, "jsonl")])
                assert set(outcomes_of(elsewhere, file, "jsonl")) == {"created"}
                assert (stored_authors(elsewhere), stored_books(elsewhere)) == (
                    stored_authors(here),
                    stored_books(here),
                )
                assert set(outcomes_of(elsewhere, file, "jsonl")) == {"unchanged"}

        travel()
