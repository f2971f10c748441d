"""Books."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Integer, String, Text, func, literal_column, text
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.db.types import JsonList, SortKey, Tag
from app.domain.sort_keys import filter_key, sort_key
from app.domain.sort_titles import sort_title_of
from app.models.base import Record
from app.models.contributors import Contributor
from app.models.genres import BookGenre
from app.schemas.books import BookReply
from app.schemas.fields import EARLIEST_YEAR, MOST_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.models.authors import Author
    from app.models.genres import Genre

_remembered_key = lru_cache(maxsize=2_048)(filter_key)
KEYS = {
    "title_key": ("sort_title", sort_key),
    "publisher_key": ("publisher", _remembered_key),
    "series_key": ("series", _remembered_key),
}
"""The columns that are derived: from which one, and how."""
NO_YEAR = 100_000
"""The sort value of a book without a year, which makes it last in both directions."""
NO_PLACE = 10_000_000
"""The same of a book without a position in its series."""

PLACES = {
    "forth": f"coalesce(series_position, {NO_PLACE})",
    "back": f"coalesce(-series_position, {NO_PLACE})",
}
IN_SERIES: dict[str, Any] = dict.fromkeys(("postgresql_where", "sqlite_where"), text("series_key IS NOT NULL"))
"""Most books are in no series: these indexes leave them out."""


class Book(Record):
    """An edition. The ISBN has thirteen digits and is validated by the schemas.

    Lists are sorted by `title_key`; filters compare `publisher_key` and `series_key`.
    """

    __tablename__ = "books"
    __table_args__ = (
        CheckConstraint(f"published_year >= {EARLIEST_YEAR} AND published_year <= 9999", name="published_year"),
        CheckConstraint(f"pages >= 1 AND pages <= {MOST_PAGES}", name="pages"),
        Index(None, "author_id", "id"),
        Index(None, "title_key", "id"),
        Index("ix_books_year_id", text(f"coalesce(published_year, {NO_YEAR})"), "id"),
        Index("ix_books_year_back_id", text(f"coalesce(-published_year, {NO_YEAR})"), "id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "language", "id"),
        Index(None, "language", "title_key", "id"),
        Index(None, "publisher_key", "id"),
        Index(None, "series_key", "id"),
        Index("ix_books_series_place_id", "series_key", text(PLACES["forth"]), "id", **IN_SERIES),
        Index("ix_books_series_place_back_id", "series_key", text(PLACES["back"]), "id", **IN_SERIES),
        Index(None, "created_by", "id"),
        {"sqlite_autoincrement": True},
    )
    reply: ClassVar = BookReply

    title: Mapped[str] = mapped_column(String(500))
    title_key: Mapped[str] = mapped_column(SortKey)
    subtitle: Mapped[str | None] = mapped_column(String(500))
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)
    published_year: Mapped[int | None] = mapped_column(Integer)
    language: Mapped[str | None] = mapped_column(Tag)
    publisher: Mapped[str | None] = mapped_column(String(255))
    publisher_key: Mapped[str | None] = mapped_column(SortKey)
    description: Mapped[str | None] = mapped_column(Text)
    pages: Mapped[int | None] = mapped_column(Integer)
    series: Mapped[str | None] = mapped_column(String(500))
    series_key: Mapped[str | None] = mapped_column(SortKey)
    series_position: Mapped[float | None] = mapped_column(Double)
    cover_url: Mapped[str | None] = mapped_column(Text)
    sort_title: Mapped[str] = mapped_column(String(500), nullable=True)
    published: Mapped[str | None] = mapped_column(String(11))
    identifiers: Mapped[list[dict[str, str]]] = mapped_column(JsonList, nullable=True)
    links: Mapped[list[dict[str, str | None]]] = mapped_column(JsonList, nullable=True)
    call_number: Mapped[str | None] = mapped_column(String(255))
    location: Mapped[str | None] = mapped_column(String(255))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    contributors: Mapped[list[Contributor]] = relationship(
        order_by=Contributor.position,
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )
    genre_links: Mapped[list[BookGenre]] = relationship(
        order_by=BookGenre.position,
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )

    @property
    def genres(self) -> list[str]:
        """The names of the genres, in order."""
        return [link.genre.name for link in self.genre_links]

    def set_genres(self, genres: Iterable[Genre]) -> None:
        """Replace the genres of the book by these, in this order."""
        links = {link.genre.id: link for link in self.genre_links}
        self.genre_links = [links.get(genre.id) or BookGenre(genre=genre) for genre in genres]
        self.genre_links.reorder()  # type: ignore[attr-defined]  # ordering_list's own method

    def set_contributors(self, parts: Iterable[tuple[Author, str]]) -> None:
        """Replace the contributors by these persons and roles, in this order."""
        existing = {(part.author_id, part.role): part for part in self.contributors}
        self.contributors = [
            existing.get((author.id, role)) or Contributor(author=author, author_id=author.id, role=role)
            for author, role in parts
        ]
        self.contributors.reorder()  # type: ignore[attr-defined]  # likewise

    def write_document(self) -> None:
        """Update the document from the record."""
        self.sort_title = self.sort_title or sort_title_of(self.title, self.language)
        self.identifiers, self.links = self.identifiers or [], self.links or []
        super().write_document()

    @validates("sort_title", "publisher", "series")
    def _keep_key(self, attribute: str, text: str | None) -> str | None:
        for name, (source, key_of) in KEYS.items():
            if source == attribute:
                setattr(self, name, None if text is None else key_of(text))
        return text


YEAR = func.coalesce(Book.published_year, literal_column(str(NO_YEAR)))
YEAR_BACK = func.coalesce(-Book.published_year, literal_column(str(NO_YEAR)))
PLACE = func.coalesce(Book.series_position, literal_column(str(NO_PLACE)))
PLACE_BACK = func.coalesce(-Book.series_position, literal_column(str(NO_PLACE)))
