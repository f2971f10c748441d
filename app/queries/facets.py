"""Reads of genres and languages, with the number of books of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.domain.sort_keys import RULE
from app.models import Book, BookGenre, Genre
from app.queries import keyset
from app.queries.keyset import Order, slice_of_rows
from app.schemas.facets import FacetReply

if TYPE_CHECKING:
    from sqlalchemy import Connection, FromClause, Label, Row, Select

    from app.queries.keyset import Page, SortValues
    from app.schemas.pages import PageQuery


def _books(links: Select[Any], outer: FromClause) -> Label[int]:
    """The number of books, capped as in lists."""
    some = links.correlate(outer).limit(keyset.MOST_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery().label("books")


BY_NAME = Order((Genre.filter_key, Genre.id), rule=RULE)


class FacetReader:
    """Reads pages of genres and languages."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def genres(self, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of genres by name, ignoring case and accents. One that has just lost its last book may be included."""
        of_genre = select(BookGenre.book_id).where(BookGenre.genre_id == Genre.id)
        query = select(Genre.filter_key, Genre.id, Genre.name, _books(of_genre, Genre.__table__))
        return slice_of_rows(self.connection, query, BY_NAME, wanted, after, _facet)

    def languages(self, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of the languages of books, by tag: one index step per language, regardless of its number of books."""
        least = select(func.min(Book.language).label("tag"))
        tags = least.cte("tags", recursive=True)
        following = least.where(Book.language > tags.c.tag).scalar_subquery()
        tags = tags.union_all(select(following).where(tags.c.tag.is_not(None)))
        of_tag = select(Book.id).where(Book.language == tags.c.tag)
        by_tag = select(tags.c.tag, _books(of_tag, tags)).where(tags.c.tag.is_not(None))
        return slice_of_rows(self.connection, by_tag, Order((tags.c.tag,)), wanted, after, _facet)


def _facet(row: Row[Any]) -> str:
    *_key, name, books = tuple(row)
    return FacetReply(name=name, books=books).model_dump_json()
