"""Base classes and field types shared by all schemas."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from annotated_types import GroupedMetadata
from pydantic import MISSING, AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from typing_extensions import TypeAliasType

from app.domain.clean_text import ENDS, clean_line, clean_prose, require_visible
from app.domain.ids import MAX_CLIENT_SUPPLIED_ID, MAX_ID, MAX_ID_OF_MEMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

NO_NUL = r"^[^\x00]*$"
NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e"
_ENDS = r"[\s\x85\u200b\u2060\ufeff]*"
LINE = rf"^{_ENDS}([^\s{_CONTROLS}]([^{_CONTROLS}]*[^\s{_CONTROLS}])?)?{_ENDS}$"
VISIBLE_LINE = rf"^{_ENDS}[^\s{_CONTROLS}]([^{_CONTROLS}]*[^\s{_CONTROLS}])?{_ENDS}$"
PROSE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e]*$"
"""`app.domain.clean_text` enforces the same, and also checks Unicode categories, which a pattern cannot express."""
WEB_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00-\x1f\x7f-\x9f]+$"
EXACT_FLOAT = 2**53
"""From here on a float cannot represent every integer."""


class Body(BaseModel):
    """A request body. Types are not coerced; unknown fields are rejected."""

    may_be_absent: ClassVar[bool] = False
    """A request without a body then means the defaults."""
    at_most: ClassVar[int] = sys.maxsize
    """The most bytes, if `MAX_BODY_SIZE` allows as many."""
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class SmallBody(Body):
    """A body of a few short values. Anyone may send it, so that parsing it must cost next to nothing."""

    at_most: ClassVar[int] = 16 * 1024


class Changes(Body):
    """A body with the fields to change, at least one."""

    of_answers: ClassVar[frozenset[str]] = frozenset()
    """The fields that a response has in addition to those of the record."""

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set - self.of_answers:
            msg = "must have at least one field"
            raise ValueError(msg)
        return self


class Query(BaseModel):
    """Query parameters, parsed from text. Unknown ones are rejected."""

    repeatable: ClassVar[frozenset[str]] = frozenset()
    """The parameters that may be repeated."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def add_names_of_constants(schema: dict[str, Any]) -> None:
    """Name the constants of an enum for generated clients, where the values are no names in programs: `csl-json`."""
    schema["x-enum-varnames"] = [value.upper().replace("-", "_") for value in schema["enum"]]


class Reply(BaseModel):
    """A response body. Its schema allows unknown fields: clients have to ignore fields that later versions add."""

    model_config = ConfigDict(frozen=True)


WriteStatus = TypeAliasType(
    "WriteStatus", Annotated[Literal["success"], Field(description="Only in the response to a write.")]
)
WriteMessage = TypeAliasType(
    "WriteMessage", Annotated[str, Field(description="Only in the response to a write: what was done.")]
)


class WriteResult(Reply):
    """The result of a successful write."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "success", "message": "book 'Emma' deleted"}]})

    status: WriteStatus
    message: WriteMessage


def require_named(name: str) -> str:
    """The name unchanged. A blank one is rejected here, since no user can have it.

    Raises:
        ValueError: it is blank.
    """
    if not name.strip(ENDS):
        msg = "must not be empty"
        raise ValueError(msg)
    return name


def null_to_missing(value: Any) -> Any:  # noqa: ANN401  (of any field)
    """When a record is created, `null` means the same as omitting the field."""
    return MISSING if value is None else value


def _null_to_false(value: Any) -> Any:  # noqa: ANN401  (of a flag)
    return False if value is None else value


OptionalFlag = Annotated[bool, BeforeValidator(_null_to_false, json_schema_input_type=bool | None)]
"""A boolean in a body, which is false if it is omitted or `null`."""


def example(*examples: dict[str, Any], **more: Any) -> ConfigDict:  # noqa: ANN401  (JSON Schema)
    """A model configuration with examples, and further keywords, for the schema in the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": list(examples), **more})


@dataclass(frozen=True)
class ShortText(GroupedMetadata):
    """Single-line text: trimmed, in NFC, without control characters, and, unless it may be empty, visible."""

    at_most: int
    may_be_empty: bool = False

    def __iter__(self) -> Iterator[object]:
        """The metadata that pydantic substitutes for this."""
        yield AfterValidator(self._clean)
        yield self

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """State no `maxLength`: JSON Schema counts before trimming and NFC, so it would reject valid text."""
        return {
            "description": f"At most {self.at_most} characters, trimmed and in NFC; no control characters.",
            **handler(core),
            "pattern": LINE if self.may_be_empty else VISIBLE_LINE,
            **({} if self.may_be_empty else {"minLength": 1}),
        }

    def _clean(self, text: str) -> str:
        line = clean_line(text, self.at_most)
        return line if self.may_be_empty else require_visible(line)


@dataclass(frozen=True)
class Prose(GroupedMetadata):
    """Multi-line text, in NFC. It may be empty."""

    at_most: int

    def __iter__(self) -> Iterator[object]:
        """The metadata that pydantic substitutes for this."""
        yield AfterValidator(self._clean)
        yield self

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """State no `maxLength`, for the same reason as `ShortText`."""
        what = f"At most {self.at_most} characters in NFC; no control characters except tabs and line breaks."
        return {"description": what, **handler(core), "pattern": PROSE}

    def _clean(self, text: str) -> str:
        return clean_prose(text, self.at_most)


def _strict_int(text: object) -> object:
    """In a query: digits only. Pydantic would also accept `+5`, `1_0`, `1.0` and ` 5`."""
    if isinstance(text, str) and not re.fullmatch(r"-?[0-9]+", text, re.ASCII):
        msg = "must be an integer"
        raise ValueError(msg)
    return text


StrictInt = BeforeValidator(_strict_int)
"""Add to an integer in a query."""


def _flag(text: object) -> bool:
    """In a query: `true` or `false`. Pydantic would also accept `1`, `on` and `yes`."""
    if text not in FLAGS:
        msg = "must be 'true' or 'false'"
        raise ValueError(msg)
    return FLAGS[text]


FLAGS: dict[object, bool] = {"true": True, "false": False}
Flag = Annotated[bool, BeforeValidator(_flag)]
"""A boolean in a query."""


def _from_json(number: object) -> object:
    """In a body: JSON Schema's integer is any number without a fraction, so 12.0 and 1e2 are integers.

    From 2**53 on a float may differ from the number that was written, so larger ids must be written as digits.
    """
    if isinstance(number, float) and number.is_integer() and abs(number) < EXACT_FLOAT:
        return int(number)
    return number


Integer = BeforeValidator(_from_json)
"""Add to an integer in a body."""

RecordId = Annotated[int, Field(ge=1, le=MAX_ID)]
"""The id of a record, whether or not the record exists."""
GivenId = Annotated[RecordId, Integer]
"""A `RecordId` in a body."""
IdParameter = Annotated[RecordId, StrictInt]
"""The id of a record in a query."""

ClientSuppliedId = Annotated[
    int,
    Field(
        ge=1,
        le=MAX_CLIENT_SUPPLIED_ID,
        description=f"The id that the record had in another system, of at most {MAX_ID_OF_MEMBER} unless an admin adds "
        "the record. If omitted, the service assigns one.",
    ),
    Integer,
]
