"""Sessions and their tokens on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import MISSING, AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from app.schemas.accounts import ALICE
from app.schemas.base import NO_NUL, Body, RecordId, Reply, example, or_absent, require_named

REFRESH_EXAMPLE = "br_4f0sHq2m…"
Credential = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NO_NUL)]
SESSION: dict[str, Any] = {
    "id": 7,
    "current": True,
    "user_agent": "curl/8.5.0",
    "created_at": "2026-11-22T10:00:00Z",
    "last_used_at": "2026-11-24T08:30:00Z",
    "expires_at": "2026-12-24T08:30:00Z",
}


class Login(Body):
    """Who signs in."""

    model_config = example(ALICE)

    username: Annotated[str, AfterValidator(require_named), Field(json_schema_extra={"pattern": r"\S"})]
    password: Annotated[str, StringConstraints(min_length=1)]


class Token(Reply):
    """Send `access_token` in every request that needs one: `Authorization: Bearer <access_token>`."""

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
    refresh_token: Annotated[str, Field(description="For `POST /auth/refresh`, once.")]


class Refresh(Body):
    """What carries a session on."""

    model_config = example({"refresh_token": REFRESH_EXAMPLE})

    refresh_token: Credential


class Logout(Body):
    """Nothing, or the refresh token of a session that is to end as well."""

    model_config = example({}, {"refresh_token": REFRESH_EXAMPLE})
    may_be_absent: ClassVar[bool] = True

    refresh_token: Annotated[
        Credential | MISSING, BeforeValidator(or_absent, json_schema_input_type=Credential | None)
    ] = MISSING


class SessionReply(Reply):
    """A sign-in that lasts."""

    model_config = ConfigDict(extra="ignore", frozen=True, json_schema_extra={"examples": [SESSION]})

    id: RecordId
    current: Annotated[bool, Field(description="Whether it is the one that asks.")]
    user_agent: Annotated[str | None, Field(description="What signed in, as it named itself.")]
    created_at: datetime
    last_used_at: Annotated[datetime, Field(description="When it was last refreshed.")]
    expires_at: Annotated[datetime, Field(description="When it ends, unless it is refreshed before.")]
