"""Genres."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Identity, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.db.types import BigId, SortKey
from app.domain.names import name_key
from app.domain.sort_keys import filter_key
from app.models.base import Base


class Genre(Base):
    """A genre, in the spelling that was used first.

    Spellings with the same `name_key` are one genre. Filters compare `filter_key`, and the list is sorted by it; genres
    whose names differ only in accents or marks share it.
    """

    __tablename__ = "genres"
    __table_args__ = (Index(None, "filter_key", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(unique=True)
    filter_key: Mapped[str] = mapped_column(SortKey)

    @validates("name")
    def _keep_keys(self, _attribute: str, name: str) -> str:
        self.name_key, self.filter_key = name_key(name), filter_key(name)
        return name


class BookGenre(Base):
    """A genre of a book, at its position in the book's list."""

    __tablename__ = "book_genres"
    __table_args__ = (Index(None, "genre_id", "book_id"),)

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    genre_id: Mapped[int] = mapped_column(ForeignKey("genres.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)

    genre: Mapped[Genre] = relationship(lazy="joined", innerjoin=True)
