"""A request that only reads, while another holds the locks that a write would need."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import InternalError
from structlog.testing import capture_logs

from app.database import Database
from app.errors import DatabaseUnavailable
from app.models import ApiKey
from app.security.roles import READ
from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

SECONDS = 5
"""A writer is waited for for 20 seconds; a request that waits for nothing takes a hundredth of one."""


@pytest.fixture
def user(served: Served) -> Client:
    """A new user, logged in."""
    return served.member()


@contextmanager
def locked(database: Database, key_id: int) -> Iterator[None]:
    """The key's row is locked by a writer; on SQLite, so is the whole database."""
    with database.transaction() as db:
        db.execute(select(ApiKey).where(ApiKey.id == key_id).with_for_update())
        db.execute(update(ApiKey).where(ApiKey.id == key_id).values(name="locked"))
        yield


class TestApiKey:
    def test_is_read_with_at_once_while_a_writer_has_the_lock(self, user: Client, database: Database) -> None:
        key = Factory(user).key(user, READ)
        program = user.as_bearer(key["key"])
        started = monotonic()
        with locked(database, key["id"]):
            replies = [program.get("/auth/me") for _ in range(3)]
        assert [reply.status_code for reply in replies] == [200, 200, 200]
        assert monotonic() - started < SECONDS

    def test_gets_its_last_use_recorded_once_the_lock_is_free(self, user: Client, database: Database) -> None:
        key = Factory(user).key(user, READ)
        program = user.as_bearer(key["key"])
        with locked(database, key["id"]):
            program.get("/auth/me")
        assert user.get(f"/auth/keys/{key['id']}").json()["last_used_at"] is None
        program.get("/auth/me")
        assert user.get(f"/auth/keys/{key['id']}").json()["last_used_at"] is not None


class TestWriteThatMayBeLost:
    def test_is_skipped_where_the_database_refuses_it(self, database: Database) -> None:
        with capture_logs() as logs:
            empty = text("INSERT INTO users DEFAULT VALUES")
            database.write_without_waiting(lambda connection: connection.execute(empty))
        assert [entry["event"] for entry in logs] == ["write_skipped"]
        with database.transaction() as db:  # its slot and its connection are free again
            assert db.scalar(select(1)) == 1


class TestReadingConnection:
    def test_refuses_to_write(self, database: Database) -> None:
        with pytest.raises((DatabaseUnavailable, InternalError)), database.reading() as connection:
            connection.execute(update(ApiKey).values(name="written"))
