"""A server on each database, for tests that leave it as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import fresh_url
from devtools.serving import migrated
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one worker."""
    folder = tmp_path_factory.mktemp("server")
    with fresh_url(kind, server_url, folder) as url, serving(migrated(url), folder) as served:
        yield served
