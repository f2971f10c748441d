"""Schemas of the history and the feed of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import MISSING, Field
from typing_extensions import TypeAliasType

from app.schemas.authors import AUSTEN_REPLY, AuthorReply
from app.schemas.base import Flag, Query, RecordId, Reply, StrictInt, example
from app.schemas.books import BookReply
from app.schemas.pages import DEFAULT_LIMIT, LARGEST_LIMIT, LONGEST_CURSOR

LONGEST_WAIT = 30
CREATED: dict[str, Any] = {
    "id": 12,
    "kind": "author",
    "record_id": 1,
    "version": 1,
    "action": "created",
    "at": "2026-11-22T10:00:00Z",
    "actor_id": 1,
    "via": "session",
    "batch_id": None,
    "before": None,
    "after": AUSTEN_REPLY,
}
Kind = TypeAliasType("Kind", Annotated[Literal["book", "author"], Field(description="The kind of a record.")])
Action = TypeAliasType(
    "Action",
    Annotated[
        Literal["created", "updated", "deleted", "restored"],
        Field(description="Later versions may add others."),
    ],
)
Via = TypeAliasType(
    "Via",
    Annotated[
        Literal["session", "key", "import", "script", "rename", "undo"],
        Field(
            description="A user's session or API key, an import, a command of the operator's; `rename`: "
            "the name of a contributor changed; `undo`: another change was undone. Later versions may add others."
        ),
    ],
)


class ChangeReply(Reply):
    """A change of a record."""

    model_config = example(CREATED)

    id: RecordId
    kind: Kind
    record_id: RecordId
    version: Annotated[
        int,
        Field(
            ge=1,
            description="The version since this change; of a deleted record, the next number. A copy of the catalogue "
            "skips changes whose version is not greater than its own.",
        ),
    ]
    action: Action
    at: datetime
    actor_id: Annotated[
        RecordId | None,
        Field(description="The id of the user who made the change; `null`: a command of the operator's."),
    ]
    via: Via
    batch_id: Annotated[RecordId | None, Field(description="The import or other batch that it is part of.")]
    before: Annotated[BookReply | AuthorReply | None, Field(description="The record before; `null` if it is new.")]
    after: Annotated[
        BookReply | AuthorReply | None, Field(description="The record since then; `null` if it was deleted.")
    ]


class FeedQuery(Query):
    """A position in the feed, and what to wait for."""

    since: Annotated[
        Annotated[str, Field(min_length=1, max_length=LONGEST_CURSOR)] | MISSING,
        Field(
            description="Where to go on, taken from the `Link` header of the last response. `now`: no changes, only "
            "the cursor. If omitted, the feed begins with the oldest change that is kept."
        ),
    ] = MISSING
    kind: Annotated[Kind | MISSING, Field(description="Only changes of this kind of record.")] = MISSING
    limit: Annotated[int, Field(ge=1, le=LARGEST_LIMIT, description="The maximum number of changes."), StrictInt] = (
        DEFAULT_LIMIT
    )
    wait: Annotated[
        int,
        Field(
            ge=0,
            le=LONGEST_WAIT,
            description="If there are no changes yet, the seconds to wait for some before the response.",
        ),
        StrictInt,
    ] = 0


class UndoOptions(Query):
    """Options of an undo."""

    dry_run: Annotated[Flag, Field(description="`true`: say what would be done, and do nothing.")] = False


class UndoEffect(Reply):
    """What becomes of a record."""

    kind: Kind
    record_id: RecordId
    action: Action
    fields: Annotated[list[str], Field(description="The fields that get their former values.")]


class UndoResult(Reply):
    """What was undone."""

    model_config = example(
        {
            "status": "success",
            "message": "1 book restored",
            "dry_run": False,
            "records": 1,
            "complete": True,
            "batch_id": None,
            "effects": [{"kind": "book", "record_id": 1, "action": "restored", "fields": ["title"]}],
        }
    )

    status: Literal["success"]
    message: str
    dry_run: bool
    records: Annotated[int, Field(description="How many have changed, or would.")]
    complete: Annotated[bool, Field(description="`false`: send the same request again to go on.")]
    batch_id: Annotated[RecordId | None, Field(description="The batch of the undo itself.")]
    effects: Annotated[list[UndoEffect], Field(description="Of the first 100 records.")]


class ChangeBatchReply(Reply):
    """Changes that were made together."""

    model_config = example(
        {
            "id": 7,
            "at": "2026-11-22T10:00:00Z",
            "actor_id": 1,
            "via": "import",
            "summary": "import of books.csv",
        }
    )

    id: RecordId
    at: datetime
    actor_id: Annotated[RecordId | None, Field(description="The id of the user; `null`: a command of the operator's.")]
    via: Via
    summary: str
