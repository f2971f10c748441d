"""Genres and languages, with how many books each has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.models import Book, BookGenre, Genre
from app.schemas.facets import FacetReply
from app.services.slices import Order, slice_of_rows
from app.sortkey import RULE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from app.pagination import Key, Page
    from app.schemas.pages import PageQuery

BOOKS_OF_GENRE = (
    select(func.count()).where(BookGenre.genre_id == Genre.id).correlate(Genre).scalar_subquery().label("books")
)
BY_NAME = Order((Genre.filter_key, Genre.id), rule=RULE)


class FacetReader:
    """Names, in their order, a page at a time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def genres(self, wanted: PageQuery, after: Key | None) -> Page:
        """The genres, by name, accents and capitals aside. One without books is still one."""
        query = select(Genre.filter_key, Genre.id, Genre.name, BOOKS_OF_GENRE)
        return slice_of_rows(self.connection, query, BY_NAME, wanted, after, _facet)

    def languages(self, wanted: PageQuery, after: Key | None) -> Page:
        """The languages that books are in, by tag."""
        query = select(Book.language, func.count().label("books")).where(Book.language.is_not(None))
        by_tag = query.group_by(Book.language)
        return slice_of_rows(self.connection, by_tag, Order((Book.language,)), wanted, after, _facet)


def _facet(row: Row[Any]) -> str:
    *_key, name, books = tuple(row)
    return FacetReply(name=name, books=books).model_dump_json()
