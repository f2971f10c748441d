"""Schemas of changes of genres."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.base import Body, OptionalFlag, ShortText, WriteResult, example


class GenreRename(Body):
    """The genre to rename, and its new name."""

    model_config = example({"name": "Sci-Fi", "new_name": "Science Fiction"})

    name: Annotated[str, ShortText(100), Field(description="The name of the genre, ignoring case.")]
    new_name: Annotated[str, ShortText(100), Field(description="The new name.")]
    merge: Annotated[
        OptionalFlag, Field(description="Whether the books move to the genre of the new name if there is one.")
    ] = False


class GenreRenamed(WriteResult):
    """What became of the books of a genre."""

    model_config = example(
        {
            "status": "success",
            "message": "genre 'Sci-Fi' renamed to 'Science Fiction' in 212 books",
            "books_changed": 212,
            "complete": True,
        }
    )

    books_changed: Annotated[int, Field(ge=0, description="The number of books with a new version.")]
    complete: Annotated[bool, Field(description="`false` if books remain: send the request again with `merge`.")]
