"""Sessions and their refresh tokens."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId
from app.models.base import Base

LARGEST = 2**53 - 1
"""The largest integer that is interoperable in JSON (RFC 8259, section 6)."""


def _drawn() -> int:
    return secrets.randbelow(LARGEST) + 1


class UserSession(Base):
    """A session of a user. Its tokens are valid while the row exists and has not expired; ending a session deletes it.

    The id is random, not a sequence: a database restored from a backup must not give a new session an id that is in the
    tokens of another. `confirmed_at` is when the user last gave the password or a code in it.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False, default=_drawn)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    user_agent: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]


class RefreshToken(Base):
    """A refresh token, stored as a digest: the current one, and used ones, whose reuse reveals theft."""

    __tablename__ = "refresh_tokens"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    issued_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
