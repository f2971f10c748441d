"""Schemas of genres and languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.base import Reply, example


class FacetReply(Reply):
    """A genre or a language, and its number of books."""

    model_config = example({"name": "Fiction", "books": 212}, {"name": "en", "books": 163})

    name: Annotated[str, Field(description="The name of the genre, or the language tag (BCP 47).")]
    books: Annotated[int, Field(ge=0, description="The number of books; 100,000 means 100,000 or more.")]
