"""The audit log as a table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId
from app.domain.audit_events import LONGEST_ADDRESS, LONGEST_REQUEST_ID
from app.models.base import Base


class AuditEvent(Base):
    """An event of the audit log: what happened to an account, who did it, and from where.

    No id is a foreign key: an event outlasts the user, the session and the key. `by_user` is the user who acted, if not
    `user_id` itself; `via` is the command of the operator's, or the way in which the user signed in. `facts` is a JSON
    object with what else the line of the log says.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "user_id", "at", "id"),
        Index(None, "by_user", "at", "id"),
        Index(None, "event", "at", "id"),
        Index(None, "address", "at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None]
    by_user: Mapped[int | None]
    via: Mapped[str | None] = mapped_column(String(20))
    session_id: Mapped[int | None]
    key_id: Mapped[int | None]
    address: Mapped[str | None] = mapped_column(String(LONGEST_ADDRESS))
    request_id: Mapped[str | None] = mapped_column(String(LONGEST_REQUEST_ID))
    facts: Mapped[str]
