"""Registration and passwords on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from app.schemas.base import NO_NUL, Body, RecordId, ShortText, WriteResult, example
from app.security.passwords import fault_of_password

if TYPE_CHECKING:
    from app.settings import Settings

ALICE = {"username": "alice", "password": "correct horse battery"}


def _good_enough(password: str, info: ValidationInfo) -> str:
    """The context of a validation is the service's settings; a name that is not good itself is not known here."""
    if fault := fault_of_password(password, info.data.get("username"), cast("Settings", info.context)):
        raise ValueError(fault)
    return password


NewPassword = Annotated[
    str,
    AfterValidator(_good_enough),
    Field(
        description="8 bytes (or what `PASSWORD_MIN_LENGTH` says) to 72 bytes, as bcrypt reads no more; not among "
        "the most common ones, and not the user's name."
    ),
]


class Registration(Body):
    """A new user."""

    model_config = example(ALICE)

    username: Annotated[
        str,
        ShortText(64),
        Field(description="At most 64 characters, none of them a control character; spaces around it are taken off."),
    ]
    password: NewPassword


class Registered(WriteResult):
    """A user who was registered."""

    model_config = example({"id": 1, "username": "alice", "status": "success", "message": "user 'alice' registered"})

    id: RecordId
    username: str


class PasswordChange(Body):
    """One's own new password."""

    model_config = example({"current_password": "correct horse battery", "new_password": "a staple of many readers"})

    current_password: Annotated[str, StringConstraints(min_length=1)]
    new_password: NewPassword


class PasswordReset(Body):
    """A new password for whoever lost the old one."""

    model_config = example({"token": "bp_4f0sHq2m…", "new_password": "a staple of many readers"})

    token: Annotated[
        str,
        StringConstraints(min_length=1, max_length=500, pattern=NO_NUL),
        Field(description="What an admin gave out."),
    ]
    new_password: NewPassword
