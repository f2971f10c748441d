"""The rules about webhooks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import func, select, update

from app.errors import DeliveryNotFound, TooManyWebhooks, WebhookDisabled, WebhookNotFound
from app.events.feed_publisher import publish
from app.events.webhooks.feed_positions import last_position, position_before
from app.events.webhooks.messages import TEST, test_body
from app.events.webhooks.signatures import new_secret
from app.models import Webhook, WebhookDelivery
from app.services.read_only import require_as_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.schemas.webhooks import WebhookChange, WebhookCreate
    from app.security.sealing import Sealer

MOST_WEBHOOKS = 50
FORMER_SECRET_FOR = timedelta(hours=24)
"""How long messages are also signed with the secret before the last."""
LONGEST_TRANSACTION = timedelta(hours=1)
"""A change appears in the feed so much after its time at most: an import takes minutes."""


class WebhookService:
    """Creates, changes and deletes webhooks, and has messages sent again.

    Args:
        db: in a transaction with the lock of `app.services.accounts.users.lock_admins`.
        sealer: encrypts the secrets.
    """

    def __init__(self, db: Session, sealer: Sealer) -> None:
        self.db, self.sealer = db, sealer

    def get(self, webhook_id: int) -> Webhook:
        """A webhook, locked.

        Raises:
            WebhookNotFound: there is none with that id.
        """
        webhook = self.db.scalar(select(Webhook).where(Webhook.id == webhook_id).with_for_update())
        if webhook is None:
            raise WebhookNotFound
        return webhook

    def create(self, data: WebhookCreate, admin_id: int) -> tuple[Webhook, str]:
        """Add a webhook, which is notified of all changes from now on.

        Returns: the webhook, and its secret.

        Raises:
            TooManyWebhooks: there are as many as there may be.
        """
        if (self.db.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST_WEBHOOKS:
            raise TooManyWebhooks
        secret, now, connection = new_secret(), datetime.now(UTC), self.db.connection()
        publish(connection)  # what is committed already is not reported
        webhook = Webhook(
            url=data.url,
            events=_stored(data.events),
            description=data.description,
            secret=self.sealer.seal(secret),
            enabled=True,
            position=last_position(connection),
            created_at=now,
            updated_at=now,
            created_by=admin_id,
        )
        self.db.add(webhook)
        self.db.flush()
        return webhook, secret

    def change(self, webhook: Webhook, data: WebhookChange) -> None:
        """Change a webhook. If it is enabled, pending deliveries become due.

        Raises:
            InvalidRequest: a read-only field differs from the webhook.
        """
        require_as_read(webhook, data)
        before = (webhook.url, webhook.events, webhook.description, webhook.enabled)
        if data.url is not MISSING:
            webhook.url = data.url
        if data.events is not MISSING:
            webhook.events = _stored(data.events)
        if data.description is not MISSING:
            webhook.description = data.description
        if data.enabled is not MISSING and data.enabled != webhook.enabled:
            webhook.enabled = data.enabled
            webhook.disabled_reason = None if data.enabled else "admin"
            if data.enabled:
                webhook.failing_since = webhook.paused_until = None
                pending = (WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.next_attempt_at.is_not(None))
                self.db.execute(update(WebhookDelivery).where(*pending).values(next_attempt_at=datetime.now(UTC)))
        if (webhook.url, webhook.events, webhook.description, webhook.enabled) != before:
            webhook.updated_at = datetime.now(UTC)
        self.db.flush()

    def rotate(self, webhook: Webhook) -> str:
        """Give a webhook a new secret; for a day, messages are signed with both. Returns: the new secret."""
        secret, now = new_secret(), datetime.now(UTC)
        webhook.former_secret, webhook.former_secret_until = webhook.secret, now + FORMER_SECRET_FOR
        webhook.secret, webhook.updated_at = self.sealer.seal(secret), now
        self.db.flush()
        return secret

    def delete(self, webhook: Webhook) -> None:
        """Delete a webhook and its deliveries."""
        self.db.delete(webhook)
        self.db.flush()

    def send_test(self, webhook: Webhook) -> WebhookDelivery:
        """Have a message sent that is only a test.

        Raises:
            WebhookDisabled: nothing is sent to the webhook.
        """
        _require_enabled(webhook)
        now = datetime.now(UTC)
        delivery = WebhookDelivery(
            webhook_id=webhook.id,
            message_id=f"test_{token_hex(8)}_{webhook.id}",
            type=TEST,
            body=test_body(webhook.id, now),
            status="pending",
            attempts=0,
            next_attempt_at=now,
            created_at=now,
        )
        self.db.add(delivery)
        self.db.flush()
        return delivery

    def redeliver(self, webhook: Webhook, delivery_id: int) -> WebhookDelivery:
        """Have a message sent again, under its id.

        Raises:
            DeliveryNotFound: the webhook has no delivery with that id.
            WebhookDisabled: nothing is sent to the webhook.
        """
        one = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.id == delivery_id)
        delivery = self.db.scalar(one.with_for_update())
        if delivery is None:
            raise DeliveryNotFound
        _require_enabled(webhook)
        delivery.status, delivery.next_attempt_at = "pending", datetime.now(UTC)
        delivery.step, delivery.hurried = 0, False
        self.db.flush()
        return delivery

    def replay(self, webhook: Webhook, since: datetime, until: datetime | None) -> None:
        """Have the changes of a time sent again. A replay that is under way is extended, also by what is between.

        Args:
            webhook: the webhook, locked.
            since: the beginning.
            until: the end, itself excluded; None: now.

        Raises:
            WebhookDisabled: nothing is sent to the webhook.
        """
        _require_enabled(webhook)
        connection = self.db.connection()
        until = until or datetime.now(UTC)
        begin = position_before(connection, _shifted(since, -LONGEST_TRANSACTION))
        end = position_before(connection, _shifted(until, LONGEST_TRANSACTION))
        if webhook.replay_position is not None:
            begin, end = min(begin, webhook.replay_position), max(end, webhook.replay_until_position or 0)
            since, until = min(since, webhook.replay_since or since), max(until, webhook.replay_until or until)
        webhook.replay_position, webhook.replay_until_position = begin, end
        webhook.replay_since, webhook.replay_until = since, until
        self.db.flush()


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """A time moved, or the first or last time that there is."""
    try:
        return moment + by
    except OverflowError:
        return moment


def _stored(events: Sequence[str] | None) -> str | None:
    return None if events is None else " ".join(events)


def _require_enabled(webhook: Webhook) -> None:
    if not webhook.enabled:
        raise WebhookDisabled
