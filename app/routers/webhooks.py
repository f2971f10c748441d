"""Endpoints of webhooks: where changes of the catalogue are reported to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app.auth import admin_required
from app.errors import TooManyWebhooks, VersionMismatch, WebhookNotFound
from app.events import audit
from app.queries.webhooks import WebhookReader, document_of
from app.schemas.base import WriteResult
from app.schemas.pages import PageQuery
from app.schemas.webhooks import WebhookChange, WebhookCreate, WebhookDone, WebhookReply, WebhookSecret
from app.services.accounts.users import lock_admins
from app.services.webhooks import WebhookService
from app.web.conditional import require_match
from app.web.confirmation import confirmation_required
from app.web.openapi import CREATED, ETAG
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import changed, created, deleted, many, no_store, one
from app.web.state import reading, state, transaction
from app.web.write_transaction import require_still_admin

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

webhooks = Blueprint(
    "webhooks",
    __name__,
    url_prefix="/webhooks",
    tag={"name": "Webhooks", "description": "Messages about changes, to addresses that admins name."},
)
webhooks.after_request(no_store)


@webhooks.get("")
@admin_required
@operation("listWebhooks", Success(list[WebhookReply], "A page of webhooks."), query=PageQuery)
def list_webhooks(query: PageQuery, user: Principal) -> Response:  # noqa: ARG001  (only the admin check needs it)
    """List the webhooks, a page at a time.

    Admins only. Secrets are only in the responses to their creation.
    """
    after = start_key()
    with reading() as connection:
        return many(WebhookReader(connection).page(query, after))


@webhooks.get("/<id:webhook_id>")
@admin_required
@operation("getWebhook", Success(WebhookReply, "The webhook."), errors=[WebhookNotFound])
def get_webhook(webhook_id: int, user: Principal) -> Response:  # noqa: ARG001  (being an admin is enough)
    """Get one webhook.

    Admins only. Its secret is only in the response to its creation.
    """
    with reading() as connection:
        return one(WebhookReader(connection).find(webhook_id))


@webhooks.post("")
@admin_required
@confirmation_required
@operation(
    "createWebhook",
    Success(WebhookSecret, "The new webhook.", CREATED, status=201),
    body=WebhookCreate,
    errors=[TooManyWebhooks],
)
def create_webhook(body: WebhookCreate, user: Principal) -> Response:
    """Have changes reported to an address, from now on. Admins only.

    Messages follow Standard Webhooks 1.0.0. The `secret` is in this response and never shown again: with it the
    receiver verifies that a message is from this service. A failed attempt is repeated for three days.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        kept, secret = WebhookService(db, state().sealer).create(body, user.id)
        document = document_of(kept)
        audit.note(db, "webhook_created", webhook_id=kept.id, by=user.id)
    location = url_for("webhooks.get_webhook", webhook_id=kept.id)
    return created(document, location, f"webhook {kept.id} created; its secret is not shown again", secret=secret)


@webhooks.patch("/<id:webhook_id>")
@admin_required
@confirmation_required
@operation(
    "patchWebhook",
    Success(WebhookDone, "The webhook after the change.", ETAG),
    body=WebhookChange,
    errors=[WebhookNotFound, VersionMismatch],
)
def patch_webhook(webhook_id: int, body: WebhookChange, user: Principal) -> Response:
    """Change a webhook, or disable or enable it. Admins only.

    When it is enabled again, it gets what has happened meanwhile. With `If-Match`, only if the webhook still has that
    `ETag`.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        service = WebhookService(db, state().sealer)
        webhook = service.get(webhook_id)
        require_match(document_of(webhook))
        service.change(webhook, body)
        document = document_of(webhook)
        audit.note(db, "webhook_changed", webhook_id=webhook_id, by=user.id, fields=sorted(body.model_fields_set))
    return changed(document, message=f"webhook {webhook_id} updated")


@webhooks.post("/<id:webhook_id>/secret")
@admin_required
@confirmation_required
@operation(
    "rotateWebhookSecret",
    Success(WebhookSecret, "The webhook and its new secret.", ETAG),
    errors=[WebhookNotFound],
)
def rotate_secret(webhook_id: int, user: Principal) -> Response:
    """Give a webhook a new secret. Admins only.

    The `secret` is in this response and never shown again. For 24 hours messages are signed with the former secret as
    well, so that no message is refused while the receiver is changed.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        service = WebhookService(db, state().sealer)
        webhook = service.get(webhook_id)
        secret = service.rotate(webhook)
        document = document_of(webhook)
        audit.note(db, "webhook_secret_rotated", webhook_id=webhook_id, by=user.id)
    return changed(document, f"webhook {webhook_id} has a new secret; it is not shown again", secret=secret)


@webhooks.delete("/<id:webhook_id>")
@admin_required
@operation("deleteWebhook", Success(WriteResult, "Deleted."), errors=[WebhookNotFound, VersionMismatch])
def delete_webhook(webhook_id: int, user: Principal) -> Response:
    """Delete a webhook and its deliveries; nothing more is sent.

    Admins only. With `If-Match`, only if the webhook still has that `ETag`.
    """
    with transaction() as db:
        lock_admins(db)
        require_still_admin(db, user)
        service = WebhookService(db, state().sealer)
        webhook = service.get(webhook_id)
        require_match(document_of(webhook))
        service.delete(webhook)
        audit.note(db, "webhook_deleted", webhook_id=webhook_id, by=user.id)
    return deleted(message=f"webhook {webhook_id} deleted")
