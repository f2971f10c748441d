"""Schemas of API keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from app.schemas.base import RecordId, Reply, ShortText, SmallBody, WriteResult, example
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
        msg = "must be in the future"
        raise ValueError(msg)
    return moment


class KeyCreate(SmallBody):
    """A new key."""

    model_config = example(CATALOGUER)

    name: Annotated[str, ShortText(100), Field(description="What the key is for; at most 100 characters.")]
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=10, description="What the key may do: one or more of these."),
        AfterValidator(_in_order),
    ]
    expires_at: Annotated[
        Annotated[Moment, AfterValidator(_not_over)] | None,
        Field(description="When the key expires (RFC 3339, with an offset); never, if `null` or omitted."),
    ] = None


class KeyReply(Reply):
    """A key, without its secret."""

    model_config = example(CATALOGUER_REPLY)

    id: RecordId
    name: str
    prefix: Annotated[str, Field(description="The first characters of the key, to identify it.")]
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="Accurate to the minute.")]


class KeyDone(KeyReply, WriteResult):
    """A newly created key. `key` is shown only once."""

    model_config = example(
        {
            **CATALOGUER_REPLY,
            "key": "bk_4f0sHq2m…",
            "status": "success",
            "message": "key 'nightly import' created; it is not shown again",
        }
    )

    key: Annotated[
        str, Field(description="The secret: send it as `Authorization: Bearer <key>`. It is never shown again.")
    ]
