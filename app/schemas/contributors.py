"""Schemas of the contributors of a book."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import MISSING, AfterValidator, BeforeValidator, Field, ValidationInfo

from app.domain.clean_text import MOST_DECOMPOSED
from app.domain.relators import AUTHOR
from app.schemas.base import Body, GivenId, RecordId, Reply
from app.schemas.fields import Relator, counted_first

MOST_CONTRIBUTORS = 200
LONGEST_GIVEN_NAME = 255 * MOST_DECOMPOSED
"""In characters. Longer than a stored name, since some clients send NFD."""


def _each_once(contributors: list[ContributorGiven]) -> list[ContributorGiven]:
    if len({(part.author_id, part.role) for part in contributors}) < len(contributors):
        msg = "must not repeat a person in the same role"
        raise ValueError(msg)
    return contributors


def main_author_contributes(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    """If both are given, the main author must be one of the contributors, which are validated first."""
    parts = info.data.get("contributors", MISSING)
    if author_id is not MISSING and parts is not MISSING and author_id not in {part.author_id for part in parts}:
        msg = "must be among the contributors"
        raise ValueError(msg)
    return author_id


def has_author(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    """A book must have a main author or contributors."""
    if author_id is MISSING and info.data.get("contributors") is MISSING:
        msg = "is required, unless there are contributors"
        raise ValueError(msg)
    return author_id


def null_to_author(role: object) -> object:
    """`null` means the same as omitting the role."""
    return AUTHOR if role is None else role


class ContributorGiven(Body):
    """A contribution to a book, as sent by a client."""

    author_id: GivenId
    role: Annotated[
        Relator,
        BeforeValidator(null_to_author, json_schema_input_type=Relator | None),
        Field(description="`aut` if omitted."),
    ] = AUTHOR
    name: Annotated[
        str | None,
        Field(
            description="The person's name. Optional; if given, it must match the author's name.",
            max_length=LONGEST_GIVEN_NAME,
        ),
    ] = None


Contributors = Annotated[
    list[ContributorGiven],
    counted_first(MOST_CONTRIBUTORS),
    AfterValidator(_each_once),
    Field(
        min_length=1,
        max_length=MOST_CONTRIBUTORS,
        description="In order, including the main author; roles are MARC relator codes.",
    ),
]


class ContributorReply(Reply):
    """A contribution to a book."""

    author_id: RecordId
    name: str
    role: Relator
