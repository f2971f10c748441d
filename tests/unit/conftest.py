"""Fixtures of the tests below HTTP: a database to write to, and files to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import pytest

from app.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.settings import Settings

hypothesis.settings.register_profile("unhurried", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("unhurried")


@pytest.fixture
def at_home(
    own_database: Database, own_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Database]:
    """The database that commands find: the one that DATABASE_URL names. What they open is closed after them."""
    opened: list[Database] = []
    of = Database.of

    def remembered(settings: Settings) -> Database:
        opened.append(of(settings))
        return opened[-1]

    monkeypatch.setattr(Database, "of", remembered)
    monkeypatch.setenv("DATABASE_URL", own_url)
    monkeypatch.chdir(tmp_path)  # where there is no .env
    yield own_database
    for database in opened:
        database.engine.dispose()
