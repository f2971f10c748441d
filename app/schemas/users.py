"""Schemas of user administration."""

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
    "second_factor_since": None,
    "created_at": "2026-11-22T10:00:00Z",
}


class UserReply(Reply):
    """A user."""

    model_config = example(ALICE_REPLY)

    id: RecordId
    username: str
    role: Role
    disabled_at: Annotated[
        datetime | None, Field(description="Since when the user is disabled; `null` if the user may log in.")
    ]
    second_factor_since: Annotated[
        datetime | None, Field(description="Since when the user has a second factor; `null` if there is none.")
    ]
    created_at: datetime


class UserDone(UserReply, WriteResult):
    """The user after a successful change."""

    model_config = example({**ALICE_REPLY, "status": "success", "message": "user 'alice' updated"})


class UserFilters(PageQuery):
    """Filters and page size of the list of users. All given filters must match."""

    username: Annotated[
        Annotated[str, StringConstraints(max_length=200, pattern=NOT_BLANK)] | MISSING,
        Field(description="The user with this name, ignoring case."),
    ] = MISSING
    role: Annotated[Role | MISSING, Field(description="Only users with this role.")] = MISSING
    disabled: Annotated[
        Flag | MISSING, Field(description="`true`: only disabled users; `false`: only enabled ones.")
    ] = MISSING


class UserChange(EchoedChanges):
    """Changes to a user (a merge patch, RFC 7396): `role`, `disabled`, or both."""

    model_config = example({"role": "admin"}, {"disabled": True}, minProperties=1)
    read_only: ClassVar[frozenset[str]] = frozenset(
        {"id", "username", "disabled_at", "second_factor_since", "created_at"}
    )

    id: ReadId = MISSING
    username: ReadText = MISSING
    disabled_at: ReadMomentOrNull = MISSING
    second_factor_since: ReadMomentOrNull = MISSING
    created_at: ReadMoment = MISSING

    role: Annotated[Role | MISSING, Field(description="A new role ends the user's sessions.")] = MISSING
    disabled: Annotated[
        bool | MISSING,
        Field(description="`true` ends the user's sessions, and suspends the user's keys while it lasts."),
    ] = MISSING


class IssuedReset(WriteResult):
    """A newly issued password reset. It is shown only once."""

    model_config = example(
        {
            "status": "success",
            "message": "password reset for 'alice' issued; it is not shown again",
            "link": "https://books.example/reset#bp_4f0sHq2m…",
            "token": "bp_4f0sHq2m…",
            "expires_at": "2026-11-23T10:00:00Z",
        }
    )

    link: Annotated[
        str,
        Field(
            description="A page on which the user sets a new password. It begins with `/` where the service does not "
            "know its own address: operators set `PUBLIC_URL`."
        ),
    ]
    token: Annotated[str, Field(description="The token in the link, for `POST /auth/password-reset`.")]
    expires_at: datetime
