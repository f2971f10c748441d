"""A server with two workers on each database, and what attacks on it need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.database import Database
from devtools.databases import fresh_url, settings_for
from devtools.serving import migrated
from tests.attacks.attack_fixtures import AttackContext
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two workers, so that nothing that only one of them knows can pass for a refusal."""
    folder = tmp_path_factory.mktemp("attacks")
    with fresh_url(kind, server_url, folder) as url, serving(migrated(url), folder, workers=2) as served:
        yield served


@pytest.fixture(scope="package")
def restricted(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A second server on the same database, where only invited people register, and only members read."""
    folder, mode = tmp_path_factory.mktemp("restricted"), {"registration": "invite", "reading": "members"}
    with serving(served.url, folder, workers=2, **mode) as restricted:
        yield restricted


@pytest.fixture(scope="package")
def database_served(served: Served) -> Iterator[Database]:
    """The server's database, from another process."""
    database = Database.of(settings_for(served.url))
    yield database
    database.engine.dispose()


@pytest.fixture
def context(served: Served, database_served: Database) -> AttackContext:
    """Users are created when an attack asks for them."""
    return AttackContext(served.client(), database_served)
