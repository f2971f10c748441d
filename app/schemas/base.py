"""What every schema shares: strictness, kinds of fields, and how a reply is told from a request."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_ID = 2**63 - 1
"""The largest number that the column of an id holds."""
LARGEST_BROUGHT_ID = 10**15
"""A client may bring an id up to this: those that follow stay within what all readers of JSON agree on, 2**53
(RFC 8259, section 6)."""

NO_NUL = r"^[^\x00]*$"
NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]+$"


class Body(BaseModel):
    """A request's body: types as they are, and no field that is not named here."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Query(BaseModel):
    """A request's query: text that is read as what it says, and no parameter that is not named here."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Reply(BaseModel):
    """What the service answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Done(Reply):
    """A write that went well."""

    status: Annotated[str, Field(pattern="^success$", examples=["success"])]
    message: Annotated[str, Field(description="The same for persons.", examples=["book 'Emma' created"])]


def shown(*examples: dict[str, Any], **more: Any) -> ConfigDict:  # noqa: ANN401  (JSON Schema)
    """A configuration that shows these examples in the OpenAPI document, and says more in its schema."""
    return ConfigDict(json_schema_extra={"examples": list(examples), **more})


def line(at_most: int) -> StringConstraints:
    """A text that says something: trimmed, not empty, at most so many characters, no NUL."""
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=at_most, pattern=NOT_BLANK)


RecordId = Annotated[int, Field(ge=1, le=MAX_ID)]
"""The id of a record that is there, or was, or may be."""

BroughtId = Annotated[
    int,
    Field(
        ge=1,
        le=LARGEST_BROUGHT_ID,
        description="The id that the record had elsewhere. Leave it out and the service gives one.",
    ),
]
