"""Identifiers of records in other catalogues, and links of books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from typing_extensions import TypeAliasType

from app.domain.identifiers import OF_BOOKS, OF_PEOPLE
from app.schemas.base import Body, Reply
from app.schemas.fields import Text255, WebAddress, counted_first, null_to_empty_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_IDENTIFIERS = 50
MOST_LINKS = 20
LONGEST_RELATION = 255
RELATION = r"^([a-z][a-z0-9.-]*|[Hh][Tt][Tt][Pp][Ss]?://[!-~]+)$"
MEDIA_TYPE = r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$"
"""RFC 8288, section 3.3, and RFC 6838, section 4.2; without parameters."""


def _one_of(kinds: Mapping[str, object]) -> AfterValidator:
    def require_known(kind: str) -> str:
        if kind not in kinds:
            msg = f"must be one of {', '.join(kinds)}"
            raise ValueError(msg)
        return kind

    return AfterValidator(require_known)


def _of_its_type(rules: Mapping[str, Callable[[str], str]]) -> AfterValidator:
    """A validator: a value in the spelling of its type, which is validated first."""

    def normalize(value: str, info: ValidationInfo) -> str:
        kind = info.data.get("type")
        return rules[kind](value) if kind else value

    return AfterValidator(normalize)


def _each_once(entries: list[Any]) -> list[Any]:
    return [entry for place, entry in enumerate(entries) if entry not in entries[:place]]


IdentifierType = TypeAliasType(
    "IdentifierType",
    Annotated[
        str,
        _one_of(OF_BOOKS),
        Field(
            description="`isbn`: a further ISBN; `oclc`: WorldCat; `olid`: Open Library; `asin`: Amazon.",
            json_schema_extra={"enum": list(OF_BOOKS)},
        ),
    ],
)

PersonIdentifierType = TypeAliasType(
    "PersonIdentifierType", Annotated[str, _one_of(OF_PEOPLE), Field(json_schema_extra={"enum": list(OF_PEOPLE)})]
)


class IdentifierGiven(Body):
    """An identifier of a book, as sent by a client."""

    type: IdentifierType
    value: Annotated[
        Text255, _of_its_type(OF_BOOKS), Field(description="Stored in one spelling; check digits are verified.")
    ]


class PersonIdentifierGiven(Body):
    """An identifier of a person, as sent by a client."""

    type: PersonIdentifierType
    value: Annotated[Text255, _of_its_type(OF_PEOPLE)]


class IdentifierReply(Reply):
    """An identifier in another catalogue."""

    type: str
    value: str


class LinkGiven(Body):
    """A link of a book, as sent by a client."""

    rel: Annotated[
        str,
        Field(
            max_length=LONGEST_RELATION,
            pattern=RELATION,
            description="What is there: `read`, `borrow`, `buy` or `sample` the book, `about` it, or another relation "
            "(RFC 8288).",
        ),
    ]
    href: WebAddress
    type: Annotated[str | None, Field(pattern=MEDIA_TYPE, description="The media type.")] = None
    title: Text255 | None = None


class LinkReply(Reply):
    """Where a book can be read, borrowed, bought or sampled, or a page about it."""

    rel: str
    href: str
    type: str | None
    title: str | None


SOME_IDENTIFIERS = Field(max_length=MOST_IDENTIFIERS, description="In order; repeats are dropped.")
Identifiers = Annotated[
    list[IdentifierGiven], counted_first(MOST_IDENTIFIERS), AfterValidator(_each_once), SOME_IDENTIFIERS
]
PersonIdentifiers = Annotated[
    list[PersonIdentifierGiven], counted_first(MOST_IDENTIFIERS), AfterValidator(_each_once), SOME_IDENTIFIERS
]
Links = Annotated[list[LinkGiven], counted_first(MOST_LINKS), AfterValidator(_each_once), Field(max_length=MOST_LINKS)]
GivenIdentifiers = Annotated[
    Identifiers, BeforeValidator(null_to_empty_list, json_schema_input_type=Identifiers | None)
]
GivenPersonIdentifiers = Annotated[
    PersonIdentifiers, BeforeValidator(null_to_empty_list, json_schema_input_type=PersonIdentifiers | None)
]
GivenLinks = Annotated[Links, BeforeValidator(null_to_empty_list, json_schema_input_type=Links | None)]


def require_identifier(text: str) -> str:
    """A type and a value in a query, such as `oclc:297`, in the spelling that is stored.

    Raises:
        ValueError: the type is unknown, or the value is none of it; the message says so in plain words.
    """
    kind, _, value = text.partition(":")
    if kind not in OF_BOOKS or not value.strip():
        msg = f"must be a type and a value, such as oclc:297; the types are {', '.join(OF_BOOKS)}"
        raise ValueError(msg)
    return f"{kind}:{OF_BOOKS[kind](value.strip())}"
