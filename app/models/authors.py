"""Authors and other contributors."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.db.types import JsonList, SortKey
from app.domain.names import name_key
from app.domain.sort_keys import person_key
from app.domain.sort_names import sort_name_of
from app.models.base import Base, Record
from app.schemas.authors import AuthorReply


class Author(Record):
    """A person. Imports match by `name_key`, lists are sorted by `sort_key`. Names need not be unique."""

    __tablename__ = "authors"
    __table_args__ = (
        CheckConstraint("birth_year >= -5000 AND birth_year <= 9999", name="birth_year"),
        CheckConstraint("death_year >= -5000 AND death_year <= 9999", name="death_year"),
        Index(None, "sort_key", "id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "created_by", "id"),
        {"sqlite_autoincrement": True},
    )
    reply: ClassVar = AuthorReply

    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(Text, index=True)
    sort_name: Mapped[str] = mapped_column(String(255))
    sort_key: Mapped[str] = mapped_column(SortKey)
    bio: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(100))
    birth_year: Mapped[int | None] = mapped_column(Integer)
    death_year: Mapped[int | None] = mapped_column(Integer)
    aliases: Mapped[list[str]] = mapped_column(JsonList, nullable=True)
    identifiers: Mapped[list[dict[str, str]]] = mapped_column(JsonList, nullable=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    def write_document(self) -> None:
        """Update the document from the record."""
        self.aliases, self.identifiers = self.aliases or [], self.identifiers or []
        super().write_document()

    @validates("name", "sort_name")
    def _keep_keys(self, attribute: str, text: str) -> str:
        if attribute == "name":
            self.name_key = name_key(text)
            self.sort_name = self.sort_name or sort_name_of(text)
        else:
            self.sort_key = person_key(text)
        return text


class AuthorAlias(Base):
    """The key of another name of an author, by which the author is found. The names are in the author's own list."""

    __tablename__ = "author_aliases"
    __table_args__ = (Index(None, "name_key", "author_id"),)

    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True)
    name_key: Mapped[str] = mapped_column(Text, primary_key=True)
