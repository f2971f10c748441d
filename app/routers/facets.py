"""Endpoints of genres and languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint

from app.db.bulkheads import Kind
from app.errors import InvalidCursor
from app.queries.facets import FacetReader
from app.schemas.facets import FacetReply
from app.schemas.pages import PageQuery
from app.web.links import start_key
from app.web.openapi import PAGE, problems, with_headers
from app.web.replies import many
from app.web.state import reading

if TYPE_CHECKING:
    from flask import Response

facets = APIBlueprint(
    "facets",
    __name__,
    tag={
        "name": "Genres and languages",
        "description": "The genres and languages of the catalogue with their numbers of books, for menus and filters.",
    },
)


@facets.get("/genres")
@facets.input(PageQuery, location="query")
@facets.output(list[FacetReply], description="A page of genres.")  # type: ignore[arg-type]  # APIFlask takes lists
@facets.doc(operation_id="listGenres", responses=with_headers(PAGE) | problems(InvalidCursor))
def list_genres(query_data: PageQuery) -> Response:
    """List the genres by name (ignoring case and accents), with the number of books of each.

    Each can be used as the `genre` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).genres(query_data, after))


@facets.get("/languages")
@facets.input(PageQuery, location="query")
@facets.output(list[FacetReply], description="A page of languages.")  # type: ignore[arg-type]  # APIFlask takes lists
@facets.doc(operation_id="listLanguages", responses=with_headers(PAGE) | problems(InvalidCursor))
def list_languages(query_data: PageQuery) -> Response:
    """List the languages by tag, with the number of books of each.

    Each can be used as the `language` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).languages(query_data, after))
