"""Field types of books and authors that have rules of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, StringConstraints, TypeAdapter, ValidationInfo
from pydantic_core import PydanticKnownError
from typing_extensions import TypeAliasType

from app.domain.edtf import year_of
from app.domain.isbn import LONGEST_SPELLING, normalize_isbn
from app.domain.languages import normalize_language
from app.domain.names import name_key
from app.domain.relator_codes import RELATORS
from app.schemas.base import WEB_ADDRESS, Integer, Prose, ShortText

EARLIEST_YEAR = -5000
MOST_PAGES = 100_000
MOST_GENRES = 100


def _not_after_next_year(year: int) -> int:
    """Reject later years: publishers announce books for the next year at most."""
    latest = datetime.now(UTC).year + 1
    if year > latest:
        msg = f"must be at most {latest}, next year"
        raise ValueError(msg)
    return year


def without_repeats(names: list[str]) -> list[str]:
    """The names, of which none is repeated, ignoring case."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name_key(name), name)
    return list(kept.values())


def counted_first(most: int) -> BeforeValidator:
    """Count the entries of a list before each is checked: a body has room for very many wrong ones."""

    def require_few(entries: object) -> object:
        if isinstance(entries, list) and len(entries) > most:
            details = {"field_type": "List", "max_length": most, "actual_length": len(entries)}
            raise PydanticKnownError("too_long", details)  # noqa: EM101  (pydantic's name for the error)
        return entries

    return BeforeValidator(require_few)


def null_to_empty_list(entries: object) -> object:
    """`null` means an empty list."""
    return [] if entries is None else entries


_web_address = TypeAdapter(HttpUrl)


def _on_the_web(address: str) -> str:
    """The URL unchanged, if a browser could fetch it."""
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


Text255 = TypeAliasType("Text255", Annotated[str, ShortText(255)])
Text500 = TypeAliasType("Text500", Annotated[str, ShortText(500)])
"""Named, so that the OpenAPI document describes each once."""
Isbn = Annotated[
    str,
    AfterValidator(normalize_isbn),
    Field(
        description="ISBN-10 or ISBN-13; hyphens and a leading `ISBN` or `urn:isbn:` are ignored. Stored as 13 digits.",
        max_length=LONGEST_SPELLING,
    ),
]
PublishedYear = Annotated[
    int,
    Field(ge=EARLIEST_YEAR, description="The year of publication, at most next year; negative is BCE."),
    Integer,
    AfterValidator(_not_after_next_year),
]


def _date(text: str) -> str:
    year = year_of(text)
    if year < EARLIEST_YEAR:
        msg = f"must be at least {EARLIEST_YEAR}"
        raise ValueError(msg)
    _not_after_next_year(year)
    return text


SortTitle = TypeAliasType(
    "SortTitle",
    Annotated[
        Text500 | None,
        Field(
            description="The title to sort by. `null`: derived, without the leading article of the book's language "
            "(`Great Gatsby, The`). While it is as derived, it follows the title."
        ),
    ],
)


def in_published_year(unset: object) -> AfterValidator:
    """A validator: a date must be in the year of publication, which is validated first.

    Args: unset: the value of a year that is not given.
    """

    def require_year(date: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (a date, None or MISSING)
        year = info.data.get("published_year", unset)
        if isinstance(date, str) and year is not unset and year != year_of(date):
            msg = "must be a date in published_year"
            raise ValueError(msg)
        return date

    return AfterValidator(require_year)


PublishedDate = TypeAliasType(
    "PublishedDate",
    Annotated[
        str,
        Field(
            json_schema_extra={"pattern": "^-?[0-9]{4}(-[0-9]{2}){0,2}$"},
            description="The date of publication as far as it is known: `1999`, `1999-05`, `1999-05-17` or `-0044` "
            "(EDTF level 0). It sets `published_year`, which must be its year if both are given.",
        ),
        AfterValidator(_date),
    ],
)
Language = Annotated[
    str,
    AfterValidator(normalize_language),
    Field(description="A language tag (BCP 47); ISO 639-2 codes are accepted and converted.", max_length=60),
]
Description = Annotated[str, Prose(10_000)]
Pages = Annotated[int, Field(ge=1, le=MOST_PAGES), Integer]
SeriesPosition = Annotated[
    float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False, description="For example 1 or 1.5.")
]
WebAddress = TypeAliasType(
    "WebAddress",
    Annotated[
        str,
        StringConstraints(max_length=2000, pattern=WEB_ADDRESS),
        AfterValidator(_on_the_web),
        Field(description="http or https."),
    ],
)
Genres = Annotated[
    list[Annotated[str, ShortText(100)]],
    counted_first(MOST_GENRES),
    AfterValidator(without_repeats),
    Field(max_length=MOST_GENRES, description="Names. Duplicates (ignoring case) are dropped; new genres are created."),
]
Relator = TypeAliasType(
    "Relator",
    Annotated[
        str,
        AfterValidator(_known_role),
        Field(
            description="A contribution to a book, as a MARC relator code: `aut` (author), `trl` (translator), "
            "`edt` (editor), `ill` (illustrator), and so on.",
            json_schema_extra={"enum": sorted(RELATORS)},
        ),
    ],
)
