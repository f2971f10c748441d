"""A database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.database import Database
from devtools.databases import migrate, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def own_database(own_url: str) -> Iterator[Database]:
    """A migrated database of the test's own, with real commits."""
    database = Database.of(settings_for(own_url))
    migrate(database.engine)
    yield database
    database.engine.dispose()
