"""Schemas of batch requests."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import MISSING, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError
from pydantic_core.core_schema import no_info_wrap_validator_function
from typing_extensions import TypeAliasType

from app.schemas.base import Body, Flag, Query, RecordId, Reply, example
from app.schemas.books import EMMA, EMMA_REPLY, BookCreate, BookReply
from app.schemas.problems import Problem
from app.schemas.read_only import ReadMoment, ReadUserId, ReadVersion

MOST_BOOKS = 1000

Index = Annotated[int, Field(ge=0, description="The position of the item in the request, from 0.")]


class BookItem(BookCreate):
    """A book in a batch. An existing book may be sent back as it was read."""

    created_at: ReadMoment = MISSING
    updated_at: ReadMoment = MISSING
    created_by: ReadUserId = MISSING
    updated_by: ReadUserId = MISSING
    version: ReadVersion = MISSING


EXISTING_BOOK_FIELDS = BookItem.model_fields.keys() - BookCreate.model_fields.keys()


class _AsBook:
    """Describe an item as a new book in the OpenAPI document; each item is validated later, and by itself.

    The schema is not "a new book or an update": all fields of an update are optional, so a generated client would
    accept any mistake as an update.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema that pydantic substitutes for this."""
        return no_info_wrap_validator_function(_as_it_came, handler.generate_schema(BookCreate))


def _as_it_came(item: object, _validate_as_book: object) -> object:
    if not isinstance(item, dict):
        raise PydanticKnownError("dict_type")  # noqa: EM101  (pydantic's name for the error)
    return item


class Batch(Body):
    """The books. Each is created, or, if a book with its ISBN exists, that book is updated."""

    model_config = example({"books": [EMMA]})

    books: Annotated[
        list[Annotated[dict[str, object], _AsBook]],
        Field(
            min_length=1,
            max_length=MOST_BOOKS,
            description="Each as in `POST /books`; an update may include read-only fields, as in a PUT. An invalid "
            "item fails on its own, unless the batch is atomic.",
        ),
    ]


class BatchOptions(Query):
    """Options of a batch."""

    atomic: Annotated[
        Flag,
        Field(
            description="`true`: all or nothing; if any item is invalid, the response is a 400 and nothing is written."
        ),
    ] = False


class BatchSuccess(Reply):
    """An item that was written."""

    index: Index
    outcome: Literal["succeeded"]
    status: Annotated[int, Field(description="201 created, 200 updated.", ge=200, le=299)]
    book: BookReply
    problem: None


class BatchFailure(Reply):
    """An item that was rejected, and why. Nothing of it was written."""

    index: Index
    outcome: Literal["failed"]
    status: Annotated[int, Field(description="The status of the problem.", ge=400, le=599)]
    book: None
    problem: Problem


BatchResult = TypeAliasType("BatchResult", Annotated[BatchSuccess | BatchFailure, Field(discriminator="outcome")])
EMMA_RESULT: dict[str, Any] = {"index": 0, "outcome": "succeeded", "status": 201, "book": EMMA_REPLY, "problem": None}


class BatchResults(Reply):
    """The result of each item, in order."""

    model_config = example(
        {
            "status": "success",
            "message": "1 created, 0 updated, 0 failed",
            "batch_id": 7,
            "results": [EMMA_RESULT],
        }
    )

    status: Literal["success"]
    message: str
    batch_id: Annotated[RecordId | None, Field(description="The batch, to undo it: `null` if it has changed nothing.")]
    results: list[BatchResult]
