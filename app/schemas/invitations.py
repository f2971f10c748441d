"""Schemas of invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.schemas.base import RecordId, Reply, ShortText, SmallBody, WriteResult, example

INVITATION_REPLY: dict[str, Any] = {
    "id": 5,
    "note": "for Bob, who keeps the poetry",
    "prefix": "bi_4f0sH",
    "created_by": 1,
    "created_at": "2026-11-22T10:00:00Z",
    "expires_at": "2026-11-29T10:00:00Z",
}


class InvitationCreate(SmallBody):
    """A new invitation. It may be empty."""

    model_config = example({"note": INVITATION_REPLY["note"]}, {})
    may_be_absent: ClassVar[bool] = True

    note: Annotated[
        Annotated[str, ShortText(100)] | None,
        Field(description="A note for the admins, such as who is invited; at most 100 characters."),
    ] = None


class InvitationReply(Reply):
    """An invitation that can still be used, without its token."""

    model_config = example(INVITATION_REPLY)

    id: RecordId
    note: str | None
    prefix: Annotated[str, Field(description="The first characters of the token, to identify it.")]
    created_by: Annotated[RecordId, Field(description="The id of the admin who issued it.")]
    created_at: datetime
    expires_at: datetime


class InvitationDone(InvitationReply, WriteResult):
    """A newly issued invitation. `link` and `token` are shown only once."""

    model_config = example(
        {
            **INVITATION_REPLY,
            "link": "https://books.example/join#bi_4f0sHq2m…",
            "token": "bi_4f0sHq2m…",
            "status": "success",
            "message": "invitation issued; it is not shown again",
        }
    )

    link: Annotated[str, Field(description="A page on which the invited person registers.")]
    token: Annotated[str, Field(description="The token in the link, for `invitation` in `POST /register`.")]
