"""The books themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Record
from app.models.genres import BookGenre
from app.schemas.books import EARLIEST_YEAR, BookReply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.models.genres import Genre


class Book(Record):
    """An edition. The ISBN is thirteen digits, checked before it comes here."""

    __tablename__ = "books"
    __table_args__ = (
        CheckConstraint(f"published_year >= {EARLIEST_YEAR} AND published_year <= 9999", name="published_year"),
        Index(None, "author_id", "id"),
        {"sqlite_autoincrement": True},
    )
    reply: ClassVar = BookReply

    title: Mapped[str] = mapped_column(String(500))
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)
    published_year: Mapped[int | None] = mapped_column(Integer)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)

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
        """Put the book into these genres, in this order, and into no others."""
        links = {link.genre.id: link for link in self.genre_links}
        self.genre_links = [links.get(genre.id) or BookGenre(genre=genre) for genre in genres]
        self.genre_links.reorder()  # type: ignore[attr-defined]  # ordering_list's own method
