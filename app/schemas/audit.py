"""Schemas of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import MISSING, Field
from typing_extensions import TypeAliasType

from app.domain.audit_events import LONGEST_ADDRESS, EventName
from app.schemas.base import NOT_BLANK, IdParameter, RecordId, Reply, example
from app.schemas.pages import PageQuery
from app.schemas.times import QueriedMoment

AUDIT_EVENT: dict[str, Any] = {
    "id": 1207,
    "at": "2026-11-22T10:00:00Z",
    "event": "signed_in",
    "user_id": 1,
    "by": None,
    "via": None,
    "session_id": 4348619714183329,
    "key_id": None,
    "address": "192.0.2.8",
    "request_id": "8896765f1f0b47308a82cb03fb47df40",
    "facts": {"second_factor": "totp"},
}
Fact = str | int | bool | list[str] | None
AuditEventName = TypeAliasType(
    "AuditEventName", Annotated[EventName, Field(description="The name of an event of the audit log.")]
)


class AuditEventReply(Reply):
    """An event of the audit log."""

    model_config = example(AUDIT_EVENT)

    id: RecordId
    at: datetime
    event: Annotated[str, Field(description="The name of the event, such as `signed_in`. Later versions may add some.")]
    user_id: Annotated[int | None, Field(description="The user whose account it concerns, if it is known.")]
    by: Annotated[
        int | None, Field(description="The user who did it; `null` if that is the user whom it concerns, or unknown.")
    ]
    via: Annotated[
        str | None,
        Field(description="The operator's command that did it, or how the user signed in: `oidc` or `proxy`."),
    ]
    session_id: Annotated[int | None, Field(description="The session that it concerns, or in which it happened.")]
    key_id: Annotated[int | None, Field(description="The API key that it concerns, or with which it happened.")]
    address: Annotated[
        str | None,
        Field(
            description="The address of the client, or its network with `LOG_ADDRESSES=truncated`; `null` for "
            "commands, and for deleted accounts."
        ),
    ]
    request_id: Annotated[str | None, Field(description="As in the log.")]
    facts: Annotated[dict[str, Fact], Field(description="By event: `role`, `scopes`, `code`, …")]


class EventFilters(PageQuery):
    """Filters and page size of a list of events. All given filters must match."""

    event: Annotated[AuditEventName | MISSING, Field(description="Only events of this name.")] = MISSING
    since: Annotated[QueriedMoment | MISSING, Field(description="At this time or later (RFC 3339).")] = MISSING
    until: Annotated[QueriedMoment | MISSING, Field(description="Before this time (RFC 3339).")] = MISSING


class AuditFilters(EventFilters):
    """Filters and page size of the audit log. All given filters must match."""

    user_id: Annotated[
        IdParameter | MISSING, Field(description="The id of the user whose account the events concern.")
    ] = MISSING
    by: Annotated[IdParameter | MISSING, Field(description="The id of the user who did it to another account.")] = (
        MISSING
    )
    address: Annotated[
        Annotated[str, Field(min_length=1, max_length=LONGEST_ADDRESS, pattern=NOT_BLANK)] | MISSING,
        Field(description="The address of the client, as the events have it."),
    ] = MISSING
