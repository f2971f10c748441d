"""A book as a file describes it: by its author's name, and with what cannot be kept set aside."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.base import Body, line
from app.schemas.books import Genres, PublishedYear, Title


class BookRow(Body):
    """One row of a file. The ISBN is already thirteen digits, or none."""

    title: Title
    author: Annotated[str, line(255)]
    isbn: str | None = None
    published_year: PublishedYear | None = None
    genres: Genres = Field(default_factory=list)
