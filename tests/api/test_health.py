"""Whether the service lives, and whether it can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.database import Database
from app.main import create_app
from devtools.databases import counted_queries, migrate, settings_for
from tests.api.responses import refusal
from tests.support.client import Client
from tests.support.probing import readiness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.databases import DatabaseInside
    from tests.support.openapi_contract import OpenApiContract

OK = {"status": "ok"}
NEEDS_DATABASE = ["/readyz", "/books", "/books/1", "/authors/1", "/authors/1/books"]


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """A database that has not been migrated."""
    database = Database.of(settings_for(empty_url))
    yield database
    database.engine.dispose()


class TestAlive:
    def test_asks_nothing_of_the_database(self, client: Client, database: DatabaseInside) -> None:
        with counted_queries(database.engine) as statements:
            assert client.get("/healthz").json() == OK
        assert statements == []


class TestReady:
    def test_on_a_database_that_is_migrated(self, client: Client) -> None:
        assert readiness(client).json() == OK

    def test_not_on_one_that_is_not(self, empty: Database, empty_url: str, contract: OpenApiContract) -> None:
        client = Client(create_app(settings_for(empty_url), empty), contract)
        reply = readiness(client)
        assert refusal(reply) == (503, "database_outdated")
        assert int(reply.headers["Retry-After"]) > 0
        assert client.get("/healthz").json() == OK

    def test_once_it_is_migrated(self, empty: Database, empty_url: str, contract: OpenApiContract) -> None:
        client = Client(create_app(settings_for(empty_url), empty), contract)
        assert readiness(client).status_code == 503
        migrate(empty.engine)
        assert readiness(client).json() == OK
        migrate(empty.engine, "base")
        assert readiness(client).status_code == 503


class TestDatabaseAway:
    @pytest.fixture
    def stranded(self, contract: OpenApiContract) -> Iterator[Client]:
        """A client of a service whose database is not there."""
        settings = settings_for("postgresql://books@127.0.0.1:1/nothing")
        database = Database.of(settings)
        yield Client(create_app(settings, database), contract)
        database.engine.dispose()

    @pytest.mark.parametrize("path", NEEDS_DATABASE)
    def test_what_needs_it_is_a_503(self, stranded: Client, path: str) -> None:
        reply = stranded.get(path)
        assert refusal(reply) == (503, "database_unavailable")
        assert int(reply.headers["Retry-After"]) > 0
        assert "127.0.0.1" not in reply.text

    @pytest.mark.parametrize("path", ["/", "/healthz", "/docs", "/docs/errors", "/openapi.json"])
    def test_the_rest_goes_on(self, stranded: Client, path: str) -> None:
        assert stranded.get(path).status_code == 200

    def test_a_wrong_token_is_still_wrong(self, stranded: Client) -> None:
        assert refusal(stranded.as_bearer("garbage").get("/auth/me")) == (401, "token_invalid")
