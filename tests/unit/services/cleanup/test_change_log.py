"""Pruning of the change log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from app.errors import CursorExpired
from app.events.changes import begin_batch
from app.events.publishing import publish
from app.models import Author, Batch, Change
from app.queries.changes import BEGINNING, FeedReader
from app.services.cleanup import change_log
from app.services.cleanup.change_log import prune_changes

if TYPE_CHECKING:
    from app.database import Database

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=10)
MIDDLE = NOW - timedelta(days=5)


def add_authors(database: Database, number: int) -> None:
    """Create authors, each in a batch of its own, and publish what was changed."""
    for name in range(number):
        with database.transaction() as db:
            author = Author(name=f"Author {name}", sort_name=f"Author {name}")
            db.add(author)
            begin_batch(db, "a test")
    with database.transaction() as db:
        publish(db.connection())


@pytest.fixture
def changed(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with seven changes, of which five are old."""
    monkeypatch.setattr(change_log, "AT_ONCE", 2)
    add_authors(own_database, 7)
    with own_database.transaction() as db:
        db.execute(update(Change).where(Change.position <= 5).values(at=OLD))
        db.execute(update(Batch).values(at=OLD))
    return own_database


def positions(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.scalars(select(Change.position).order_by(Change.position)))


def test_deletes_what_is_older(changed: Database) -> None:
    steps: list[int] = []
    assert prune_changes(changed, MIDDLE, steps.append) == 5
    assert steps == [2, 2, 1]
    assert positions(changed) == [6, 7]
    with changed.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Batch)) == 2
        assert connection.scalar(select(func.count()).select_from(Author)) == 7


def test_keeps_the_last_change_and_goes_on_from_its_position(changed: Database) -> None:
    assert prune_changes(changed, NOW + timedelta(days=1)) == 6
    add_authors(changed, 1)
    assert positions(changed) == [7, 8]


def test_expires_the_cursors_of_what_is_deleted(changed: Database) -> None:
    with changed.reading() as connection:
        _, place = FeedReader(connection).page(BEGINNING, None, 2)
        _, last = FeedReader(connection).page(BEGINNING, None, 6)
    prune_changes(changed, MIDDLE)
    with changed.reading() as connection:
        reader = FeedReader(connection)
        for expired in (BEGINNING, place):
            with pytest.raises(CursorExpired):
                reader.page(expired, None, 2)
        documents, _ = reader.page(last, None, 2)
        assert len(documents) == 1
        assert len(reader.page(reader.beginning(), None, 10)[0]) == 2


def test_of_nothing(own_database: Database) -> None:
    assert prune_changes(own_database, NOW) == 0
