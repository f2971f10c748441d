"""Schemas of registration and passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from pydantic import (
    MISSING,
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)

from app.domain.clean_text import require_legible
from app.schemas.base import NO_NUL, OptionalFlag, RecordId, ShortText, SmallBody, WriteResult, example, null_to_missing
from app.security.passwords import LONGEST, fault_of_password

if TYPE_CHECKING:
    from app.settings import Settings

ALICE = {"username": "alice", "password": "correct horse battery"}


def _good_enough(password: str, info: ValidationInfo) -> str:
    """Reject a weak password. The validation context is the settings; an invalid username is not passed on."""
    if fault := fault_of_password(password, info.data.get("username"), cast("Settings", info.context)):
        raise ValueError(fault)
    return password


NewPassword = Annotated[
    str,
    AfterValidator(_good_enough),
    Field(
        description=f"8 (or `PASSWORD_MIN_LENGTH`) to {LONGEST} characters of any script; not one of the most common "
        "passwords, and not the username.",
        json_schema_extra={"maxLength": LONGEST},
    ),
]


InvitationToken = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NO_NUL)]
Invited = Annotated[
    InvitationToken | MISSING,
    BeforeValidator(null_to_missing, json_schema_input_type=InvitationToken | None),
    Field(
        description="For a new user: the token of an invitation, which is used up. Required where `REGISTRATION` is "
        "`invite`."
    ),
]
NewUsername = Annotated[
    str,
    ShortText(64),
    AfterValidator(require_legible),
    Field(
        description="At most 64 characters, without control characters, invisible characters and marks of "
        "direction; surrounding spaces are removed."
    ),
]


def checked_username(username: str) -> str:
    """A name that the service was given for a new user, by the same rules as in a registration.

    Raises:
        ValueError: it breaks one.
    """
    try:
        return str(TypeAdapter(NewUsername).validate_python(username, strict=True))
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


class Registration(SmallBody):
    """A new user."""

    model_config = example(ALICE, ALICE | {"invitation": "bi_4f0sHq2m…"})

    username: NewUsername
    password: NewPassword
    invitation: Invited = MISSING


class Registered(WriteResult):
    """A newly registered user."""

    model_config = example({"id": 1, "username": "alice", "status": "success", "message": "user 'alice' registered"})

    id: RecordId
    username: str


RevokeKeys = Annotated[
    OptionalFlag,
    Field(description="Whether to revoke all API keys of the user, too: a stolen session may have created some."),
]
Password = Annotated[str, StringConstraints(min_length=1)]


class PasswordChange(SmallBody):
    """A change of one's own password."""

    model_config = example({"current_password": "correct horse battery", "new_password": "a staple of many readers"})

    current_password: Annotated[str, StringConstraints(min_length=1)]
    new_password: NewPassword
    revoke_keys: RevokeKeys = False


class AccountDeletion(SmallBody):
    """The confirmation that a user wants to delete the own account."""

    model_config = example({"current_password": "correct horse battery"}, {})

    current_password: Annotated[
        Password | MISSING,
        BeforeValidator(null_to_missing, json_schema_input_type=Password | None),
        Field(description="Required of users who have a password."),
    ] = MISSING


class PasswordReset(SmallBody):
    """A new password for a user who lost the old one."""

    model_config = example({"token": "bp_4f0sHq2m…", "new_password": "a staple of many readers"})

    token: Annotated[
        str,
        StringConstraints(min_length=1, max_length=500, pattern=NO_NUL),
        Field(description="The reset token issued by an admin."),
    ]
    new_password: NewPassword
