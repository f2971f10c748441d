"""A server with two workers on each database, and concurrent clients of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.database import Database
from devtools.change_log import faults_of_log
from devtools.databases import fresh_url, settings_for
from devtools.serving import migrated
from tests.races.concurrency import ConcurrentClients
from tests.support.serving import Served, serving
from tests.support.users import SignedInUser, new_user

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two workers, so that no lock within one process can pass for correctness."""
    folder = tmp_path_factory.mktemp("races")
    with (
        fresh_url(kind, server_url, folder) as url,
        serving(migrated(url), folder, workers=2, oidc_registration=True) as served,
    ):
        yield served
        database = Database.of(settings_for(served.url))
        with database.reading() as connection:
            assert faults_of_log(connection, complete=True) == {}, "after all races"
        database.engine.dispose()


@pytest.fixture(scope="package")
def clients(served: Served) -> ConcurrentClients:
    """Sixteen clients of one user."""
    return ConcurrentClients(served.member())


@pytest.fixture
def alice(served: Served) -> SignedInUser:
    """A user, and one session with its tokens."""
    return new_user(served.client())


@pytest.fixture
def database(served: Served) -> Iterator[Database]:
    """The server's database."""
    database = Database.of(settings_for(served.url))
    yield database
    database.engine.dispose()
