"""How long deliveries that are done are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app.models import WebhookDelivery

if TYPE_CHECKING:
    from app.database import Database

KEPT_FOR = timedelta(days=30)
AT_ONCE = 1_000


def delete_old(database: Database, now: datetime) -> int:
    """Delete deliveries that were created more than 30 days ago and are not pending. Returns: how many."""
    old = (WebhookDelivery.created_at < now - KEPT_FOR, WebhookDelivery.next_attempt_at.is_(None))
    some = select(WebhookDelivery.id).where(*old).order_by(WebhookDelivery.created_at).limit(AT_ONCE)
    deleted = 0
    while True:
        with database.reading() as connection:
            ids = connection.scalars(some).all()
        if not ids:
            return deleted
        with database.transaction() as db:
            db.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(ids), *old))
        deleted += len(ids)
