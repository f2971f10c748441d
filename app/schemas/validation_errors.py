"""Pydantic's validation errors in plain words, without the values that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.names import pluralize
from app.errors import BooksError, Fault, InvalidRequest, MalformedJson
from app.schemas.base import NO_NUL, NOT_BLANK, WEB_ADDRESS
from app.schemas.identifiers import MEDIA_TYPE, RELATION
from app.schemas.identities import VERIFIER

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

MOST_FAULTS = 100
LONGEST_NAME = 100

WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_parsing_size": "must be an integer of at most 64 bits",
    "int_from_float": "must be an integer",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length} entries",
    "dict_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "value_error": "{error}",
    "literal_error": "must be {expected}",
}
PATTERNS = {
    NO_NUL: "must not contain a NUL",
    NOT_BLANK: "must not contain a NUL",
    VERIFIER: "must be 43 to 128 letters, digits and characters of -._~ (RFC 7636)",
    WEB_ADDRESS: "must be an http or https address",
    RELATION: "must be a relation such as read, borrow, buy, sample or about, or an http or https address",
    MEDIA_TYPE: "must be a media type such as application/epub+zip",
}


def rejected_body(error: ValidationError, at_most: int = MOST_FAULTS) -> BooksError:
    """The error to raise for a body that does not match its schema, with so many of its faults."""
    if not at_most:  # to list them costs more than to find them
        return InvalidRequest(f"Invalid request body: {pluralize(error.error_count(), 'fault')}")
    details = error.errors(include_url=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return MalformedJson()
    faults = tuple(Fault(_pointer(detail["loc"]), words(detail)) for detail in details[:at_most])
    return InvalidRequest(_summary("Invalid request body", faults, len(details)), faults)


def faults_of_query(error: ValidationError) -> list[Fault]:
    """The faults of a query that does not match its schema."""
    return [
        Fault(str(detail["loc"][0])[:LONGEST_NAME], words(detail, "parameter"), "parameter")
        for detail in error.errors(include_url=False, include_input=False)
    ]


def invalid_query(*faults: Fault) -> InvalidRequest:
    """The error for faults in a query."""
    return InvalidRequest(_summary("Invalid query", faults[:MOST_FAULTS], len(faults)), faults[:MOST_FAULTS])


def invalid_body(*faults: Fault) -> InvalidRequest:
    """The error for faults in a body that a schema cannot detect."""
    return InvalidRequest(_summary("Invalid request body", faults[:MOST_FAULTS], len(faults)), faults[:MOST_FAULTS])


def words(detail: ErrorDetails, thing: str = "field") -> str:
    """The description of one fault, for people."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    if kind == "string_too_short" and context["min_length"] > 1:
        return f"must have at least {context['min_length']} characters"
    wording = WORDS.get(kind, detail["msg"])
    return wording.format(**context).replace("a known field", f"a known {thing}")


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901, section 3)."""
    return "".join("/" + str(part)[:LONGEST_NAME].replace("~", "~0").replace("/", "~1") for part in location)


def _summary(what: str, faults: tuple[Fault, ...], number: int) -> str:
    more = f"; and {number - len(faults)} more" if number > len(faults) else ""
    return f"{what}: {'; '.join(map(str, faults))}{more}"
