"""What every schema shares: strictness, kinds of fields, and how a reply is told from a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from annotated_types import GroupedMetadata
from pydantic import MISSING, AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.domain.clean_text import ENDS, clean_line, clean_prose, require_visible
from app.domain.ids import LARGEST_BROUGHT_ID, MAX_ID

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
"""`app.domain.clean_text` says the same, and what no pattern can say: it looks at categories of Unicode."""
WEB_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00-\x1f\x7f-\x9f]+$"
EXACT_FLOAT = 2**53
"""From here on a float no longer tells every integer from the next."""


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


def require_named(name: str) -> str:
    """A name as it was sent, unless it is blank: nobody is called that.

    Raises:
        ValueError: it is blank.
    """
    if not name.strip(ENDS):
        msg = "must not be empty"
        raise ValueError(msg)
    return name


def or_absent(value: Any) -> Any:  # noqa: ANN401  (of any field)
    """In a creation, `null` is as good as leaving the field out."""
    return MISSING if value is None else value


def example(*examples: dict[str, Any], **more: Any) -> ConfigDict:  # noqa: ANN401  (JSON Schema)
    """A configuration that shows these examples in the OpenAPI document, and says more in its schema."""
    return ConfigDict(json_schema_extra={"examples": list(examples), **more})


@dataclass(frozen=True)
class ShortText(GroupedMetadata):
    """A text of one line: trimmed, in NFC, without control characters, and, unless it may be empty, visible."""

    at_most: int
    may_be_empty: bool = False

    def __iter__(self) -> Iterator[object]:
        """What pydantic puts in its place."""
        yield AfterValidator(self._clean)
        yield self

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """JSON Schema has no words for a length after trimming and NFC: what it could say would refuse too much."""
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
    """A text of many lines, in NFC. It may be empty."""

    at_most: int

    def __iter__(self) -> Iterator[object]:
        """What pydantic puts in its place."""
        yield AfterValidator(self._clean)
        yield self

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """As for a line."""
        what = f"At most {self.at_most} characters in NFC; no control characters but tabs and line breaks."
        return {"description": what, **handler(core), "pattern": PROSE}

    def _clean(self, text: str) -> str:
        return clean_prose(text, self.at_most)


def _strict_int(text: object) -> object:
    """In a query: digits, and nothing that pydantic would take besides (`+5`, `1_0`, `1.0`, ` 5`)."""
    if isinstance(text, str) and not re.fullmatch(r"-?[0-9]+", text, re.ASCII):
        msg = "must be an integer"
        raise ValueError(msg)
    return text


StrictInt = BeforeValidator(_strict_int)
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


def _from_json(number: object) -> object:
    """In a body: JSON Schema's integer is any number without a fraction, so 12.0 and 1e2 are integers.

    From 2**53 on a float may stand for another number than the one that was written: such ids need digits.
    """
    if isinstance(number, float) and number.is_integer() and abs(number) < EXACT_FLOAT:
        return int(number)
    return number


Integer = BeforeValidator(_from_json)
"""Goes with an integer in a body."""

RecordId = Annotated[int, Field(ge=1, le=MAX_ID)]
"""The id of a record that is there, or was, or may be."""
GivenId = Annotated[RecordId, Integer]
"""The same in a body."""

BroughtId = Annotated[
    int,
    Field(
        ge=1,
        le=LARGEST_BROUGHT_ID,
        description="The id that the record had elsewhere. Leave it out and the service gives one.",
    ),
    Integer,
]
