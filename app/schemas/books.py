"""Schemas of books."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import MISSING, AfterValidator, BeforeValidator, Field

from app.schemas.base import (
    Body,
    ClientSuppliedId,
    GivenId,
    RecordId,
    Reply,
    WriteResult,
    example,
    null_to_missing,
)
from app.schemas.contributors import ContributorReply, Contributors, has_author, main_author_contributes
from app.schemas.fields import (
    Description,
    Genres,
    Isbn,
    Language,
    Pages,
    PublishedDate,
    PublishedYear,
    SeriesPosition,
    SortTitle,
    Text255,
    Text500,
    WebAddress,
    in_published_year,
    null_to_empty_list,
)
from app.schemas.identifiers import GivenIdentifiers, GivenLinks, IdentifierReply, LinkReply
from app.schemas.read_only import LastEditor, ReadUserId, RecordChanges

EMMA: dict[str, Any] = {
    "title": "Emma",
    "author_id": 1,
    "isbn": "978-0-14-143958-7",
    "published_year": 1815,
    "language": "en",
    "publisher": "Penguin",
    "pages": 512,
    "genres": ["Fiction", "Classics"],
}
EMMA_REPLY: dict[str, Any] = {
    "id": 1,
    "title": "Emma",
    "subtitle": None,
    "author_id": 1,
    "contributors": [{"author_id": 1, "name": "Jane Austen", "role": "aut"}],
    "isbn": "9780141439587",
    "published_year": 1815,
    "language": "en",
    "publisher": "Penguin",
    "description": None,
    "pages": 512,
    "series": None,
    "series_position": None,
    "cover_url": None,
    "genres": ["Fiction", "Classics"],
    "sort_title": "Emma",
    "published": "1815-12",
    "identifiers": [{"type": "oclc", "value": "297"}],
    "links": [],
    "call_number": "823.7 AUS",
    "location": None,
    "created_at": "2026-11-22T10:00:00Z",
    "updated_at": "2026-11-22T10:00:00Z",
    "created_by": 1,
    "updated_by": 1,
    "version": 1,
}


class BookCreate(Body):
    """A new book. It needs `author_id` or `contributors`; if both are given, they must agree."""

    model_config = example(EMMA)

    id: ClientSuppliedId | None = None
    title: Text500
    subtitle: Text500 | None = None
    contributors: Annotated[
        Contributors | MISSING, BeforeValidator(null_to_missing, json_schema_input_type=Contributors | None)
    ] = MISSING
    author_id: Annotated[
        GivenId | MISSING,
        AfterValidator(main_author_contributes),
        AfterValidator(has_author),
        BeforeValidator(null_to_missing, json_schema_input_type=GivenId | None),
    ] = Field(MISSING, validate_default=True)
    isbn: Isbn | None = None
    published_year: PublishedYear | None = None
    language: Language | None = None
    publisher: Text255 | None = None
    description: Description | None = None
    pages: Pages | None = None
    series: Text500 | None = None
    series_position: SeriesPosition | None = None
    cover_url: WebAddress | None = None
    genres: Annotated[Genres, BeforeValidator(null_to_empty_list, json_schema_input_type=Genres | None)] = Field(
        default_factory=list
    )
    sort_title: SortTitle = None
    published: Annotated[PublishedDate | None, in_published_year(None)] = None
    identifiers: GivenIdentifiers = Field(default_factory=list)
    links: GivenLinks = Field(default_factory=list)
    call_number: Text255 | None = None
    location: Text255 | None = None


class BookUpdate(RecordChanges):
    """The fields of a book to change, at least one. `null` clears an optional field."""

    model_config = example({"published_year": 1816}, {"pages": None, "genres": ["Fiction"]}, minProperties=1)
    read_only: ClassVar[frozenset[str]] = RecordChanges.read_only | {"created_by"}

    created_by: ReadUserId = MISSING
    title: Text500 | MISSING = MISSING
    subtitle: Text500 | MISSING | None = MISSING
    contributors: Contributors | MISSING = MISSING
    author_id: Annotated[GivenId | MISSING, AfterValidator(main_author_contributes)] = MISSING
    isbn: Isbn | MISSING | None = MISSING
    published_year: PublishedYear | MISSING | None = MISSING
    language: Language | MISSING | None = MISSING
    publisher: Text255 | MISSING | None = MISSING
    description: Description | MISSING | None = MISSING
    pages: Pages | MISSING | None = MISSING
    series: Text500 | MISSING | None = MISSING
    series_position: SeriesPosition | MISSING | None = MISSING
    cover_url: WebAddress | MISSING | None = MISSING
    genres: Genres | MISSING | None = MISSING
    sort_title: SortTitle | MISSING = MISSING
    published: Annotated[PublishedDate | MISSING | None, in_published_year(MISSING)] = MISSING
    identifiers: GivenIdentifiers | MISSING = MISSING
    links: GivenLinks | MISSING = MISSING
    call_number: Text255 | MISSING | None = MISSING
    location: Text255 | MISSING | None = MISSING


class BookReply(Reply):
    """A book."""

    model_config = example(EMMA_REPLY)

    id: RecordId
    title: str
    subtitle: str | None
    author_id: Annotated[RecordId, Field(description="The main author.")]
    contributors: Annotated[list[ContributorReply], Field(description="All contributors, in order.")]
    isbn: Annotated[str, Field(pattern="^97[89][0-9]{10}$")] | None
    published_year: int | None
    language: str | None
    publisher: str | None
    description: str | None
    pages: int | None
    series: str | None
    series_position: float | None
    cover_url: str | None
    genres: list[str]
    sort_title: str
    published: str | None
    identifiers: list[IdentifierReply]
    links: list[LinkReply]
    call_number: Annotated[str | None, Field(description="The shelf mark.")]
    location: Annotated[str | None, Field(description="Where the book stands.")]
    created_at: datetime
    updated_at: datetime
    created_by: Annotated[RecordId | None, Field(description="The id of the user who added the book.")]
    updated_by: LastEditor
    version: Annotated[int, Field(ge=1, description="Increases with every change.")]


class BookDone(BookReply, WriteResult):
    """The book after a successful write."""

    model_config = example({**EMMA_REPLY, "status": "success", "message": "book 'Emma' created"})
