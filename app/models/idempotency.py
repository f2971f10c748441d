"""Responses that are kept for retries of the requests that got them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base

LONGEST_KEY = 255
"""Characters, as at Stripe."""


class KeptResponse(Base):
    """The response to the first request with an `Idempotency-Key`, written in the transaction of the request's write.

    `fingerprint` is a digest of the request. `headers` are a JSON object, `body` is compressed (zlib).
    """

    __tablename__ = "idempotency_keys"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC), index=True)
