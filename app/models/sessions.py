"""Sign-ins that last."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId
from app.models.base import Base

LARGEST = 2**53 - 1
"""What all readers of JSON agree on (RFC 8259, section 6)."""


def _drawn() -> int:
    return secrets.randbelow(LARGEST) + 1


class UserSession(Base):
    """A sign-in. While the row is there, and has not expired, its tokens are good; whatever ends it deletes it.

    The id is drawn, not counted: a database that was set back must not give a session the id that stands in the tokens
    of another.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False, default=_drawn)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    user_agent: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RefreshToken(Base):
    """A refresh token by its digest: the one that is good, and those that were spent, by which a thief is known."""

    __tablename__ = "refresh_tokens"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    issued_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
