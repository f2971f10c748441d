"""Identities at an OpenID provider, and the codes by which a sign-in there is completed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Identity, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId
from app.models.base import Base


class LinkedIdentity(Base):
    """An identity with which a user may sign in. It belongs to one user; only issuer and subject together name it."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


class SignInCode(Base):
    """A code that proves a sign-in at the provider, stored as a digest. It is for one use, and valid for minutes.

    `challenge` binds it to the client that began the sign-in (RFC 7636).
    """

    __tablename__ = "sign_in_codes"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    username: Mapped[str | None] = mapped_column(String(255))
    challenge: Mapped[str | None] = mapped_column(String(43))
    expires_at: Mapped[datetime] = mapped_column(index=True)
