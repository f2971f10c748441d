"""Webhooks: where changes of the catalogue are reported to, and each delivery of one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId
from app.models.base import Base


class Webhook(Base):
    """An endpoint that is notified of changes, and how far in the feed it was notified.

    Changes up to `position` have deliveries, and those after it have none yet, so none is lost if a deliverer dies
    (decision 31). A replay has a cursor of its own, up to `replay_until_position`, and is of the changes between two
    times; all four columns are null while there is none.
    """

    __tablename__ = "webhooks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(String(255))
    events: Mapped[str | None] = mapped_column(Text)
    """Types of events, separated by spaces; null: all, also those that later versions add."""
    secret: Mapped[str] = mapped_column(Text)
    """Sealed (`app.security.sealing`)."""
    former_secret: Mapped[str | None] = mapped_column(Text)
    former_secret_until: Mapped[datetime | None]
    enabled: Mapped[bool]
    disabled_reason: Mapped[str | None] = mapped_column(String(10))
    """`admin`, `gone` or `failing`; null while it is enabled."""
    failing_since: Mapped[datetime | None]
    """The first failed attempt since the last that succeeded."""
    paused_until: Mapped[datetime | None]
    """When the endpoint may be called again after it requested a pause (429, `Retry-After`)."""
    position: Mapped[int]
    replay_position: Mapped[int | None]
    replay_until_position: Mapped[int | None]
    replay_since: Mapped[datetime | None]
    replay_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[int | None]

    @property
    def replaying(self) -> bool:
        """Whether a replay is under way."""
        return self.replay_position is not None


class WebhookDelivery(Base):
    """A message to an endpoint, and what became of the attempts to deliver it.

    Args:
        leased_until: until then, a deliverer attempts it. The time also identifies the lease.
        step: the attempts of the schedule that were made; `attempts` counts those before a redelivery as well.
        hurried: whether the next attempt was moved forward, since the endpoint works again.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("uq_webhook_deliveries_webhook_id_message_id", "webhook_id", "message_id", unique=True),
        Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),
        Index(
            "ix_webhook_deliveries_pending",
            "webhook_id",
            "next_attempt_at",
            "id",
            postgresql_where=text("next_attempt_at IS NOT NULL"),
            sqlite_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index("ix_webhook_deliveries_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(30))
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    """`pending`, `delivered` or `failed`."""
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    step: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    hurried: Mapped[bool] = mapped_column(server_default=false())
    next_attempt_at: Mapped[datetime | None]
    """Null once it was delivered, or has failed for good."""
    leased_until: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    response_status: Mapped[int | None] = mapped_column(Integer)
    response_body: Mapped[str | None] = mapped_column(String(1024))
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
