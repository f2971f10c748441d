"""The pool of connections that each engine has: its size, its timeout, and the check of connections that were idle.

The sizes and their defaults are settings (`DB_POOL_SIZE`, `DB_MAX_OVERFLOW`, `DB_POOL_TIMEOUT`, in
app/settings/database.py); bulkheads.py divides the connections among the kinds of requests.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event, exc

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from app.settings import Settings

IDLE_BEFORE_PING = 1.0
"""Idle seconds after which a pooled connection is pinged before use; a busy one needs no check."""


def pool_options(settings: Settings, connections: int) -> dict[str, float | bool]:
    """The options of an engine for a pool of so many connections, some of which it closes again when they are idle."""
    kept = max(1, connections * settings.db_pool_size // (settings.db_pool_size + settings.db_max_overflow))
    return {
        "pool_size": kept,
        "max_overflow": connections - kept,
        "pool_timeout": settings.db_pool_timeout,
        "pool_use_lifo": True,  # keeps a few connections warm, and lets the others idle
    }


def ping_idle_connections(engine: Engine) -> None:
    """Replace connections that died while idle, without the round trip of pool_pre_ping on every request."""

    @event.listens_for(engine, "checkin")
    def note_the_time(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def ping_what_was_idle(connection: DBAPIConnection, entry: ConnectionPoolEntry, _fairy: object) -> None:
        if monotonic() - entry.info.get("idle_since", monotonic()) < IDLE_BEFORE_PING:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise exc.DisconnectionError from error
