"""A catalogue that is exported from one kind of database is imported into the other unchanged."""

from __future__ import annotations

import json
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import Database
from app.queries.exports import exported
from app.schemas.lists import BookSearch
from app.services.imports.importer import Importer, operators_transactions
from app.services.imports.reports import Result
from app.transfer.formats import FORMATS
from app.transfer.rows import Row
from devtools.databases import settings_for
from devtools.templates import migrated_url
from tests.unit.transfer.documents import books

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.schemas.imports import BookRow

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
