"""Endpoints of genres and languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.db.bulkheads import Kind
from app.queries.facets import FacetReader
from app.schemas.facets import FacetReply
from app.schemas.pages import PageQuery
from app.web.links import start_key
from app.web.operations import Blueprint, Success, operation
from app.web.replies import many
from app.web.state import reading

if TYPE_CHECKING:
    from flask import Response

facets = Blueprint(
    "facets",
    __name__,
    tag={
        "name": "Genres and languages",
        "description": "The genres and languages of the catalogue with their numbers of books, for menus and filters.",
    },
)


@facets.get("/genres")
@operation("listGenres", Success(list[FacetReply], "A page of genres."), query=PageQuery)
def list_genres(query: PageQuery) -> Response:
    """List the genres by name (ignoring case and accents), with the number of books of each.

    Each can be used as the `genre` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).genres(query, after))


@facets.get("/languages")
@operation("listLanguages", Success(list[FacetReply], "A page of languages."), query=PageQuery)
def list_languages(query: PageQuery) -> Response:
    """List the languages by tag, with the number of books of each.

    Each can be used as the `language` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).languages(query, after))
