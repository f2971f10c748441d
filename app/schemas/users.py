"""Users as admins see them, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import MISSING, Field, StringConstraints

from app.schemas.base import NOT_BLANK, Flag, RecordId, Reply, WriteResult, example
from app.schemas.pages import PageQuery
from app.schemas.read_only import EchoedChanges, ReadId, ReadMoment, ReadMomentOrNull, ReadText
from app.security.roles import Role

ALICE_REPLY: dict[str, Any] = {
    "id": 1,
    "username": "alice",
    "role": "member",
    "disabled_at": None,
    "created_at": "2026-11-22T10:00:00Z",
}


class UserReply(Reply):
    """A user."""

    model_config = example(ALICE_REPLY)

    id: RecordId
    username: str
    role: Role
    disabled_at: Annotated[datetime | None, Field(description="Since when the user may not sign in.")]
    created_at: datetime


class UserDone(UserReply, WriteResult):
    """A user who was changed, as they now stand."""

    model_config = example({**ALICE_REPLY, "status": "success", "message": "user 'alice' updated"})


class UserFilters(PageQuery):
    """Which users, and how many at once. What is given has to hold all together."""

    username: Annotated[
        Annotated[str, StringConstraints(max_length=200, pattern=NOT_BLANK)] | MISSING,
        Field(description="The user of that name, whatever its capitals."),
    ] = MISSING
    role: Annotated[Role | MISSING, Field(description="Those who have this role.")] = MISSING
    disabled: Annotated[Flag | MISSING, Field(description="Those who may not sign in, or those who may.")] = MISSING


class UserChange(EchoedChanges):
    """What is to be different about a user (a merge patch, RFC 7396): one or both."""

    model_config = example({"role": "admin"}, {"disabled": True}, minProperties=1)
    read_only: ClassVar[frozenset[str]] = frozenset({"id", "username", "disabled_at", "created_at"})

    id: ReadId = MISSING
    username: ReadText = MISSING
    disabled_at: ReadMomentOrNull = MISSING
    created_at: ReadMoment = MISSING

    role: Annotated[Role | MISSING, Field(description="A new role ends the user's sessions.")] = MISSING
    disabled: Annotated[
        bool | MISSING, Field(description="`true` ends the user's sessions, and stops the keys for as long.")
    ] = MISSING


class IssuedReset(WriteResult):
    """A password reset that was issued. It is shown this once."""

    model_config = example(
        {
            "status": "success",
            "message": "password reset for 'alice' issued; it is not shown again",
            "link": "https://books.example/reset#bp_4f0sHq2m…",
            "token": "bp_4f0sHq2m…",
            "expires_at": "2026-11-23T10:00:00Z",
        }
    )

    link: Annotated[str, Field(description="A page on which the user sets a new password.")]
    token: Annotated[str, Field(description="The same for programs: `POST /auth/password-reset`.")]
    expires_at: datetime
