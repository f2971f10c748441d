"""Requests with an `Idempotency-Key`, and how tests look at the responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

if TYPE_CHECKING:
    import httpx

    from devtools.databases import DatabaseInside

KEY = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}
AUTHOR = {"name": "Łódź Ōe 大江"}


def is_replayed(reply: httpx.Response) -> bool:
    """Whether a response says that it repeats an earlier one."""
    assert reply.headers.get("Idempotency-Replayed") in {None, "true"}
    return "Idempotency-Replayed" in reply.headers


def repeated(reply: httpx.Response) -> tuple[Any, ...]:
    """What a replay repeats."""
    return reply.status_code, reply.content, *(reply.headers.get(name) for name in ("Location", "ETag", "Content-Type"))


def number_of(database: DatabaseInside, table: Any) -> int:
    """The number of rows of a table."""
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0
