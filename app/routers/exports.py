"""Endpoints by which books leave in the formats of other programs."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import MISSING, AfterValidator, Field, ValidationInfo
from typing_extensions import TypeAliasType

from app.db.bulkheads import Kind
from app.errors import BookDeleted, BookNotFound, PathNotFound, TooManyExports
from app.queries.books import BookReader
from app.queries.exports import exported, exported_authors
from app.schemas.base import Flag, add_names_of_constants
from app.schemas.books import BookReply
from app.schemas.lists import BookSearch
from app.transfer.formats import FORMATS
from app.web.openapi import DOWNLOAD
from app.web.operations import Blueprint, Success, operation
from app.web.representations import book_in, format_of_extension, formats_of_one
from app.web.state import reading, reading_for
from app.web.streaming import streamed

if TYPE_CHECKING:
    from flask import Response

WRITTEN = {name: form for name, form in FORMATS.items() if form.write is not None}
DOCUMENTS = "json"
"""The end of an address that means the document itself, whatever other format has that extension."""
OWN = "jsonl"
"""The service's own format, which loses nothing."""

exports = Blueprint(
    "exports",
    __name__,
    tag={"name": "Exports", "description": "Take books out, in the formats of other programs."},
)


def _known(name: str) -> str:
    if name not in WRITTEN:
        msg = f"must be one of {', '.join(WRITTEN)}"
        raise ValueError(msg)
    return name


def _formats(schema: dict[str, Any]) -> None:
    schema["enum"] = list(WRITTEN)
    add_names_of_constants(schema)


ExportFormat = TypeAliasType(
    "ExportFormat",
    Annotated[
        str,
        AfterValidator(_known),
        Field(description="`jsonl` loses nothing.", json_schema_extra=_formats),
    ],
)


def _of_the_whole_catalogue(authors: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  (a validator)
    """Reject authors in a format that has none, or beside some of the books only."""
    if authors and info.data.get("format", OWN) != OWN:
        msg = f"needs the format {OWN}"
        raise ValueError(msg)
    if authors and any(info.data.get(name, MISSING) is not MISSING for name in BookSearch.model_fields):
        msg = "cannot be combined with filters"
        raise ValueError(msg)
    return authors


class ExportQuery(BookSearch):
    """Which books go out, and how."""

    format: Annotated[ExportFormat, Field(description="The format of the file.")] = OWN
    authors: Annotated[
        Flag,
        AfterValidator(_of_the_whole_catalogue),
        Field(
            description="`true`: the whole catalogue, first a line for each author, as `GET /authors/{id}` shows it, "
            "then the books. Only as `jsonl`, and without filters."
        ),
    ] = False


@exports.get("/export")
@operation(
    "exportBooks",
    Success(
        None,
        "The books.",
        DOWNLOAD,
        media_types=[form.media_type for form in WRITTEN.values()],
        is_stream=True,
    ),
    query=ExportQuery,
    errors=[TooManyExports],
)
def export_books(query: ExportQuery) -> Response:
    """Export all books that match, by id; or the whole catalogue, with its authors.

    The connection is cut if the export fails midway. Books that are changed meanwhile are exported once.
    """
    form, reading = WRITTEN[query.format], reading_for(Kind.BOOK_LISTS)
    authors = exported_authors(reading, form) if query.authors else ()
    return streamed(chain(authors, exported(reading, query, form)), form.media_type, f"books.{form.extension}")


@exports.get("/books/<id:book_id>.<extension:extension>")
@operation(
    "getBookAs",
    Success(BookReply, "The book.", media_types=[*formats_of_one()]),
    errors=[BookNotFound, BookDeleted],
)
def get_book_as(book_id: int, extension: str) -> Response:
    """Get one book in the format that the address ends in, such as `.json`.

    `GET /books/{id}` has the same by `Accept`.
    """
    form = None if extension == DOCUMENTS else format_of_extension(extension)
    if form is None and extension != DOCUMENTS:
        raise PathNotFound
    with reading(Kind.BOOKS) as connection:
        return book_in(form, BookReader(connection).find(book_id))
