"""Genres and languages on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.base import Reply, shown

Books = Annotated[int, Field(ge=0, description="How many books.")]


class GenreReply(Reply):
    """A genre, and how many books are in it."""

    model_config = shown({"name": "Fiction", "books": 212})

    name: str
    books: Books


class LanguageReply(Reply):
    """A language, and how many books are in it."""

    model_config = shown({"name": "en", "books": 163})

    name: Annotated[str, Field(description="The language tag (BCP 47).")]
    books: Books
