"""Endpoints of the deliveries of webhooks: what became of them, and sending again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth import admin_required
from app.errors import DeliveryNotFound, WebhookDisabled, WebhookNotFound
from app.events import audit
from app.queries.webhooks import WebhookReader, delivery_reply
from app.schemas.base import WriteResult
from app.schemas.webhook_deliveries import DeliveryQuery, DeliveryReply, DeliveryScheduled, ReplayRequest
from app.services.accounts.users import lock_admins
from app.services.webhooks import WebhookService
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import many, no_store
from app.web.state import reading, state, transaction
from app.web.write_transaction import require_still_admin

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

webhook_deliveries = Blueprint(
    "webhook_deliveries",
    __name__,
    url_prefix="/webhooks/<id:webhook_id>",
    tag={
        "name": "Webhook deliveries",
        "description": "What became of the messages of webhooks, and sending them again.",
    },
)
webhook_deliveries.after_request(no_store)


@webhook_deliveries.get("/deliveries")
@admin_required
@operation(
    "listWebhookDeliveries",
    Success(list[DeliveryReply], "A page of deliveries, newest first."),
    query=DeliveryQuery,
    errors=[WebhookNotFound],
)
def list_deliveries(webhook_id: int, query: DeliveryQuery, user: Principal) -> Response:  # noqa: ARG001  (being an admin is enough)
    """List the deliveries of a webhook, the newest first, a page at a time.

    Admins only. Deliveries are kept for 30 days.
    """
    after = start_key()
    with reading() as connection:
        return many(WebhookReader(connection).deliveries(webhook_id, query, after))


@webhook_deliveries.post("/test")
@admin_required
@operation(
    "testWebhook",
    Success(DeliveryScheduled, "The delivery that will be made."),
    errors=[WebhookNotFound, WebhookDisabled],
)
def send_test(webhook_id: int, user: Principal) -> DeliveryScheduled:
    """Send a message of the type `webhook.test`. Admins only.

    The response does not wait for it: `GET /webhooks/{webhook_id}/deliveries` shows the outcome.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        service = WebhookService(db, state().sealer)
        delivery = delivery_reply(service.send_test(service.get(webhook_id)))
    return DeliveryScheduled(status="success", message="the test will be sent", delivery=delivery)


@webhook_deliveries.post("/deliveries/<id:delivery_id>/redeliver")
@admin_required
@operation(
    "redeliverWebhookDelivery",
    Success(DeliveryScheduled, "The delivery that will be made again."),
    errors=[WebhookNotFound, DeliveryNotFound, WebhookDisabled],
)
def redeliver(webhook_id: int, delivery_id: int, user: Principal) -> DeliveryScheduled:
    """Send a message again, under the same `webhook-id`. Admins only.

    If it fails, it is tried again for three days, as a new one would be.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        service = WebhookService(db, state().sealer)
        delivery = delivery_reply(service.redeliver(service.get(webhook_id), delivery_id))
        audit.note(db, "webhook_redelivered", webhook_id=webhook_id, delivery_id=delivery_id, by=user.id)
    return DeliveryScheduled(status="success", message="the message will be sent again", delivery=delivery)


@webhook_deliveries.post("/replay")
@admin_required
@operation(
    "replayWebhook",
    Success(WriteResult, "The replay has begun."),
    body=ReplayRequest,
    errors=[WebhookNotFound, WebhookDisabled],
)
def replay(webhook_id: int, body: ReplayRequest, user: Principal) -> WriteResult:
    """Send the messages about the changes of a time again, under the same `webhook-id`. Admins only.

    Messages that the webhook never got are sent too, such as those from before its creation. New changes go first.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        service = WebhookService(db, state().sealer)
        service.replay(service.get(webhook_id), body.since, body.until)
        audit.note(db, "webhook_replayed", webhook_id=webhook_id, by=user.id)
    return WriteResult(status="success", message="the changes of that time will be sent again")
