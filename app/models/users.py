"""Who may sign in."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Identity, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.models.base import Base
from app.models.types import BigId
from app.text import name_key


class User(Base):
    """An account. `username_key` is the name without its capitals: it makes two names one."""

    __tablename__ = "users"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    username_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))

    @validates("username")
    def _keep_key(self, _attribute: str, username: str) -> str:
        self.username_key = name_key(username)
        return username
