"""Fields that clients read and never set: PUT and PATCH let them through when they say what the record says."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import MISSING, Field

from app.schemas.base import Changes, GivenId, Integer
from app.schemas.times import Moment

AS_READ = Field(description="Read-only. It may be sent back as it was read; any other value is a 400.")

ReadId = Annotated[GivenId | MISSING, AS_READ]
ReadUserId = Annotated[GivenId | MISSING | None, AS_READ]
ReadText = Annotated[str | MISSING, AS_READ]
ReadMoment = Annotated[Moment | MISSING, AS_READ]
ReadMomentOrNull = Annotated[Moment | MISSING | None, AS_READ]
ReadVersion = Annotated[
    Annotated[int, Field(ge=1), Integer] | MISSING,
    Field(description="Read-only. The version that the change is meant for: if the record has another, a 412."),
]


class EchoedChanges(Changes):
    """Changes that may be the answer to a read or a write, sent back.

    Not `readOnly` in the document: generators leave such properties out of requests, and a client could no longer
    send back the object that it holds.
    """

    read_only: ClassVar[frozenset[str]] = frozenset()
    """The fields that are compared with the record."""
    of_answers: ClassVar[frozenset[str]] = frozenset({"status", "message"})

    status: Annotated[
        Literal["success"] | MISSING, Field(description="What a write answered besides; it is ignored.")
    ] = MISSING
    message: Annotated[str | MISSING, Field(description="What a write answered besides; it is ignored.")] = MISSING

    def changed(self, but: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The fields that are to change and were given, except some."""
        return self.model_dump(exclude_unset=True, exclude={*self.read_only, *self.of_answers, *but})


class RecordChanges(EchoedChanges):
    """Changes of a record of the catalogue."""

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "created_at", "updated_at", "version"})

    id: ReadId = MISSING
    created_at: ReadMoment = MISSING
    updated_at: ReadMoment = MISSING
    version: ReadVersion = MISSING
