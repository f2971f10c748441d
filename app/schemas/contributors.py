"""Schemas of the contributors of a book."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import MISSING, AfterValidator, BeforeValidator, Field, ValidationInfo

from app.domain.clean_text import MOST_DECOMPOSED
from app.domain.relator_codes import AUTHOR
from app.schemas.base import Body, GivenId, RecordId, Reply, null_to_missing
from app.schemas.fields import Relator, counted_first

MOST_CONTRIBUTORS = 200
NOT_AMONG_CONTRIBUTORS = "must be among the contributors"
REPEATED = "must not repeat a person in the same role"
LONGEST_GIVEN_NAME = 255 * MOST_DECOMPOSED
"""In characters. Longer than a stored name, since some clients send NFD."""


def _each_once(contributors: list[ContributorGiven]) -> list[ContributorGiven]:
    """Reject a repeated id. Who is named is known only when the name has been looked up."""
    identified = [(part.author_id, part.role) for part in contributors if part.author_id is not MISSING]
    if len(set(identified)) < len(identified):
        raise ValueError(REPEATED)
    return contributors


def main_author_contributes(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    """If both are given, the main author must be one of the contributors, which are validated first.

    Those who are named may be anyone: see `People.contribute`.
    """
    parts = info.data.get("contributors", MISSING)
    if (
        author_id is not MISSING
        and parts is not MISSING
        and {part.author_id for part in parts}.isdisjoint({author_id, MISSING})
    ):
        raise ValueError(NOT_AMONG_CONTRIBUTORS)
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


def _is_someone(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    if author_id is MISSING and info.data.get("name", "") is None:
        msg = "is required, unless there is a name"
        raise ValueError(msg)
    return author_id


class ContributorGiven(Body):
    """A contribution to a book, as sent by a client."""

    name: Annotated[
        str | None,
        Field(
            description="With an id: the author's. Without: that of an author, or an alias, in either order, or of a "
            "new author; a name of several is a 400.",
            max_length=LONGEST_GIVEN_NAME,
        ),
    ] = None
    author_id: Annotated[
        GivenId | MISSING,
        AfterValidator(_is_someone),
        BeforeValidator(null_to_missing, json_schema_input_type=GivenId | None),
    ] = Field(MISSING, validate_default=True)
    role: Annotated[
        Relator,
        BeforeValidator(null_to_author, json_schema_input_type=Relator | None),
        Field(description="`aut` if omitted."),
    ] = AUTHOR


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


def names_people(contributors: Contributors | MISSING) -> bool:
    """Whether contributors are named without an id, so that authors may be created."""
    return contributors is not MISSING and any(part.author_id is MISSING for part in contributors)
