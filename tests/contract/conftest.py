"""A server on each database, for what a client in this process cannot send; and a stage for everyone who may come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import DatabaseInside, fresh_url
from devtools.serving import migrated
from tests.contract.access_harness import Stage
from tests.support.factories import Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.database import Database
    from app.settings import Settings
    from tests.support.client import Client
    from tests.support.openapi_contract import Promise


@pytest.fixture(scope="package")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one worker, and book 1 by author 1."""
    folder = tmp_path_factory.mktemp("contract")
    with fresh_url(kind, server_url, folder) as url, serving(migrated(url), folder) as served:
        yield served


@pytest.fixture(scope="package")
def visitor(served: Served) -> Client:
    """A signed-in user of that server, in whose catalogue there is a book."""
    visitor = served.member()
    make = Factory(visitor)
    make.book(visitor, id=1, author_id=make.author(visitor, id=1)["id"])
    return visitor


@pytest.fixture(scope="module")
def stage(settings: Settings, schema: Database, promise: Promise) -> Iterator[Stage]:
    """A service in this process with the whole cast. A test that uses it leaves the test's own database alone."""
    with schema.engine.connect() as connection:
        outer = connection.begin()
        yield Stage(settings, DatabaseInside(connection), promise)
        outer.rollback()
