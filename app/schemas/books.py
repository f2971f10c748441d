"""Books on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    MISSING,
    AfterValidator,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
    model_validator,
)

from app.isbn import normalize_isbn
from app.language import normalize_language
from app.relators import AUTHOR, RELATORS
from app.schemas.base import NO_NUL, WEB_ADDRESS, Body, BroughtId, Done, RecordId, Reply, line, shown
from app.text import name_key

EARLIEST_YEAR = -5000
MOST_PAGES = 100_000
MOST_GENRES = 100
MOST_CONTRIBUTORS = 200


def not_after_next_year(year: int) -> int:
    """The year, unless nobody can know of it.

    Raises:
        ValueError: it is after next year.
    """
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


_web_address = TypeAdapter(HttpUrl)


def _on_the_web(address: str) -> str:
    """The address as it was given, if a browser would fetch it."""
    try:
        _web_address.validate_python(address)
    except ValueError:
        msg = "must be an http or https address"
        raise ValueError(msg) from None
    return address


def _known_role(role: str) -> str:
    if role not in RELATORS:
        msg = "is not a MARC relator code, such as aut, trl, edt or ill"
        raise ValueError(msg)
    return role


def _each_once(contributors: list[ContributorGiven]) -> list[ContributorGiven]:
    if len({(part.author_id, part.role) for part in contributors}) < len(contributors):
        msg = "names somebody twice in one role"
        raise ValueError(msg)
    return contributors


def _agreed(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    """The main author is one of the contributors, where both are given; those are looked at first."""
    parts = info.data.get("contributors", MISSING)
    if author_id is not MISSING and parts is not MISSING and author_id not in {part.author_id for part in parts}:
        msg = "must be among the contributors"
        raise ValueError(msg)
    return author_id


def _somebody(author_id: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (an id, or MISSING)
    if author_id is MISSING and info.data.get("contributors") is MISSING:
        msg = "is required, unless there are contributors"
        raise ValueError(msg)
    return author_id


class ContributorGiven(Body):
    """A person's part in a book, as a client gives it."""

    author_id: RecordId
    role: Annotated[
        str, AfterValidator(_known_role), Field(description="A MARC relator code.", pattern="^[a-z]{3}$")
    ] = AUTHOR
    name: Annotated[
        str | None,
        Field(description="The person's name; it need not be given, and if it is, it has to be right.", max_length=255),
    ] = None


Title = Annotated[str, line(500)]
Isbn = Annotated[
    str,
    AfterValidator(normalize_isbn),
    Field(description="ISBN-10 or ISBN-13, with or without hyphens; kept as 13 digits.", max_length=40),
]
PublishedYear = Annotated[
    int,
    AfterValidator(not_after_next_year),
    Field(ge=EARLIEST_YEAR, le=9999, description="The year of publication, at most next year; negative is BCE."),
]
Language = Annotated[
    str,
    AfterValidator(normalize_language),
    Field(description="A language tag (BCP 47); ISO 639-2 codes are taken and put in its form.", max_length=60),
]
Description = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)]
Pages = Annotated[int, Field(ge=1, le=MOST_PAGES)]
SeriesPosition = Annotated[
    float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False, description="Such as 1, or 1.5.")
]
CoverUrl = Annotated[
    str,
    StringConstraints(max_length=2000, pattern=WEB_ADDRESS),
    AfterValidator(_on_the_web),
    Field(description="http or https."),
]
Contributors = Annotated[
    list[ContributorGiven],
    AfterValidator(_each_once),
    Field(
        min_length=1,
        max_length=MOST_CONTRIBUTORS,
        description="In order, the main author among them; roles are MARC relator codes.",
    ),
]
Genres = Annotated[
    list[Annotated[str, line(100)]],
    AfterValidator(_without_repeats),
    Field(
        max_length=MOST_GENRES, description="Names, without repeats whatever the capitals; new ones come into being."
    ),
]

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
    "created_at": "2026-11-22T10:00:00Z",
    "updated_at": "2026-11-22T10:00:00Z",
    "created_by": 1,
    "version": 1,
}


class BookCreate(Body):
    """A new book: with `author_id`, or with `contributors`, or with both in agreement."""

    model_config = shown(EMMA, anyOf=[{"required": ["author_id"]}, {"required": ["contributors"]}])

    id: BroughtId | None = None
    title: Title
    subtitle: Annotated[str, line(500)] | None = None
    contributors: Contributors | MISSING = MISSING
    author_id: Annotated[RecordId | MISSING, AfterValidator(_agreed), AfterValidator(_somebody)] = Field(
        MISSING, validate_default=True
    )
    isbn: Isbn | None = None
    published_year: PublishedYear | None = None
    language: Language | None = None
    publisher: Annotated[str, line(255)] | None = None
    description: Description | None = None
    pages: Pages | None = None
    series: Annotated[str, line(500)] | None = None
    series_position: SeriesPosition | None = None
    cover_url: CoverUrl | None = None
    genres: Genres = Field(default_factory=list)


class BookUpdate(Body):
    """The fields of a book that are to change, one or more. `null` clears a field that a book need not have."""

    model_config = shown({"published_year": 1816}, minProperties=1)

    title: Title | MISSING = MISSING
    subtitle: Annotated[str, line(500)] | MISSING | None = MISSING
    contributors: Contributors | MISSING = MISSING
    author_id: Annotated[RecordId | MISSING, AfterValidator(_agreed)] = MISSING
    isbn: Isbn | MISSING | None = MISSING
    published_year: PublishedYear | MISSING | None = MISSING
    language: Language | MISSING | None = MISSING
    publisher: Annotated[str, line(255)] | MISSING | None = MISSING
    description: Description | MISSING | None = MISSING
    pages: Pages | MISSING | None = MISSING
    series: Annotated[str, line(500)] | MISSING | None = MISSING
    series_position: SeriesPosition | MISSING | None = MISSING
    cover_url: CoverUrl | MISSING | None = MISSING
    genres: Genres | MISSING = MISSING

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set:
            msg = "must have at least one field"
            raise ValueError(msg)
        return self


class ContributorReply(Reply):
    """A person's part in a book."""

    author_id: RecordId
    name: str
    role: Annotated[str, Field(description="A MARC relator code.")]


class BookReply(Reply):
    """A book as it stands."""

    model_config = shown(EMMA_REPLY)

    id: RecordId
    title: str
    subtitle: str | None
    author_id: Annotated[RecordId, Field(description="The main author.")]
    contributors: Annotated[list[ContributorReply], Field(description="Everyone who had a part in it, in order.")]
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
    created_at: datetime
    updated_at: datetime
    created_by: Annotated[RecordId | None, Field(description="The id of the user who added it.")]
    version: Annotated[int, Field(ge=1, description="Grows with every change.")]


class BookDone(BookReply, Done):
    """A book that was written, as it now stands."""

    model_config = shown({**EMMA_REPLY, "status": "success", "message": "book 'Emma' created"})
