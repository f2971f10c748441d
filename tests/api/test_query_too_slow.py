"""A read that takes too long: it is stopped, the answer says so, and the connection serves the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.database import Database
from app.db.bulkheads import Kind
from app.main import create_app
from app.queries.authors import AuthorReader
from app.queries.books import BookReader
from app.queries.facets import FacetReader
from app.queries.users import UserReader
from devtools.databases import settings_for
from tests.api.responses import refusal
from tests.support.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.openapi_contract import OpenApiContract

ENDLESS = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
READS = {
    "/books": (BookReader, "page"),
    "/books?q=emma": (BookReader, "page"),
    "/books/1": (BookReader, "find"),
    "/books/isbn/9780141439587": (BookReader, "find_by_isbn"),
    "/authors": (AuthorReader, "page"),
    "/authors/1": (AuthorReader, "find"),
    "/authors/1/books": (AuthorReader, "find"),
    "/genres": (FacetReader, "genres"),
    "/languages": (FacetReader, "languages"),
    "/series": (FacetReader, "series"),
    "/publishers": (FacetReader, "publishers"),
    "/auth/me": (UserReader, "find"),
}


@pytest.fixture
def hasty(own_url: str) -> Iterator[Database]:
    """A database that gives a read little time."""
    database = Database.of(settings_for(own_url, db_statement_timeout=0.4))
    yield database
    database.engine.dispose()


@pytest.fixture
def client(hasty: Database, own_url: str, tmp_path: Path, contract: OpenApiContract) -> Client:
    return Client(create_app(settings_for(own_url, instance_path=tmp_path), hasty), contract)


def never_ends(reader: Any, *_args: object, **_options: object) -> object:
    return reader.connection.execute(ENDLESS).all()


class TestTooSlow:
    @pytest.mark.parametrize("path", READS)
    def test_is_a_503_and_the_connection_is_used_again(
        self, client: Client, member: Client, hasty: Database, path: str
    ) -> None:
        caller = member if path == "/auth/me" else client
        before = caller.get(path).status_code
        opened = hasty.reading_engine.pool.checkedin()  # type: ignore[attr-defined]  # a QueuePool
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(*READS[path], never_ends)
            reply = caller.get(path)
        assert refusal(reply) == (503, "query_too_slow")
        assert int(reply.headers["Retry-After"]) > 0
        assert caller.get(path).status_code == before
        assert hasty.reading_engine.pool.checkedin() == opened  # type: ignore[attr-defined]  # likewise

    def test_is_in_the_document_of_every_read(self, client: Client) -> None:
        document = client.get("/openapi.json").json()
        for path in {path.partition("?")[0] for path in READS}:
            template = path.replace("/isbn/9780141439587", "/isbn/{isbn}")
            template = template.replace("/books/1", "/books/{book_id}").replace("/authors/1", "/authors/{author_id}")
            name = document["paths"][template]["get"]["responses"]["503"]["$ref"].rpartition("/")[2]
            description = document["components"]["responses"][name]["description"]
            assert "`query_too_slow`" in description
            assert "`database_busy`" in description


class TestWithoutLimit:
    def test_a_writer_is_not_cut(self, hasty: Database, kind: str) -> None:
        with hasty.transaction() as db:
            if kind == "postgresql":
                assert db.scalar(text("SHOW statement_timeout")) == "0"
            assert db.scalar(text(_counting_to(3_000_000))) == 3_000_000

    def test_nor_anybody_where_it_is_zero(self, own_url: str) -> None:
        patient = Database.of(settings_for(own_url, db_statement_timeout=0))
        with patient.reading(Kind.BOOK_LISTS) as connection:
            assert connection.scalar(text(_counting_to(300_000))) == 300_000
        patient.engine.dispose()


def _counting_to(number: int) -> str:
    """Work for longer than a read has here."""
    return f"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {number}) SELECT count(*) FROM n"  # noqa: S608  (a number)
