"""Reads of webhooks and of their deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import func, select

from app.errors import WebhookNotFound
from app.models import Webhook, WebhookDelivery
from app.queries.keyset import Order, slice_of_rows
from app.schemas.webhook_deliveries import DeliveryReply
from app.schemas.webhooks import WebhookReply

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.queries.keyset import Page, SortValues
    from app.schemas.pages import PageQuery
    from app.schemas.webhook_deliveries import DeliveryQuery

BY_ID = Order((Webhook.id,))
NEWEST_FIRST = Order((WebhookDelivery.id,), descending=True)
STATES = ("enabled", "failing", "admin", "gone", "failing for days")
WEBHOOKS = select(Webhook.__table__)
DELIVERIES = select(WebhookDelivery.__table__)


class WebhookReader:
    """Reads webhooks."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, webhook_id: int) -> str:
        """One webhook, as a document.

        Raises:
            WebhookNotFound: there is none with that id.
        """
        row = self.connection.execute(WEBHOOKS.where(Webhook.id == webhook_id)).first()
        if row is None:
            raise WebhookNotFound
        return document_of(row)

    def page(self, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of the webhooks, by id."""
        return slice_of_rows(self.connection, WEBHOOKS, BY_ID, wanted, after, document_of)

    def deliveries(self, webhook_id: int, wanted: DeliveryQuery, after: SortValues | None) -> Page:
        """A page of the deliveries of a webhook, the newest first.

        Raises:
            WebhookNotFound: there is no webhook with that id.
        """
        self.find(webhook_id)
        query = DELIVERIES.where(WebhookDelivery.webhook_id == webhook_id)
        if wanted.status is not MISSING:
            query = query.where(WebhookDelivery.status == wanted.status)
        return slice_of_rows(self.connection, query, NEWEST_FIRST, wanted, after, _delivery_document)


def count_webhooks(connection: Connection) -> dict[str, int]:
    """How many webhooks are in each state: `enabled`, `failing`, or why they are disabled."""
    counts = dict.fromkeys(STATES, 0)
    for webhook in connection.execute(select(Webhook.enabled, Webhook.disabled_reason, Webhook.failing_since)):
        if webhook.enabled:
            counts["enabled" if webhook.failing_since is None else "failing"] += 1
        else:
            counts["failing for days" if webhook.disabled_reason == "failing" else webhook.disabled_reason] += 1
    return counts


def count_pending(connection: Connection) -> int:
    """How many deliveries of enabled webhooks are pending."""
    query = select(func.count()).select_from(WebhookDelivery).join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
    return connection.scalar(query.where(WebhookDelivery.next_attempt_at.is_not(None), Webhook.enabled)) or 0


def document_of(webhook: Any) -> str:  # noqa: ANN401  (a row or a Webhook)
    """A webhook as a document, without its secrets."""
    fields = {name: getattr(webhook, name, None) for name in WebhookReply.model_fields}
    events = None if webhook.events is None else webhook.events.split()
    return WebhookReply(
        **fields | {"events": events, "replaying": webhook.replay_position is not None}
    ).model_dump_json()


def delivery_reply(delivery: Any) -> DeliveryReply:  # noqa: ANN401  (a row or a WebhookDelivery)
    """A delivery as clients get it."""
    return DeliveryReply.model_validate(delivery, from_attributes=True)


def _delivery_document(delivery: Any) -> str:  # noqa: ANN401  (likewise)
    return delivery_reply(delivery).model_dump_json()
