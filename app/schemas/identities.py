"""Schemas of sign-ins at the provider, and of linked identities."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import MISSING, BeforeValidator, Field, StringConstraints

from app.schemas.accounts import Invited, NewUsername
from app.schemas.base import RecordId, Reply, SmallBody, WriteResult, example, null_to_missing
from app.schemas.sessions import Credential, LoginCode

VERIFIER = r"^[A-Za-z0-9._~-]{43,128}$"
"""A code verifier (RFC 7636, section 4.1)."""
CODE_EXAMPLE = "bo_4f0sHq2m…"
IDENTITY: dict[str, Any] = {
    "id": 4,
    "issuer": "https://id.example",
    "subject": "248289761001",
    "created_at": "2026-11-22T10:00:00Z",
}
SignInCode = Annotated[Credential, Field(description="From the sign-in at the provider: `bo_…`.")]
CodeVerifier = Annotated[str, StringConstraints(pattern=VERIFIER)]
Verifier = Annotated[
    CodeVerifier | MISSING,
    BeforeValidator(null_to_missing, json_schema_input_type=CodeVerifier | None),
    Field(description="If the sign-in began with a `code_challenge` (RFC 7636)."),
]


class CodeExchange(SmallBody):
    """A code to exchange for tokens."""

    model_config = example(
        {"sign_in_code": CODE_EXAMPLE},
        {"sign_in_code": CODE_EXAMPLE, "username": "alice", "invitation": "bi_4f0sHq2m…"},
    )

    sign_in_code: SignInCode
    code_verifier: Verifier = MISSING
    code: LoginCode = None
    username: Annotated[
        NewUsername | MISSING,
        BeforeValidator(null_to_missing, json_schema_input_type=NewUsername | None),
        Field(description="For a new user, instead of the provider's name."),
    ] = MISSING
    invitation: Invited = MISSING


class IdentityLink(SmallBody):
    """A code that proves an identity, to link it."""

    model_config = example({"sign_in_code": CODE_EXAMPLE})

    sign_in_code: SignInCode
    code_verifier: Verifier = MISSING


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
