"""Many books in one request."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.schemas.base import Body, Query, Reply, shown
from app.schemas.books import EMMA, EMMA_REPLY, BookCreate, BookReply
from app.schemas.problems import Problem
from app.schemas.read_only import ReadMoment, ReadUserId, ReadVersion

MOST_BOOKS = 1000


class Batch(Body):
    """The books: each is created, or, where one with its ISBN is there, that one is updated."""

    model_config = shown({"books": [EMMA]})

    books: Annotated[
        list[dict[str, object]],
        Field(
            min_length=1,
            max_length=MOST_BOOKS,
            description="Each as `POST /books` takes it; an update may carry read-only fields, as a PUT may.",
        ),
    ]


class BookItem(BookCreate):
    """A book in a batch. One that is there already may come as it was read."""

    created_at: ReadMoment = MISSING
    updated_at: ReadMoment = MISSING
    created_by: ReadUserId = MISSING
    version: ReadVersion = MISSING


OF_BOOKS_THAT_ARE_THERE = BookItem.model_fields.keys() - BookCreate.model_fields.keys()


class BatchOptions(Query):
    """How a batch is taken."""

    atomic: Annotated[
        Literal["true", "false"],
        Field(description="`true`: all or nothing; one bad item is a 400, and nothing is written."),
    ] = "false"


class BatchResult(Reply):
    """What became of one item: `book` where it went well, `problem` where it did not."""

    status: Annotated[int, Field(description="201 created, 200 updated, or why not.", ge=200, le=599)]
    book: BookReply | None = None
    problem: Problem | None = None


class BatchReply(Reply):
    """What became of each item, in order."""

    model_config = shown(
        {
            "status": "success",
            "message": "1 created, 0 updated, 0 failed",
            "results": [{"status": 201, "book": EMMA_REPLY, "problem": None}],
        }
    )

    status: Annotated[str, Field(pattern="^success$")]
    message: str
    results: list[BatchResult]
