"""Schemas of the export of what is stored about a user."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.schemas.audit import AUDIT_EVENT, AuditEventReply
from app.schemas.base import Reply, example
from app.schemas.identities import IDENTITY, IdentityReply
from app.schemas.keys import CATALOGUER_REPLY, KeyReply
from app.schemas.sessions import SESSION, SessionReply
from app.schemas.users import ALICE_REPLY, UserReply

BOOKS: dict[str, Any] = {"count": 12, "href": "/books?created_by=1"}
AUTHORS: dict[str, Any] = {"count": 3, "href": "/authors?created_by=1"}
NOT_INCLUDED = (
    "The log of the service has a line for each request and each change of an account, with the id of the user and the "
    "address of the client. The operator keeps it outside the database: ask the operator for it."
)


class RecordsAdded(Reply):
    """The records of one kind that a user added."""

    model_config = example(BOOKS)

    count: int
    href: Annotated[str, Field(description="The list of these records, a page at a time.")]


class AccountExport(Reply):
    """Everything in the database about a user, except digests of secrets, and responses kept for a day for retries."""

    model_config = example(
        {
            "account": ALICE_REPLY,
            "password_reset_expires_at": None,
            "sessions": [SESSION],
            "keys": [CATALOGUER_REPLY],
            "identities": [IDENTITY],
            "events": [AUDIT_EVENT],
            "books": BOOKS,
            "authors": AUTHORS,
            "not_included": NOT_INCLUDED,
        }
    )

    account: UserReply
    password_reset_expires_at: Annotated[
        datetime | None, Field(description="Until when a password reset that an admin issued can be used.")
    ]
    sessions: Annotated[list[SessionReply], Field(description="The active sessions.")]
    keys: Annotated[list[KeyReply], Field(description="The API keys, without the secrets.")]
    identities: Annotated[list[IdentityReply], Field(description="The identities with which the user may sign in.")]
    events: Annotated[
        list[AuditEventReply],
        Field(description="The newest thousand events of the audit log; `GET /auth/me/events` has all of them."),
    ]
    books: RecordsAdded
    authors: RecordsAdded
    not_included: Annotated[str, Field(description="What is stored about the user outside the database.")]
