"""Genres and languages, with how many books each has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.models import Book, BookGenre, Genre
from app.pagination import Page
from app.schemas.facets import GenreReply, LanguageReply
from app.services.slices import Order, count, page_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from app.pagination import Key
    from app.schemas.pages import PageQuery

BOOKS_OF_GENRE = (
    select(func.count()).where(BookGenre.genre_id == Genre.id).correlate(Genre).scalar_subquery().label("books")
)


class FacetReader:
    """Names, in their order, a page at a time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def genres(self, wanted: PageQuery, after: Key | None) -> Page:
        """The genres, by name whatever the capitals. One without books is still one."""
        query = select(Genre.name_key, Genre.name, BOOKS_OF_GENRE)
        return self._page(query, Order((Genre.name_key,)), GenreReply, wanted, after)

    def languages(self, wanted: PageQuery, after: Key | None) -> Page:
        """The languages that books are in, by tag."""
        query = select(Book.language, Book.language, func.count()).where(Book.language.is_not(None))
        return self._page(query.group_by(Book.language), Order((Book.language,)), LanguageReply, wanted, after)

    def _page(
        self,
        query: Select[*tuple[Any, ...]],
        order: Order,
        reply: type[GenreReply | LanguageReply],
        wanted: PageQuery,
        after: Key | None,
    ) -> Page:
        total = count(self.connection, query) if wanted.count == "exact" else None
        if after is not None:
            query = query.where(order.beyond(after))
        rows = self.connection.execute(query.order_by(*order.sorted()).limit(wanted.limit + 1)).all()
        page = page_of(
            [(key, reply(name=name, books=books).model_dump_json()) for key, name, books in rows], wanted.limit
        )
        return Page(page.documents, page.after, total)
