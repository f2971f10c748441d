"""Schema of the welcome page."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from app import __version__
from app.schemas.base import Reply, example

RegistrationMode = TypeAliasType(
    "RegistrationMode",
    Annotated[
        Literal["open", "invite", "closed"],
        Field(description="Who may register: everyone, people with an invitation, or no one."),
    ],
)
ReadingMode = TypeAliasType(
    "ReadingMode",
    Annotated[
        Literal["everyone", "members"],
        Field(description="Who may read the catalogue: everyone, or users and their keys."),
    ],
)
WritingMode = TypeAliasType(
    "WritingMode",
    Annotated[
        Literal["members", "admins", "closed"],
        Field(
            description="Who may change the catalogue at present: users as far as their rights go, admins, or no one."
        ),
    ],
)


class Welcome(Reply):
    """The name and version of the service, and links to its parts."""

    model_config = example(
        {
            "message": "Welcome to the Books API",
            "version": __version__,
            "registration": "open",
            "reading": "everyone",
            "writing": "members",
            "links": {"books": "/books", "docs": "/docs", "openapi": "/openapi.json", "errors": "/docs/errors"},
        }
    )

    message: Annotated[str, Field(examples=["Welcome to the Books API"])]
    version: Annotated[str, Field(description="The version of the service.")]
    registration: RegistrationMode
    reading: ReadingMode
    writing: WritingMode
    links: Annotated[dict[str, str], Field(description="URLs by what they lead to.")]
