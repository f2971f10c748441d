"""Errors of webhooks."""

from __future__ import annotations

from app.errors.records import Conflict, NotFound


class WebhookNotFound(NotFound):
    code = "webhook_not_found"
    title = "No such webhook"
    message = "There is no webhook with that id."
    remedy = "`GET /webhooks` lists the webhooks."


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    title = "No such delivery"
    message = "The webhook has no delivery with that id."
    remedy = "Deliveries are kept for 30 days; `GET /webhooks/{id}/deliveries` lists them. A replay makes them again."


class TooManyWebhooks(Conflict):
    code = "too_many_webhooks"
    title = "Too many webhooks"
    message = "There are 50 webhooks, which is the limit."
    remedy = "Delete those that are not used."


class WebhookDisabled(Conflict):
    code = "webhook_disabled"
    title = "Webhook disabled"
    message = "The webhook is disabled; nothing is sent to it."
    remedy = "Enable it first: `PATCH /webhooks/{id}` with `enabled`."
