"""Identifiers of books in other catalogues."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class BookIdentifier(Base):
    """An identifier of a book, by which it is found. Their order is in the book's own list."""

    __tablename__ = "book_identifiers"
    __table_args__ = (Index(None, "type", "value", "book_id"),)

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    type: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(255), primary_key=True)
