"""Authors on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from app.schemas.base import NO_NUL, Body, BroughtId, Done, RecordId, Reply, line, shown
from app.schemas.books import EMMA_REPLY, BookReply

AUSTEN = {"name": "Jane Austen", "bio": "English novelist, 1775 to 1817.", "country": "England"}
AUSTEN_REPLY = {
    "id": 1,
    **AUSTEN,
    "created_at": "2026-11-22T10:00:00Z",
    "updated_at": "2026-11-22T10:00:00Z",
    "version": 1,
}


class AuthorCreate(Body):
    """A new author."""

    model_config = shown(AUSTEN)

    id: BroughtId | None = None
    name: Annotated[str, line(255)]
    bio: Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)] | None = None
    country: Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL)] | None = None


class AuthorReply(Reply):
    """An author as it stands."""

    model_config = shown(AUSTEN_REPLY)

    id: RecordId
    name: str
    bio: str | None
    country: str | None
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(ge=1, description="Grows with every change.")]


class AuthorDone(AuthorReply, Done):
    """An author that was written, as it now stands."""

    model_config = shown({**AUSTEN_REPLY, "status": "success", "message": "author 'Jane Austen' created"})


class AuthorBooks(Reply):
    """An author, and a page of the author's books."""

    model_config = shown({"status": "success", "author": AUSTEN_REPLY, "books": [EMMA_REPLY]})

    status: Annotated[str, Field(pattern="^success$")]
    author: AuthorReply
    books: list[BookReply]
