"""The command that removes genres and search words that no record has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select

from app.db.bulkheads import Kind
from app.db.locks import WORDS, lock_shared
from app.models import AuditEvent, Author, Book, Genre, SearchWord
from app.schemas.books import BookCreate
from app.services.books import BookService
from app.services.cleanup import audit_log, full_sweep
from app.services.cleanup.audit_log import start_forgetting
from app.services.cleanup.full_sweep import sweep
from devtools.polling import wait_until
from scripts.remove_unused import main

if TYPE_CHECKING:
    from app.database import Database


def counted(database: Database) -> tuple[int, int]:
    """How many genres and rows of words there are."""
    with database.reading() as connection:
        genres, words = (connection.scalar(select(func.count()).select_from(table)) for table in (Genre, SearchWord))
    return genres or 0, words or 0


def store_events(database: Database, days_old: tuple[int, ...]) -> None:
    """Events of the audit log."""
    with database.transaction() as db:
        for days in days_old:
            db.add(AuditEvent(at=datetime.now(UTC) - timedelta(days=days), event="signed_in", facts="{}"))


def number_of_events(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(AuditEvent)) or 0


@pytest.fixture
def before(own_database: Database) -> tuple[int, int]:
    """A catalogue of which some books were deleted in SQL; what it had before."""
    with own_database.transaction() as db:
        author = Author(name="Octavia Butler")
        db.add(author)
        db.flush()
        books = BookService(db)
        books.create(BookCreate(title="Kindred", author_id=author.id, genres=["Fiction"]), None)
    kept = counted(own_database)
    with own_database.transaction() as db:
        books = BookService(db)
        gone = [
            books.create(BookCreate(title=f"Wild Seed {place}", author_id=author.id, genres=[place, "fiction"]), None)
            for place in ("Africa", "Louisiana")
        ]
    with own_database.transaction() as db:
        db.execute(delete(Book).where(Book.id.in_([book.id for book in gone])))
    assert counted(own_database) > kept
    return kept


class TestCommand:
    def test_removes_what_no_record_has(
        self, at_home: Database, before: tuple[int, int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        main([])
        assert counted(at_home) == before
        assert "Removed 2 genres and 4 words that no record has." in capsys.readouterr().out
        main([])
        assert "Removed 0 genres and 0 words" in capsys.readouterr().out

    def test_removes_events_that_are_too_old(
        self, at_home: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("AUDIT_KEEP", "30")
        store_events(at_home, days_old=(29, 31, 365))
        main([])
        assert "Removed 2 events of the audit log older than AUDIT_KEEP." in capsys.readouterr().out
        assert number_of_events(at_home) == 1


class TestServer:
    def test_removes_events_that_are_too_old(self, own_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(audit_log, "FIRST_WITHIN", 0)
        store_events(own_database, days_old=(29, 31))
        start_forgetting(own_database, days=30)
        wait_until(lambda: number_of_events(own_database) == 1)
        wait_until(lambda: not own_database.bulkheads[Kind.WRITERS].working)  # its connection is in the pool again


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
class TestSweep:
    """On SQLite a writer locks everything, and the sweep waits for it."""

    def test_skips_what_writers_have_locked(
        self, own_database: Database, before: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(full_sweep, "ATTEMPTS", 2)
        with own_database.transaction() as db:
            lock_shared(db, WORDS)
            swept = sweep(own_database)
        assert (swept.genres, swept.words, swept.skipped) == (2, 0, 4)
        assert sweep(own_database).words == 4
        assert counted(own_database) == before
