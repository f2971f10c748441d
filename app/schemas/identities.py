"""Schemas of sign-ins at the provider, and of linked identities."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import MISSING, Field, StringConstraints

from app.schemas.accounts import NewUsername
from app.schemas.base import RecordId, Reply, SmallBody, WriteResult, example
from app.schemas.sessions import Credential

CODE_EXAMPLE = "bo_4f0sHq2m…"
IDENTITY: dict[str, Any] = {
    "id": 4,
    "issuer": "https://id.example",
    "subject": "248289761001",
    "created_at": "2026-11-22T10:00:00Z",
}
Code = Annotated[Credential, Field(description="From the sign-in at the provider.")]
Verifier = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")] | MISSING,
    Field(description="If the sign-in began with a `code_challenge` (RFC 7636)."),
]


class CodeExchange(SmallBody):
    """A code to exchange for tokens."""

    model_config = example({"code": CODE_EXAMPLE}, {"code": CODE_EXAMPLE, "username": "alice"})

    code: Code
    code_verifier: Verifier = MISSING
    username: Annotated[NewUsername | MISSING, Field(description="For a new user, instead of the provider's name.")] = (
        MISSING
    )


class IdentityLink(SmallBody):
    """A code that proves an identity, to link it."""

    model_config = example({"code": CODE_EXAMPLE, "current_password": "correct horse battery"})

    code: Code
    code_verifier: Verifier = MISSING
    current_password: Annotated[
        Annotated[str, StringConstraints(min_length=1)] | MISSING,
        Field(description="Required of users who have one; others must have signed in within ten minutes."),
    ] = MISSING


class IdentityReply(Reply):
    """An identity with which a user may sign in."""

    model_config = example(IDENTITY)

    id: RecordId
    issuer: str
    subject: str
    created_at: datetime


class IdentityDone(IdentityReply, WriteResult):
    """A newly linked identity."""

    model_config = example({**IDENTITY, "status": "success", "message": "identity linked"})
