"""A server on each database, for what a client in this process cannot send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.databases import fresh_url
from tests.factories import Factory
from tests.serving import Served, migrated, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client import Client


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
