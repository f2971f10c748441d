"""What can be asked of the lists of books and of authors."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import MISSING, AfterValidator, Field
from typing_extensions import TypeAliasType

from app.domain.languages import normalize_language
from app.schemas.authors import AuthorReply
from app.schemas.base import NOT_BLANK, RecordId, StrictInt
from app.schemas.books import BookReply
from app.schemas.fields import EARLIEST_YEAR, Relator
from app.schemas.pages import PageQuery
from app.schemas.times import QueriedMoment

LONGEST_SEARCH = 5_000


def _names_of(reply: type[BookReply | AuthorReply]) -> AfterValidator:
    """Checks a list of field names, separated by commas, against a reply."""

    def known(text: str) -> str:
        if unknown := [name for name in text.split(",") if name not in reply.model_fields]:
            msg = f"names {len(unknown)} that are no fields; there are {', '.join(reply.model_fields)}"
            raise ValueError(msg)
        return text

    return AfterValidator(known)


Year = Annotated[int, Field(ge=EARLIEST_YEAR, le=9999), StrictInt]
SomeId = Annotated[RecordId, StrictInt]
Search = Annotated[str, Field(min_length=1, max_length=LONGEST_SEARCH)]


def _named(values: dict[str, Any]) -> None:
    """Names for the constants that generated clients make of an enum of sorts, which else are `VALUE_1`."""
    values["x-enum-varnames"] = [
        f"{value.removeprefix('-').upper()}{'_DESC' if value.startswith('-') else ''}" for value in values["enum"]
    ]


BookSort = TypeAliasType(
    "BookSort",
    Annotated[
        Literal[
            "id",
            "-id",
            "title",
            "-title",
            "published_year",
            "-published_year",
            "created_at",
            "-created_at",
            "updated_at",
            "-updated_at",
        ],
        Field(description="The order of a list of books; `-` reverses it.", json_schema_extra=_named),
    ],
)
AuthorSort = TypeAliasType(
    "AuthorSort",
    Annotated[
        Literal["id", "-id", "name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"],
        Field(description="The order of a list of authors; `-` reverses it.", json_schema_extra=_named),
    ],
)


class BookFilters(PageQuery):
    """Which books, in which order, and how many at once. What is given has to hold all together."""

    repeatable: ClassVar[frozenset[str]] = frozenset({"genre"})

    q: Search | MISSING = Field(
        MISSING,
        description="Words in title, subtitle, series, contributors' names and genres, in any order; or an ISBN. The "
        "last word may be a beginning. Case and accents never matter, and where nothing matches exactly, one slip in "
        "a word of four letters or more is forgiven. Initials may be written in any way. Whole titles come first, then "
        "titles with the whole words, then titles with a word that begins so, then matches elsewhere; each by id.",
    )
    author_id: Annotated[
        Annotated[RecordId, StrictInt] | MISSING, Field(description="Somebody who had a part in the book.")
    ] = MISSING
    role: Annotated[
        Relator | MISSING,
        Field(description="The part that this person had (or anybody): a MARC relator code."),
    ] = MISSING
    genre: Annotated[
        list[Annotated[str, Field(max_length=200, pattern=NOT_BLANK)]] | MISSING,
        Field(
            max_length=20,
            description="A genre's name; several must all hold. As in a search, case, accents and punctuation do not "
            "matter: `poesie` finds `Poésie`.",
        ),
    ] = MISSING
    language: Annotated[
        Annotated[str, AfterValidator(normalize_language), Field(min_length=1, max_length=60)] | MISSING,
        Field(description="A language tag; `en` finds `en-US` too (RFC 4647, section 3.3.1)."),
    ] = MISSING
    publisher: Annotated[
        Annotated[str, Field(max_length=500, pattern=NOT_BLANK)] | MISSING,
        Field(description="The publisher; case, accents and punctuation do not matter."),
    ] = MISSING
    series: Annotated[
        Annotated[str, Field(max_length=1000, pattern=NOT_BLANK)] | MISSING,
        Field(description="The series; case, accents and punctuation do not matter."),
    ] = MISSING
    published_from: Annotated[Year | MISSING, Field(description="The earliest year; negative is BCE.")] = MISSING
    published_to: Annotated[Year | MISSING, Field(description="The latest year.")] = MISSING
    created_by: Annotated[
        Annotated[RecordId, StrictInt] | MISSING, Field(description="The id of the user who added it.")
    ] = MISSING
    updated_since: Annotated[
        QueriedMoment | MISSING,
        Field(description="Changed at this time or later (RFC 3339)."),
    ] = MISSING
    sort: Annotated[
        BookSort | MISSING,
        Field(
            description="By what; `-` reverses, and books without a year come last either way. In titles, case, "
            "accents and leading punctuation do not count (`École` beside `Ecole`, `¡Hola!` at H), and numbers come "
            "before letters, by value. With `q`, by relevance unless something else is said; else by `id`."
        ),
    ] = MISSING
    fields: Annotated[
        Annotated[str, _names_of(BookReply), Field(min_length=1, max_length=1000)] | MISSING,
        Field(
            description="Only these fields, separated by commas. Each entry then has these and no others, whatever its "
            "schema says of the rest."
        ),
    ] = MISSING


class AuthorFilters(PageQuery):
    """Which authors, in which order, and how many at once."""

    q: Search | MISSING = Field(
        MISSING,
        description="Words in the name, in any order; as forgiving as the search for books, and ranked in the same "
        "way: whole names come first.",
    )
    updated_since: Annotated[
        QueriedMoment | MISSING,
        Field(description="Changed at this time or later (RFC 3339)."),
    ] = MISSING
    sort: Annotated[
        AuthorSort | MISSING,
        Field(
            description="By what; `name` is by the sort name, in the order that titles have, and `-` reverses. With "
            "`q`, by relevance; else by `id`."
        ),
    ] = MISSING
    fields: Annotated[
        Annotated[str, _names_of(AuthorReply), Field(min_length=1, max_length=1000)] | MISSING,
        Field(
            description="Only these fields, separated by commas. Each entry then has these and no others, whatever its "
            "schema says of the rest."
        ),
    ] = MISSING
