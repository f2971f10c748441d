"""Pools of connections: one that died while it was idle is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from app.database import Database
from app.db.connection_pools import IDLE_BEFORE_PING
from devtools.databases import settings_for

if TYPE_CHECKING:
    import pytest


def test_a_connection_that_died_while_idle_is_replaced(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.of(settings_for(postgres_url, db_pool_size=1, db_max_overflow=0))
    with database.reading() as connection:
        dying = connection.scalar(text("SELECT pg_backend_pid()"))
    executioner = Database.of(settings_for(postgres_url))
    with executioner.reading() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": dying})
    executioner.engine.dispose()
    monkeypatch.setattr("app.db.connection_pools.monotonic", lambda: 10**9 + IDLE_BEFORE_PING)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != dying
    database.engine.dispose()
