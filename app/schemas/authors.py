"""Authors on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import MISSING, Field

from app.schemas.base import Body, BroughtId, Integer, RecordId, Reply, ShortText, WriteResult, example
from app.schemas.books import EMMA_REPLY, BookReply
from app.schemas.fields import EARLIEST_YEAR, Description
from app.schemas.read_only import RecordChanges

AUSTEN: dict[str, Any] = {
    "name": "Jane Austen",
    "bio": "English novelist.",
    "country": "England",
    "birth_year": 1775,
    "death_year": 1817,
}
AUSTEN_REPLY: dict[str, Any] = {
    "id": 1,
    "name": "Jane Austen",
    "sort_name": "Austen, Jane",
    "bio": "English novelist.",
    "country": "England",
    "birth_year": 1775,
    "death_year": 1817,
    "created_at": "2026-11-22T10:00:00Z",
    "updated_at": "2026-11-22T10:00:00Z",
    "version": 1,
}

Country = Annotated[str, ShortText(100, may_be_empty=True)]
LifeYear = Annotated[int, Field(ge=EARLIEST_YEAR, le=9999, description="A year; negative is BCE."), Integer]


class AuthorCreate(Body):
    """A new author."""

    model_config = example(AUSTEN)

    id: BroughtId | None = None
    name: Annotated[str, ShortText(255)]
    sort_name: Annotated[
        Annotated[str, ShortText(255)] | None,
        Field(description="The name to file under; made of the name where it is not given."),
    ] = None
    bio: Description | None = None
    country: Country | None = None
    birth_year: LifeYear | None = None
    death_year: LifeYear | None = None


class AuthorUpdate(RecordChanges):
    """The fields of an author that are to change, one or more. `null` clears a field that an author need not have."""

    model_config = example({"country": "United Kingdom"}, minProperties=1)

    name: Annotated[str, ShortText(255)] | MISSING = MISSING
    sort_name: Annotated[
        Annotated[str, ShortText(255)] | MISSING | None,
        Field(description="`null`: made of the name. With a new name alone, it is made anew if it was made before."),
    ] = MISSING
    bio: Description | MISSING | None = MISSING
    country: Country | MISSING | None = MISSING
    birth_year: LifeYear | MISSING | None = MISSING
    death_year: LifeYear | MISSING | None = MISSING


class AuthorReply(Reply):
    """An author."""

    model_config = example(AUSTEN_REPLY)

    id: RecordId
    name: str
    sort_name: str
    bio: str | None
    country: str | None
    birth_year: int | None
    death_year: int | None
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(ge=1, description="Grows with every change.")]


class AuthorDone(AuthorReply, WriteResult):
    """An author that was written, as it now stands."""

    model_config = example({**AUSTEN_REPLY, "status": "success", "message": "author 'Jane Austen' created"})


class AuthorBooks(Reply):
    """An author, and a page of the books in which the author had a part."""

    model_config = example({"status": "success", "author": AUSTEN_REPLY, "books": [EMMA_REPLY]})

    status: Literal["success"]
    author: AuthorReply
    books: list[BookReply]
