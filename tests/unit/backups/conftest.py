"""A small catalogue with accounts, and empty databases to restore it into."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.backups.making import Backup
from app.backups.restoring import Restore
from app.database import Database, open_database
from app.models import ApiKey, Author, Invitation, RefreshToken, User, UserSession
from app.schemas.books import BookCreate
from app.security.sealing import Sealer
from app.services.books import BookService
from devtools.databases import fresh_url, settings_for
from devtools.serving import migrated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.settings import Settings

TITLES = ["Kindred", "Wild Seed", "Dawn", "???", "Parable of the Sower", "Ⅳ: Σίσυφος", "C:\\N"]
LINES = "One line,\nanother with a \\ and \\."
KEY = "a generated signing key of more than 32 bytes"


def fill(database: Database) -> None:
    """Books, and a user with a session, an API key, an invitation, a reset and a second factor."""
    now, later = datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)
    with database.transaction() as db:
        db.add(user := User(username="alice", password_hash="-", reset_hash="r", reset_expires_at=later))  # noqa: S106
        user.totp_secret, user.second_factor_since = Sealer([KEY]).seal("totp"), now
        db.add(author := Author(name="Octavia E. Butler"))
        db.flush()
        db.add(
            one := UserSession(user_id=user.id, created_at=now, last_used_at=now, expires_at=later, confirmed_at=now)
        )
        db.flush()
        db.add(RefreshToken(hash="h", session_id=one.id, issued_at=now))
        db.add(Invitation(hash="i", prefix="p", created_by=user.id, created_at=now, expires_at=later))
        db.add(ApiKey(user_id=user.id, name="key", hash="k", prefix="p", scopes="books:read", created_at=now))
    with database.transaction() as db:
        for title in TITLES:
            book = BookCreate(title=title, author_id=author.id, genres=["Science fiction"], description=LINES)
            BookService(db).create(book, None)


@pytest.fixture(scope="package")
def original(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of a service whose database is filled, and which generated its signing key. No test changes it."""
    folder = tmp_path_factory.mktemp("original")
    (folder / "secret_key").write_text(KEY)
    with fresh_url(kind, server_url, folder) as url:
        database = Database.of(settings_for(migrated(url)))
        fill(database)
        database.engine.dispose()
        yield settings_for(url, secret_key=None, instance_path=folder)


@pytest.fixture(scope="package")
def backup(original: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    file = tmp_path_factory.mktemp("backup") / "books.backup"
    Backup(original).make(file)
    return file


@pytest.fixture
def elsewhere(kind: str, server_url: str, tmp_path: Path) -> Iterator[Settings]:
    """The settings of another machine: an empty folder, and a new database."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with fresh_url(kind, server_url, folder) as url:
        yield settings_for(url, secret_key=None, instance_path=folder / "instance")


@pytest.fixture
def present(backup: Path, elsewhere: Settings) -> Settings:
    """The settings of a service whose database has records already, and one more than the backup."""
    Restore(elsewhere).run(backup)
    with database_of(elsewhere) as database, database.transaction() as db:
        db.add(Author(name="Present"))
    return elsewhere


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """A database, closed afterwards: an SQLite file that is open is not restored into."""
    database = open_database(settings)
    try:
        yield database
    finally:
        database.engine.dispose()
