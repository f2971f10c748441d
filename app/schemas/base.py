"""What every schema shares: strictness, kinds of fields, and how a reply is told from a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from annotated_types import GroupedMetadata
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from app.bounds import LARGEST_BROUGHT_ID, MAX_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

NO_NUL = r"^[^\x00]*$"
NOT_BLANK = r"^[^\x00]*[^\s\x00-\x1f\x7f][^\x00]*$"
WEB_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00]+$"


class Body(BaseModel):
    """A request's body: types as they are, and no field that is not named here."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Changes(Body):
    """A body with the fields that are to change, one or more."""

    of_answers: ClassVar[frozenset[str]] = frozenset()
    """The fields that an answer has besides those of the record."""

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set - self.of_answers:
            msg = "must have at least one field"
            raise ValueError(msg)
        return self


class Query(BaseModel):
    """A request's query: text that is read as what it says, and no parameter that is not named here."""

    repeatable: ClassVar[frozenset[str]] = frozenset()
    """The parameters that may be given several times."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Reply(BaseModel):
    """What the service answers. The document leaves it open: a client has to pass over fields that come later."""

    model_config = ConfigDict(frozen=True)


class WriteResult(Reply):
    """A write that succeeded."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "success", "message": "book 'Emma' deleted"}]})

    status: Annotated[Literal["success"], Field(description="In the reply to a write.")]
    message: Annotated[str, Field(description="In the reply to a write: what was done, in a sentence for people.")]


def shown(*examples: dict[str, Any], **more: Any) -> ConfigDict:  # noqa: ANN401  (JSON Schema)
    """A configuration that shows these examples in the OpenAPI document, and says more in its schema."""
    return ConfigDict(json_schema_extra={"examples": list(examples), **more})


@dataclass(frozen=True)
class Line(GroupedMetadata):
    """A text that says something: trimmed, not empty, at most so many characters, no NUL."""

    at_most: int

    def __iter__(self) -> Iterator[object]:
        """What pydantic puts in its place."""
        yield StringConstraints(strip_whitespace=True, min_length=1, max_length=self.at_most, pattern=NOT_BLANK)
        yield self

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """JSON Schema has no words for a length without the spaces around: what it could say would refuse too much."""
        schema = handler(core)
        for part in (schema, *schema.get("anyOf", [])):
            part.pop("maxLength", None)
        return {"description": f"At most {self.at_most} characters, without the spaces around them.", **schema}


def _whole(text: object) -> object:
    """In a query: digits, and nothing that pydantic would take besides (`+5`, `1_0`, `1.0`, ` 5`)."""
    if isinstance(text, str) and not re.fullmatch(r"-?[0-9]+", text, re.ASCII):
        msg = "must be an integer"
        raise ValueError(msg)
    return text


Whole = BeforeValidator(_whole)
"""Goes with an integer in a query."""


def _flag(text: object) -> bool:
    """In a query: `true` or `false`, and nothing that pydantic would take besides (`1`, `on`, `yes`)."""
    if text not in FLAGS:
        msg = "must be 'true' or 'false'"
        raise ValueError(msg)
    return FLAGS[text]


FLAGS: dict[object, bool] = {"true": True, "false": False}
Flag = Annotated[bool, BeforeValidator(_flag)]
"""A boolean in a query."""

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
