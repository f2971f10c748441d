"""Leases of deliveries: which deliverer attempts which, so that any number of deliverers share the work.

A lease ends at a time, so what a deliverer had leased when it died is attempted again, under the same `webhook-id`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists, or_, select, update

from app.models import Webhook, WebhookDelivery

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.orm import Session

LEASE = timedelta(seconds=90)
"""An attempt takes 15 seconds, a name server that does not answer as long again; clocks of machines may differ."""


class Lease(NamedTuple):
    """A delivery that this deliverer attempts."""

    id: int
    until: datetime
    webhook_id: int
    message_id: str
    body: str
    url: str
    sealed: tuple[str, ...]
    """The secrets that sign it, sealed: the current one, and the former one for a day."""


def webhooks_with_due(connection: Connection, now: datetime) -> list[int]:
    """The webhooks with deliveries that are due, and that no deliverer has leased."""
    due = exists().where(WebhookDelivery.webhook_id == Webhook.id, *_due(now))
    query = select(Webhook.id).where(*_may_be_called(now), due)
    return list(connection.scalars(query.order_by(Webhook.id)))


def take_leases(db: Session, webhook_id: int, most: int, now: datetime) -> list[Lease]:
    """Lease deliveries of a webhook that are due, the oldest first.

    Args:
        db: in a transaction; the leases are taken when it is committed.
        webhook_id: the webhook.
        most: how many.
        now: the time.
    """
    webhook = db.scalar(select(Webhook).where(Webhook.id == webhook_id, *_may_be_called(now)))
    if webhook is None:
        return []
    due = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id, *_due(now))
    in_order = due.order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id).limit(most)
    until = now + LEASE
    secrets = [webhook.secret]
    if webhook.former_secret and webhook.former_secret_until and webhook.former_secret_until > now:
        secrets.append(webhook.former_secret)
    leases = []
    for delivery in db.scalars(in_order.with_for_update(skip_locked=True)):
        delivery.leased_until = until
        leases.append(
            Lease(delivery.id, until, webhook_id, delivery.message_id, delivery.body, webhook.url, tuple(secrets))
        )
    return leases


def return_leases(db: Session, leases: list[Lease]) -> None:
    """Give leases back that were not used."""
    for lease in leases:
        db.execute(update(WebhookDelivery).where(*still_leased(lease)).values(leased_until=None))


def still_leased(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    """The condition that a lease was not taken over by another deliverer, after it had ended."""
    return WebhookDelivery.id == lease.id, WebhookDelivery.leased_until == lease.until


def _may_be_called(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Webhook.enabled.is_(True), or_(Webhook.paused_until.is_(None), Webhook.paused_until <= now)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(WebhookDelivery.leased_until.is_(None), WebhookDelivery.leased_until <= now)
    return WebhookDelivery.next_attempt_at <= now, free
