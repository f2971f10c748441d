"""Read-only fields: PUT and PATCH accept them if they equal the values of the record."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import MISSING, Field

from app.schemas.base import Changes, GivenId, Integer, RecordId
from app.schemas.times import Moment

AS_READ = Field(description="Read-only: accepted unchanged, otherwise a 400.")

ReadId = Annotated[GivenId | MISSING, AS_READ]
ReadUserId = Annotated[GivenId | MISSING | None, AS_READ]
ReadText = Annotated[str | MISSING, AS_READ]
ReadTextOrNull = Annotated[str | MISSING | None, AS_READ]
ReadFlag = Annotated[bool | MISSING, AS_READ]
ReadMoment = Annotated[Moment | MISSING, AS_READ]
ReadMomentOrNull = Annotated[Moment | MISSING | None, AS_READ]
ReadVersion = Annotated[
    Annotated[int, Field(ge=1), Integer] | MISSING,
    Field(description="Read-only. The version to change; another one is a 412."),
]
LastEditor = Annotated[
    RecordId | None,
    Field(
        description="The user who last changed the record, or added it, also if deleted since; `null` if unknown. "
        "Renaming an author does not change it in the books."
    ),
]


class EchoedChanges(Changes):
    """Changes that accept the response to a read or a write, edited and sent back.

    The fields are not marked `readOnly` in the OpenAPI document: generators omit such properties from requests, and a
    client could no longer send back the object that it has.
    """

    read_only: ClassVar[frozenset[str]] = frozenset()
    """The fields that must equal those of the record."""
    of_answers: ClassVar[frozenset[str]] = frozenset({"status", "message"})

    status: Annotated[Literal["success"] | MISSING, Field(description="Part of a response to a write; ignored.")] = (
        MISSING
    )
    message: Annotated[str | MISSING, Field(description="Part of a response to a write; ignored.")] = MISSING

    def changed(self, but: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The given fields that are to change, except those in `but`."""
        return self.model_dump(exclude_unset=True, exclude={*self.read_only, *self.of_answers, *but})


class RecordChanges(EchoedChanges):
    """Changes to a book or an author."""

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "created_at", "updated_at", "updated_by", "version"})

    id: ReadId = MISSING
    created_at: ReadMoment = MISSING
    updated_at: ReadMoment = MISSING
    updated_by: ReadUserId = MISSING
    version: ReadVersion = MISSING
