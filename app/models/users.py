"""Users."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.db.types import BigId
from app.domain.lookalikes import shapes
from app.domain.names import name_key
from app.models.base import Base
from app.security.roles import MEMBER


class User(Base):
    """An account. `username_key`, the name ignoring case, is unique.

    When an account is deleted but records refer to its id, a row with that id remains, without a name and with nothing
    else about the person; `UserService` and the readers treat it like a missing one.

    `shape_shown` and `shape_folded` are the shapes of the name. They are not unique: existing names may look alike.

    `reset_hash` is the digest of a password reset that has been issued and not used yet, `reset_issued_by` the id of
    the admin who issued it.

    `totp_secret` is the encrypted secret of the second factor, which is on since `second_factor_since`; while that is
    None, the user has begun to add it. `totp_last_step` is the time step of the last code that was used.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('member', 'admin')", name="role"),
        CheckConstraint("username IS NOT NULL OR role = 'member' AND disabled_at IS NOT NULL", name="deleted"),
        Index(None, "reset_hash", unique=True),
        Index(None, "shape_shown"),
        Index(None, "shape_folded"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), nullable=True)
    username_key: Mapped[str] = mapped_column(unique=True, nullable=True)
    shape_shown: Mapped[str | None]
    shape_folded: Mapped[str | None]
    password_hash: Mapped[str] = mapped_column(String(255), nullable=True)
    role: Mapped[str] = mapped_column(String(10), default=MEMBER)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    disabled_at: Mapped[datetime | None]
    reset_hash: Mapped[str | None] = mapped_column(String(64))
    reset_expires_at: Mapped[datetime | None]
    reset_issued_by: Mapped[int | None] = mapped_column(BigInteger)
    totp_secret: Mapped[str | None] = mapped_column(String(255))
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    second_factor_since: Mapped[datetime | None]

    @validates("username")
    def _keep_key(self, _attribute: str, username: str) -> str:
        self.username_key = name_key(username)
        self.shape_shown, self.shape_folded = shapes(username)
        return username
