"""A server on each database, for tests that leave it as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import fresh_url
from devtools.nginx import proxying
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one worker."""
    folder = tmp_path_factory.mktemp("server")
    with fresh_url(kind, server_url, folder) as url, serving(migrated(url), folder) as served:
        yield served


@pytest.fixture(scope="package")
def proxied(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two workers and a book, which trusts a proxy of this machine."""
    folder = tmp_path_factory.mktemp("proxied")
    with (
        fresh_url(kind, server_url, folder) as url,
        serving(migrated(url), folder, workers=2, trusted_proxies="127.0.0.1") as served,
    ):
        Factory(served.client()).book(served.member(), id=1, title="École", description="x" * 2000)
        yield served


@pytest.fixture(scope="package")
def proxy(proxied: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of nginx in front of that server."""
    with proxying(proxied.base, tmp_path_factory.mktemp("nginx")) as base:
        yield base
