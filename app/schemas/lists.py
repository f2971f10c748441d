"""Query parameters of the lists of books and of authors."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import MISSING, AfterValidator, Field, ValidationInfo
from typing_extensions import TypeAliasType

from app.domain.clean_text import with_few_marks
from app.domain.isbn import normalize_isbn
from app.domain.languages import normalize_language
from app.schemas.authors import AuthorReply
from app.schemas.base import NOT_BLANK, IdParameter, Query, StrictInt
from app.schemas.books import BookReply
from app.schemas.fields import EARLIEST_YEAR, Relator
from app.schemas.identifiers import require_identifier
from app.schemas.pages import LARGEST_LIMIT, PageQuery
from app.schemas.times import QueriedMoment

LONGEST_SEARCH = 5_000


def _names_of(reply: type[BookReply | AuthorReply]) -> AfterValidator:
    """A validator that checks comma-separated field names against the fields of a response."""

    def known(text: str) -> str:
        if unknown := [name for name in text.split(",") if name not in reply.model_fields]:
            msg = f"has unknown names ({len(unknown)}); the fields are {', '.join(reply.model_fields)}"
            raise ValueError(msg)
        return text

    return AfterValidator(known)


Year = Annotated[int, Field(ge=EARLIEST_YEAR, le=9999), StrictInt]
Search = Annotated[str, Field(min_length=1, max_length=LONGEST_SEARCH), AfterValidator(with_few_marks)]


def _named(values: dict[str, Any]) -> None:
    """Name the constants of an enum of sorts; generated clients would otherwise call them `VALUE_1`."""
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
            "series_position",
            "-series_position",
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


UPDATED_SINCE = (
    "Last changed at this time or later (RFC 3339). It is a filter, no way to keep a copy: deletions are not listed, "
    "and a change may become visible later than its time says. To keep a copy, follow `GET /changes`."
)


def _up_to_limit(values: list[Any], info: ValidationInfo) -> list[Any]:
    """Reject more values than a page has entries, which is validated first."""
    if len(values) > info.data.get("limit", LARGEST_LIMIT):
        msg = "may be repeated up to `limit` times"
        raise ValueError(msg)
    return values


def _within_a_series(sort: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (a sort, or MISSING)
    """Reject an order that only a series has."""
    if isinstance(sort, str) and sort.endswith("series_position") and info.data.get("series", MISSING) is MISSING:
        msg = "needs the parameter series"
        raise ValueError(msg)
    return sort


UP_TO_LIMIT = AfterValidator(_up_to_limit)
NULLABLE = [name for name, field in BookReply.model_fields.items() if type(None) in get_args(field.annotation)]


def _known_nullable(name: str) -> str:
    if name not in NULLABLE:
        msg = f"must be one of {', '.join(NULLABLE)}"
        raise ValueError(msg)
    return name


MissingField = TypeAliasType(
    "MissingField",
    Annotated[
        str,
        AfterValidator(_known_nullable),
        Field(description="A field of a book that may be `null`.", json_schema_extra={"enum": NULLABLE}),
    ],
)


class BookSearch(Query):
    """Which books are meant. All given filters must match."""

    repeatable: ClassVar[frozenset[str]] = frozenset({"genre", "id", "isbn", "missing"})

    q: Search | MISSING = Field(
        MISSING,
        description="Words in title, subtitle, series, contributors' names and genres, in any order; or an ISBN. The "
        "last word may be a prefix. Case and accents are ignored. If nothing matches exactly, one typo per word of "
        "four letters or more is tolerated. Initials may be written in any style. Exact titles are listed first, then "
        "titles with the whole words, then titles with a word of that prefix, then other matches; each group by id.",
    )
    id: Annotated[
        Annotated[list[IdParameter], UP_TO_LIMIT] | MISSING,
        Field(description="The id of a book; repeatable up to `limit` times."),
    ] = MISSING
    isbn: Annotated[
        Annotated[list[Annotated[str, AfterValidator(normalize_isbn), Field(min_length=1)]], UP_TO_LIMIT] | MISSING,
        Field(description="An ISBN in any spelling; repeatable up to `limit` times."),
    ] = MISSING
    missing: Annotated[
        list[MissingField] | MISSING,
        Field(max_length=20, description="A field that must be `null`. If repeated, all must."),
    ] = MISSING
    author_id: Annotated[IdParameter | MISSING, Field(description="The id of a contributor.")] = MISSING
    role: Annotated[
        Relator | MISSING,
        Field(description="The role of that contributor, or of any: a MARC relator code."),
    ] = MISSING
    genre: Annotated[
        list[Annotated[str, Field(max_length=200, pattern=NOT_BLANK)]] | MISSING,
        Field(
            max_length=20,
            description="The name of a genre. If repeated, all must match. As in a search, case, accents and "
            "punctuation are ignored: `poesie` finds `Poésie`.",
        ),
    ] = MISSING
    language: Annotated[
        Annotated[str, AfterValidator(normalize_language), Field(min_length=1, max_length=60)] | MISSING,
        Field(description="A language tag; `en` also finds `en-US` (RFC 4647, section 3.3.1)."),
    ] = MISSING
    publisher: Annotated[
        Annotated[str, Field(max_length=500, pattern=NOT_BLANK)] | MISSING,
        Field(description="The publisher, ignoring case, accents and punctuation."),
    ] = MISSING
    series: Annotated[
        Annotated[str, Field(max_length=1000, pattern=NOT_BLANK)] | MISSING,
        Field(description="The series, ignoring case, accents and punctuation."),
    ] = MISSING
    identifier: Annotated[
        Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(require_identifier)] | MISSING,
        Field(description="An identifier, as type and value: `oclc:297`. `isbn` includes the main ISBN."),
    ] = MISSING
    published_from: Annotated[Year | MISSING, Field(description="The earliest year; negative is BCE.")] = MISSING
    published_to: Annotated[Year | MISSING, Field(description="The latest year.")] = MISSING
    created_by: Annotated[IdParameter | MISSING, Field(description="The id of the user who added the book.")] = MISSING
    updated_since: Annotated[
        QueriedMoment | MISSING,
        Field(description=UPDATED_SINCE),
    ] = MISSING


class BookFilters(BookSearch, PageQuery):
    """Filters, order and page size of the list of books."""

    sort: Annotated[
        BookSort | MISSING,
        AfterValidator(_within_a_series),
        Field(
            description="The field to sort by; `-` reverses the order, and books without a year or position are always "
            "last. `series_position` needs `series`, and is then the default. "
            "Titles are sorted by `sort_title`, ignoring case, accents and marks (`École` next to `Ecole`, `¡Hola!` "
            "under H), with numbers before letters, by value. Default: relevance with `q`, otherwise `id`."
        ),
    ] = MISSING
    fields: Annotated[
        Annotated[str, _names_of(BookReply), Field(min_length=1, max_length=1000)] | MISSING,
        Field(
            description="The fields to return, separated by commas. Each entry then has only these, even if its schema "
            "requires others."
        ),
    ] = MISSING


class AuthorFilters(PageQuery):
    """Filters, order and page size of the list of authors."""

    q: Search | MISSING = Field(
        MISSING,
        description="Words in the name, in any order; matched and ranked as in the search for books, exact names "
        "first.",
    )
    created_by: Annotated[IdParameter | MISSING, Field(description="The id of the user who added the author.")] = (
        MISSING
    )
    updated_since: Annotated[
        QueriedMoment | MISSING,
        Field(description=UPDATED_SINCE),
    ] = MISSING
    sort: Annotated[
        AuthorSort | MISSING,
        Field(
            description="The field to sort by; `-` reverses the order. `name` sorts by `sort_name`, under the same "
            "rules as titles. Default: relevance with `q`, otherwise `id`."
        ),
    ] = MISSING
    fields: Annotated[
        Annotated[str, _names_of(AuthorReply), Field(min_length=1, max_length=1000)] | MISSING,
        Field(
            description="The fields to return, separated by commas. Each entry then has only these, even if its schema "
            "requires others."
        ),
    ] = MISSING
