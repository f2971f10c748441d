"""Books on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import MISSING, AfterValidator, Field, model_validator

from app.isbn import normalize_isbn
from app.schemas.base import Body, BroughtId, Done, RecordId, Reply, Whole, line, shown
from app.schemas.pages import PageQuery
from app.text import name_key

EARLIEST_YEAR = -5000
MOST_GENRES = 100


def _not_after_next_year(year: int) -> int:
    latest = datetime.now(UTC).year + 1
    if year > latest:
        msg = f"must be at most {latest}, next year"
        raise ValueError(msg)
    return year


def _without_repeats(genres: list[str]) -> list[str]:
    kept: dict[str, str] = {}
    for name in genres:
        kept.setdefault(name_key(name), name)
    return list(kept.values())


Title = Annotated[str, line(500)]
Isbn = Annotated[
    str,
    AfterValidator(normalize_isbn),
    Field(description="ISBN-10 or ISBN-13, with or without hyphens; kept as 13 digits.", max_length=40),
]
PublishedYear = Annotated[
    int,
    AfterValidator(_not_after_next_year),
    Field(ge=EARLIEST_YEAR, le=9999, description="The year of publication, at most next year; negative is BCE."),
]
Genres = Annotated[
    list[Annotated[str, line(100)]],
    AfterValidator(_without_repeats),
    Field(
        max_length=MOST_GENRES, description="Names, without repeats whatever the capitals; new ones come into being."
    ),
]

EMMA = {
    "title": "Emma",
    "author_id": 1,
    "isbn": "978-0-14-143958-7",
    "published_year": 1815,
    "genres": ["Fiction", "Classics"],
}
EMMA_REPLY = {
    "id": 1,
    **EMMA,
    "isbn": "9780141439587",
    "created_at": "2026-11-22T10:00:00Z",
    "updated_at": "2026-11-22T10:00:00Z",
    "created_by": 1,
    "version": 1,
}


class BookCreate(Body):
    """A new book."""

    model_config = shown(EMMA)

    id: BroughtId | None = None
    title: Title
    author_id: RecordId
    isbn: Isbn | None = None
    published_year: PublishedYear | None = None
    genres: Genres = Field(default_factory=list)


class BookUpdate(Body):
    """The fields of a book that are to change, one or more."""

    model_config = shown({"published_year": 1816}, minProperties=1)

    title: Title | MISSING = MISSING
    author_id: RecordId | MISSING = MISSING
    isbn: Isbn | MISSING | None = MISSING
    published_year: PublishedYear | MISSING | None = MISSING
    genres: Genres | MISSING = MISSING

    @model_validator(mode="after")
    def _not_empty(self) -> BookUpdate:
        if not self.model_fields_set:
            msg = "must have at least one field"
            raise ValueError(msg)
        return self


class BookReply(Reply):
    """A book as it stands."""

    model_config = shown(EMMA_REPLY)

    id: RecordId
    title: str
    author_id: RecordId
    isbn: Annotated[str, Field(pattern="^97[89][0-9]{10}$")] | None
    published_year: int | None
    genres: list[str]
    created_at: datetime
    updated_at: datetime
    created_by: Annotated[RecordId | None, Field(description="The id of the user who added it.")]
    version: Annotated[int, Field(ge=1, description="Grows with every change.")]


class BookDone(BookReply, Done):
    """A book that was written, as it now stands."""

    model_config = shown({**EMMA_REPLY, "status": "success", "message": "book 'Emma' created"})


class BookFilters(PageQuery):
    """Which books, and how many at once."""

    author_id: Annotated[Annotated[RecordId, Whole] | MISSING, Field(description="Only the books of this author.")] = (
        MISSING
    )
