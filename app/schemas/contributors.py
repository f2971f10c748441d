"""Who had a part in a book, on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import MISSING, AfterValidator, BeforeValidator, Field, ValidationInfo

from app.domain.clean_text import MOST_DECOMPOSED
from app.domain.relators import AUTHOR
from app.schemas.base import Body, GivenId, RecordId, Reply
from app.schemas.fields import Relator

MOST_CONTRIBUTORS = 200
LONGEST_GIVEN_NAME = 255 * MOST_DECOMPOSED
"""Characters, as some clients write in NFD."""


def _each_once(contributors: list[ContributorGiven]) -> list[ContributorGiven]:
    if len({(part.author_id, part.role) for part in contributors}) < len(contributors):
        msg = "names somebody twice in one role"
        raise ValueError(msg)
    return contributors


def main_author_contributes(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    """The main author is one of the contributors, where both are given; those are looked at first."""
    parts = info.data.get("contributors", MISSING)
    if author_id is not MISSING and parts is not MISSING and author_id not in {part.author_id for part in parts}:
        msg = "must be among the contributors"
        raise ValueError(msg)
    return author_id


def has_author(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    """A book is by somebody: it has a main author, or contributors."""
    if author_id is MISSING and info.data.get("contributors") is MISSING:
        msg = "is required, unless there are contributors"
        raise ValueError(msg)
    return author_id


def or_author(role: object) -> object:
    """`null` is as good as leaving the role out."""
    return AUTHOR if role is None else role


class ContributorGiven(Body):
    """A person's part in a book, as a client gives it."""

    author_id: GivenId
    role: Annotated[
        Relator,
        BeforeValidator(or_author, json_schema_input_type=Relator | None),
        Field(description="`aut` where it is left out."),
    ] = AUTHOR
    name: Annotated[
        str | None,
        Field(
            description="The person's name; it need not be given, and if it is, it has to be right.",
            max_length=LONGEST_GIVEN_NAME,
        ),
    ] = None


Contributors = Annotated[
    list[ContributorGiven],
    AfterValidator(_each_once),
    Field(
        min_length=1,
        max_length=MOST_CONTRIBUTORS,
        description="In order, the main author among them; roles are MARC relator codes.",
    ),
]


class ContributorReply(Reply):
    """A person's part in a book."""

    author_id: RecordId
    name: str
    role: Relator
