"""Schemas of the names by which books are filtered: genres, languages, series and publishers."""

from __future__ import annotations

from typing import Annotated

from pydantic import MISSING, Field

from app.schemas.base import NOT_BLANK, Reply, example
from app.schemas.pages import PageQuery


class FacetReply(Reply):
    """A genre, language, series or publisher, and its number of books."""

    model_config = example({"name": "Fiction", "books": 212}, {"name": "en", "books": 163})

    name: Annotated[str, Field(description="The name, or the language tag (BCP 47).")]
    books: Annotated[int, Field(ge=0, description="The number of books; 100,000 means 100,000 or more.")]


class NamesQuery(PageQuery):
    """A page of names, for example of those that begin as a user has typed."""

    q: Annotated[
        Annotated[str, Field(max_length=1000, pattern=NOT_BLANK)] | MISSING,
        Field(description="The beginning of the name, ignoring case, accents and punctuation; numbers are whole."),
    ] = MISSING
