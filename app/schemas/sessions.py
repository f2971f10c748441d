"""Schemas of sessions and their tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import MISSING, AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from app.schemas.accounts import ALICE, Invited, RevokeKeys
from app.schemas.base import NO_NUL, RecordId, Reply, SmallBody, example, null_to_missing, require_named
from app.schemas.second_factor import Code

REFRESH_EXAMPLE = "br_4f0sHq2m…"
Credential = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NO_NUL)]
LoginCode = Annotated[Code | None, Field(description="Needed if the account has a second factor, else ignored.")]
SESSION: dict[str, Any] = {
    "id": 7,
    "current": True,
    "user_agent": "curl/8.5.0",
    "created_at": "2026-11-22T10:00:00Z",
    "last_used_at": "2026-11-24T08:30:00Z",
    "expires_at": "2026-12-24T08:30:00Z",
}


class Login(SmallBody):
    """The credentials of a user."""

    model_config = example(ALICE, {**ALICE, "code": "492039"})

    username: Annotated[str, AfterValidator(require_named), Field(json_schema_extra={"pattern": r"\S"})]
    password: Annotated[str, StringConstraints(min_length=1)]
    code: LoginCode = None


class HeaderLogin(SmallBody):
    """Empty, or what the account needs besides: the proxy names the user in a header."""

    model_config = example({}, {"code": "492039"})

    code: LoginCode = None
    invitation: Invited = MISSING


class LogoutAll(SmallBody):
    """Empty, or whether the API keys are revoked as well."""

    model_config = example({}, {"revoke_keys": True})
    may_be_absent: ClassVar[bool] = True

    revoke_keys: RevokeKeys = False


class Token(Reply):
    """A new pair of tokens. Send the access token as `Authorization: Bearer <access_token>`."""

    model_config = example(
        {
            "access_token": "eyJhbGciOi…",
            "token_type": "Bearer",
            "expires_in": 900,
            "refresh_token": REFRESH_EXAMPLE,
        }
    )

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.")]
    refresh_token: Annotated[str, Field(description="For `POST /auth/refresh`; it can be used once.")]


class Refresh(SmallBody):
    """The token that extends a session."""

    model_config = example({"refresh_token": REFRESH_EXAMPLE})

    refresh_token: Credential


class Logout(SmallBody):
    """Empty, or the refresh token of a session that is to end as well."""

    model_config = example({}, {"refresh_token": REFRESH_EXAMPLE})
    may_be_absent: ClassVar[bool] = True

    refresh_token: Annotated[
        Credential | MISSING, BeforeValidator(null_to_missing, json_schema_input_type=Credential | None)
    ] = MISSING


class SessionReply(Reply):
    """An active session of a user."""

    model_config = ConfigDict(extra="ignore", frozen=True, json_schema_extra={"examples": [SESSION]})

    id: RecordId
    current: Annotated[bool, Field(description="Whether this request belongs to the session.")]
    user_agent: Annotated[str | None, Field(description="The `User-Agent` header of the login.")]
    created_at: datetime
    last_used_at: Annotated[datetime, Field(description="When the session was last refreshed.")]
    expires_at: Annotated[datetime, Field(description="When the session expires, unless it is refreshed before.")]
