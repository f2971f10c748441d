"""Users and their tokens on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast
from unicodedata import category

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from app.passwords import fault_of_password
from app.schemas.base import Body, Done, RecordId, Reply, shown

if TYPE_CHECKING:
    from app.settings import Settings

NAME = r"^[\s\x85]*[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?[\s\x85]*$"
ALICE = {"username": "alice", "password": "correct horse battery"}


def _trimmed(username: str) -> str:
    """The name without the spaces around it: `NAME` says the same in the document, which cannot say why not."""
    username = username.strip()
    if not username:
        msg = "must not be empty"
        raise ValueError(msg)
    if not username.isprintable() and any(category(letter) == "Cc" for letter in username):
        msg = "must not contain control characters"
        raise ValueError(msg)
    return username


def _good_enough(password: str, info: ValidationInfo) -> str:
    """The context of a validation is the service's settings; a name that is not good itself is not known here."""
    if fault := fault_of_password(password, info.data.get("username"), cast("Settings", info.context)):
        raise ValueError(fault)
    return password


class Registration(Body):
    """A new user."""

    model_config = shown(ALICE)

    username: Annotated[
        str,
        StringConstraints(max_length=64),
        AfterValidator(_trimmed),
        Field(
            description="At most 64 characters, none of them a control character; spaces around it are taken off.",
            json_schema_extra={"minLength": 1, "pattern": NAME},
        ),
    ]
    password: Annotated[
        str,
        AfterValidator(_good_enough),
        Field(
            description="8 bytes (or what `PASSWORD_MIN_LENGTH` says) to 72 bytes, as bcrypt reads no more; not among "
            "the most common ones, and not the username."
        ),
    ]


class Credentials(Body):
    """Who signs in."""

    model_config = shown(ALICE)

    username: str
    password: str


class UserReply(Reply):
    """A user as others see it."""

    model_config = shown({"id": 1, "username": "alice"})

    id: RecordId
    username: str


class UserDone(UserReply, Done):
    """A user who was registered."""

    model_config = shown({"id": 1, "username": "alice", "status": "success", "message": "user 'alice' registered"})


class Token(Reply):
    """Send it in every request that needs one: `Authorization: Bearer <access_token>`."""

    model_config = shown({"access_token": "eyJhbGciOi…", "token_type": "Bearer", "expires_in": 900})

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds until it expires.")]
