"""What causes each event of invitations, webhooks and genres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.audit_causes.cause import NOTE, Cause
from tests.support.factories import Factory

if TYPE_CHECKING:
    import httpx

    from tests.attacks.attack_fixtures import AttackContext

RENAME = {"name": "Sci-Fi", "new_name": "Science Fiction"}
WEBHOOK = {"url": "https://receiver.example/"}


def _of_webhook(event: str, method: str, path: str, body: dict[str, Any] | None = None, **facts: str) -> Cause:
    """A request about the admin's webhook. `facts` names further facts, each by its key in `context.webhook`."""

    def send(context: AttackContext) -> httpx.Response:
        return context.admin.client.request(method, path.format(**context.webhook), json=body)

    def facts_of_webhook(context: AttackContext, _answer: Any) -> dict[str, Any]:
        common = {"webhook_id": context.webhook["id"], "by": context.admin.user_id}
        return common | {name: context.webhook[value] for name, value in facts.items()}

    return Cause(event, send, facts_of_webhook, prepare=lambda context: context.webhook)


ADMINISTRATION = (
    Cause(
        "invitation_created",
        lambda context: context.admin.client.post("/invitations", json={"note": NOTE}),
        lambda context, answer: {"invitation_id": answer["id"], "by": context.admin.user_id},
    ),
    Cause(
        "invitation_revoked",
        lambda context: context.admin.client.delete(f"/invitations/{context.invitation['id']}"),
        lambda context, _answer: {"invitation_id": context.invitation["id"], "by": context.admin.user_id},
        prepare=lambda context: context.invitation,
    ),
    Cause(
        "webhook_created",
        lambda context: context.admin.client.post("/webhooks", json=WEBHOOK),
        lambda context, answer: {"webhook_id": answer["id"], "by": context.admin.user_id},
    ),
    _of_webhook("webhook_changed", "PATCH", "/webhooks/{id}", {"enabled": False}, fields="changed"),
    _of_webhook("webhook_secret_rotated", "POST", "/webhooks/{id}/secret"),
    _of_webhook(
        "webhook_redelivered", "POST", "/webhooks/{id}/deliveries/{delivery_id}/redeliver", delivery_id="delivery_id"
    ),
    _of_webhook("webhook_replayed", "POST", "/webhooks/{id}/replay", {"since": "2026-11-22T10:00:00Z"}),
    _of_webhook("webhook_deleted", "DELETE", "/webhooks/{id}"),
    Cause(
        "genre_renamed",
        lambda context: context.admin.client.post("/genres/rename", json=RENAME),
        lambda context, _answer: {**RENAME, "books": 1, "complete": True, "by": context.admin.user_id},
        prepare=lambda context: Factory(context.anonymous).book(context.victim.client, genres=[RENAME["name"]]),
    ),
)
