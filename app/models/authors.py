"""Who wrote the books."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.models.base import Record
from app.schemas.authors import AuthorReply
from app.text import name_key


class Author(Record):
    """A person. `name_key` is what imports find the person by; two persons may share a name."""

    __tablename__ = "authors"
    __table_args__ = ({"sqlite_autoincrement": True},)
    reply: ClassVar = AuthorReply

    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(index=True)
    bio: Mapped[str | None]
    country: Mapped[str | None] = mapped_column(String(100))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)

    @validates("name")
    def _keep_key(self, _attribute: str, name: str) -> str:
        self.name_key = name_key(name)
        return name
