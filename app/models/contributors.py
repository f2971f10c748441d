"""Contributors of books."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.authors import Author
from app.models.base import Base


class Contributor(Base):
    """A contribution to a book, at its position in the book's list. The role is a MARC relator code."""

    __tablename__ = "book_contributors"
    __table_args__ = (
        Index(None, "author_id", "book_id"),
        Index(None, "author_id", "role", "book_id"),
        Index(None, "role", "book_id"),
    )

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(3), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)

    author: Mapped[Author] = relationship(lazy="joined", innerjoin=True)

    @property
    def name(self) -> str:
        """The person's current name."""
        return self.author.name
