"""A server with two workers on each database, and what attacks on it need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.database import Database
from devtools.databases import fresh_url, settings_for
from devtools.serving import migrated
from tests.attacks.attack_fixtures import AttackContext
from tests.support.forging_provider import CLIENT_ID, CLIENT_SECRET
from tests.support.oidc import RETURN_URL
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.forging_provider import ForgingProvider


@pytest.fixture(scope="package")
def served(
    kind: str, server_url: str, provider_process: ForgingProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server with two workers, so that nothing that only one of them knows can pass for a refusal."""
    ways = {
        "oidc_issuer": provider_process.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_registration": True,
        "oidc_return_urls": RETURN_URL,
        "trusted_proxies": "192.0.2.1",
        "trusted_user_header": "Remote-User",
    }
    folder = tmp_path_factory.mktemp("attacks")
    with fresh_url(kind, server_url, folder) as url, serving(migrated(url), folder, workers=2, **ways) as served:
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
