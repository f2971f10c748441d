"""Schemas of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import MISSING, AfterValidator, Field, HttpUrl, StringConstraints, TypeAdapter
from typing_extensions import TypeAliasType

from app.outbound.addresses import AddressRefused, require_port
from app.schemas.base import (
    WEB_ADDRESS,
    RecordId,
    Reply,
    SmallBody,
    WriteResult,
    example,
)
from app.schemas.fields import Text255, counted_first
from app.schemas.read_only import (
    EchoedChanges,
    ReadFlag,
    ReadId,
    ReadMoment,
    ReadMomentOrNull,
    ReadTextOrNull,
    ReadUserId,
)

WEBHOOK: dict[str, Any] = {
    "url": "https://receiver.example/books",
    "events": ["book.created", "book.deleted"],
    "description": "the search engine",
}
WEBHOOK_REPLY: dict[str, Any] = {
    "id": 2,
    **WEBHOOK,
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
    "former_secret_until": None,
    "replaying": False,
    "created_by": 1,
    "created_at": "2026-11-22T10:00:00Z",
    "updated_at": "2026-11-22T10:00:00Z",
}
EVENT_TYPES = tuple(
    f"{kind}.{action}" for kind in ("book", "author") for action in ("created", "updated", "deleted", "restored")
)
EventType = TypeAliasType(
    "EventType",
    Annotated[
        Literal[
            "book.created",
            "book.updated",
            "book.deleted",
            "book.restored",
            "author.created",
            "author.updated",
            "author.deleted",
            "author.restored",
        ],
        Field(
            description="What became of which kind of record.",
            json_schema_extra={"x-enum-varnames": [name.replace(".", "_").upper() for name in EVENT_TYPES]},
        ),
    ],
)
DisabledReason = TypeAliasType(
    "DisabledReason",
    Annotated[
        Literal["admin", "gone", "failing"],
        Field(
            description="Why a webhook is disabled: an admin did it, the endpoint answered with 410, or all attempts "
            "of five days failed."
        ),
    ],
)
_web_address = TypeAdapter(HttpUrl)


def _may_be_called(address: str) -> str:
    """The URL unchanged, if nothing in it alone forbids to call it; its addresses are checked at each attempt.

    Raises:
        ValueError: it is no http or https URL, or has credentials, a fragment, or the port of another protocol.
    """
    try:
        url = _web_address.validate_python(address)
    except ValueError:
        msg = "must be an http or https address"
        raise ValueError(msg) from None
    if url.username is not None or url.password is not None:
        msg = "must have neither a username nor a password"
        raise ValueError(msg)
    if "#" in address:
        msg = "must have no fragment"
        raise ValueError(msg)
    try:
        require_port(url.port or 0)
    except AddressRefused as error:
        raise ValueError(str(error)) from None
    return address


def _in_order(events: list[str]) -> list[str]:
    return [event for event in EVENT_TYPES if event in events]


EndpointUrl = Annotated[
    str,
    StringConstraints(max_length=2000, pattern=WEB_ADDRESS),
    AfterValidator(_may_be_called),
    Field(
        description="Where messages are sent: http or https, without credentials. It must have public addresses only, "
        "unless the operator allows others (`WEBHOOKS_ALLOW_PRIVATE`); that is checked at each attempt."
    ),
]
Events = Annotated[
    list[EventType],
    counted_first(len(EVENT_TYPES)),
    AfterValidator(_in_order),
    Field(min_length=1, max_length=len(EVENT_TYPES)),
]
EVENTS = "Only these events. `null`: all, also those that later versions add."


class WebhookCreate(SmallBody):
    """A new webhook."""

    model_config = example(WEBHOOK)

    url: EndpointUrl
    events: Annotated[Events | None, Field(description=EVENTS)] = None
    description: Annotated[Text255 | None, Field(description="A note for the admins; at most 255 characters.")] = None


class WebhookChange(EchoedChanges):
    """Changes to a webhook (a merge patch, RFC 7396)."""

    model_config = example({"enabled": True}, {"url": WEBHOOK["url"]}, minProperties=1)
    read_only: ClassVar[frozenset[str]] = frozenset(
        {
            "id",
            "disabled_reason",
            "failing_since",
            "former_secret_until",
            "replaying",
            "created_by",
            "created_at",
            "updated_at",
        }
    )

    id: ReadId = MISSING
    disabled_reason: ReadTextOrNull = MISSING
    failing_since: ReadMomentOrNull = MISSING
    former_secret_until: ReadMomentOrNull = MISSING
    replaying: ReadFlag = MISSING
    created_by: ReadUserId = MISSING
    created_at: ReadMoment = MISSING
    updated_at: ReadMoment = MISSING

    url: EndpointUrl | MISSING = MISSING
    events: Annotated[Events | MISSING | None, Field(description=EVENTS)] = MISSING
    description: Annotated[Text255 | MISSING | None, Field(description="A note for the admins.")] = MISSING
    enabled: Annotated[
        bool | MISSING,
        Field(description="`true` delivers what has happened since it was disabled, too."),
    ] = MISSING


class WebhookReply(Reply):
    """A webhook, without its secret."""

    model_config = example(WEBHOOK_REPLY)

    id: RecordId
    url: str
    events: Annotated[list[str] | None, Field(description=EVENTS)]
    description: str | None
    enabled: bool
    disabled_reason: Annotated[DisabledReason | None, Field(description="`null` while it is enabled.")]
    failing_since: Annotated[
        datetime | None,
        Field(description="The first failed attempt since the last that succeeded; `null` if the last succeeded."),
    ]
    former_secret_until: Annotated[
        datetime | None, Field(description="Until when messages are also signed with the secret before the last.")
    ]
    replaying: Annotated[bool, Field(description="Whether a replay is under way.")]
    created_by: RecordId | None
    created_at: datetime
    updated_at: datetime


class WebhookDone(WebhookReply, WriteResult):
    """The webhook after a successful change."""

    model_config = example({**WEBHOOK_REPLY, "status": "success", "message": "webhook 2 updated"})


class WebhookSecret(WebhookDone):
    """The webhook and its new secret, which is shown only once."""

    model_config = example(
        {
            **WEBHOOK_REPLY,
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw…",
            "status": "success",
            "message": "webhook 2 created; its secret is not shown again",
        }
    )

    secret: Annotated[
        str, Field(description="With it the receiver verifies signatures (Standard Webhooks). Never shown again.")
    ]
