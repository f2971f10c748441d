"""Schemas of the deliveries of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import MISSING, Field
from typing_extensions import TypeAliasType

from app.schemas.base import RecordId, Reply, SmallBody, WriteResult, example
from app.schemas.pages import PageQuery
from app.schemas.times import Moment

DELIVERY_REPLY: dict[str, Any] = {
    "id": 7,
    "message_id": "chg_12_2",
    "type": "book.created",
    "status": "pending",
    "attempts": 1,
    "created_at": "2026-11-22T10:00:00Z",
    "last_attempt_at": "2026-11-22T10:00:01Z",
    "next_attempt_at": "2026-11-22T10:00:06Z",
    "response_status": 502,
    "response_body": "Bad gateway",
    "error": None,
}
DeliveryStatus = TypeAliasType(
    "DeliveryStatus",
    Annotated[
        Literal["pending", "delivered", "failed"],
        Field(description="`failed`: all attempts of three days failed, and no more are made."),
    ],
)


class DeliveryQuery(PageQuery):
    """Filters and page size of the deliveries."""

    status: Annotated[DeliveryStatus | MISSING, Field(description="Only deliveries with this status.")] = MISSING


class DeliveryReply(Reply):
    """A message to a webhook, and what became of it."""

    model_config = example(DELIVERY_REPLY)

    id: RecordId
    message_id: Annotated[
        str, Field(description="The `webhook-id` of all attempts: a receiver ignores one that it has had.")
    ]
    type: Annotated[str, Field(description="The type of the event; `webhook.test` for a test.")]
    status: DeliveryStatus
    attempts: Annotated[int, Field(ge=0)]
    created_at: datetime
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    response_status: Annotated[int | None, Field(description="The status of the last response.")]
    response_body: Annotated[str | None, Field(description="The first kilobyte of the last response.")]
    error: Annotated[str | None, Field(description="Why the last attempt got no response.")]


class DeliveryScheduled(WriteResult):
    """A delivery that will be made."""

    model_config = example(
        {"status": "success", "message": "the message will be sent again", "delivery": DELIVERY_REPLY}
    )

    delivery: DeliveryReply


class ReplayRequest(SmallBody):
    """The changes to send again: those made at these times."""

    model_config = example({"since": "2026-11-22T10:00:00Z", "until": "2026-11-23T10:00:00Z"})

    since: Annotated[Moment, Field(description="The beginning (RFC 3339, with an offset).")]
    until: Annotated[Moment | None, Field(description="The end, itself excluded; `null`: now.")] = None
