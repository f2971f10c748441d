"""A server on each database, for what a client in this process cannot send; and the harness of the access tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import DatabaseInside, fresh_url
from devtools.serving import migrated
from tests.contract.access_harness import AccessHarness
from tests.support.factories import Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.database import Database
    from app.settings import Settings
    from tests.support.client import Client
    from tests.support.openapi_contract import OpenApiContract


@pytest.fixture(scope="package")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one worker, and book 1 by author 1."""
    folder = tmp_path_factory.mktemp("contract")
    with fresh_url(kind, server_url, folder) as url, serving(migrated(url), folder) as served:
        yield served


@pytest.fixture(scope="package")
def server_member(served: Served) -> Client:
    """A signed-in user of that server, in whose catalogue there is a book."""
    server_member = served.member()
    make = Factory(server_member)
    make.book(server_member, id=1, author_id=make.author(server_member, id=1)["id"])
    return server_member


@pytest.fixture(scope="module")
def harness(settings: Settings, schema: Database, contract: OpenApiContract) -> Iterator[AccessHarness]:
    """A service in this process with all principals. A test that uses it must not use the database of the test."""
    with schema.engine.connect() as connection:
        outer = connection.begin()
        yield AccessHarness(settings, DatabaseInside(connection), contract)
        outer.rollback()
