"""API keys on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from app.schemas.base import Body, RecordId, Reply, ShortText, WriteResult, example
from app.schemas.times import Moment
from app.security.roles import Scope

CATALOGUER: dict[str, Any] = {
    "name": "nightly import",
    "scopes": ["books:write"],
    "expires_at": "2099-01-01T00:00:00Z",
}
CATALOGUER_REPLY: dict[str, Any] = {
    "id": 3,
    "name": "nightly import",
    "prefix": "bk_4f0sH",
    "scopes": ["books:write"],
    "created_at": "2026-11-22T10:00:00Z",
    "expires_at": "2099-01-01T00:00:00Z",
    "last_used_at": None,
}


def _in_order(scopes: list[Scope]) -> list[Scope]:
    return sorted(set(scopes))


def _not_over(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        msg = "must lie in the future"
        raise ValueError(msg)
    return moment


class KeyCreate(Body):
    """A new key."""

    model_config = example(CATALOGUER)

    name: Annotated[str, ShortText(100), Field(description="What it is for; at most 100 characters.")]
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=10, description="What it may do: one or more of these."),
        AfterValidator(_in_order),
    ]
    expires_at: Annotated[
        Annotated[Moment, AfterValidator(_not_over)] | None,
        Field(description="When it stops to be good (RFC 3339, with an offset); `null`, or left out: never."),
    ] = None


class KeyReply(Reply):
    """A key, without what makes it one."""

    model_config = example(CATALOGUER_REPLY)

    id: RecordId
    name: str
    prefix: Annotated[str, Field(description="How the key begins, to tell it from others.")]
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="To the minute.")]


class KeyDone(KeyReply, WriteResult):
    """A key that was made. `key` is shown this once."""

    model_config = example(
        {
            **CATALOGUER_REPLY,
            "key": "bk_4f0sHq2m…",
            "status": "success",
            "message": "key 'nightly import' created; it is not shown again",
        }
    )

    key: Annotated[str, Field(description="Send it as `Authorization: Bearer <key>`. It is never shown again.")]
