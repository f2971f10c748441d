"""From changes to deliveries: each webhook has a cursor in the feed, and what is after it becomes deliveries.

A delivery for each change and webhook could also be written in the transaction of the change: then an import would
write a row for each webhook, and each write would pay for webhooks (decision 31).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.events.webhooks.messages import body_of, type_of
from app.models import Change, Webhook, WebhookDelivery

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

MOST_PENDING = 1000
"""Deliveries of a webhook that are pending at once. The rest of a backlog is not rows but the cursor."""
AT_ONCE = 500
"""Changes that one transaction looks at."""
INSERTED_AT_ONCE = 100
"""Rows of one statement: SQLite limits the parameters of each."""
DELIVERIES: Any = WebhookDelivery.__table__
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def create_deliveries(db: Session, webhook_id: int, root: str, now: datetime) -> int:
    """Create deliveries for the next changes of the feed, and of a replay, and move the cursors past them.

    Args:
        db: in a transaction.
        webhook_id: the webhook.
        root: see `app.events.webhooks.messages.body_of`.
        now: the time.

    Returns: how many changes were looked at; 0 if there are none, if the webhook is disabled or another deliverer does
        it at the moment, or if too many deliveries are pending.
    """
    query = select(Webhook).where(Webhook.id == webhook_id, Webhook.enabled)
    webhook = db.scalar(query.with_for_update(skip_locked=True, key_share=True))
    if webhook is None:
        return 0
    room = MOST_PENDING - pending_of(db, webhook_id)
    if room <= 0:
        return 0
    news = _changes_after(db, webhook.position, None, min(room, AT_ONCE))
    if news:
        _create(db, webhook, news, root, now)
        webhook.position = news[-1].position
        return len(news)
    return _replay(db, webhook, min(room, AT_ONCE), root, now)


def pending_of(db: Session, webhook_id: int) -> int:
    """How many deliveries of a webhook are pending."""
    pending = WebhookDelivery.next_attempt_at.is_not(None)
    query = select(func.count()).select_from(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id, pending)
    return db.scalar(query) or 0


def _replay(db: Session, webhook: Webhook, limit: int, root: str, now: datetime) -> int:
    """The same for the next changes of a replay."""
    since, until = webhook.replay_since, webhook.replay_until
    if webhook.replay_position is None or since is None or until is None:
        return 0
    old = _changes_after(db, webhook.replay_position, webhook.replay_until_position, limit)
    _create(db, webhook, (change for change in old if since <= change.at < until), root, now, again=True)
    if old and old[-1].position != webhook.replay_until_position:
        webhook.replay_position = old[-1].position
    else:
        webhook.replay_position = webhook.replay_until_position = None
        webhook.replay_since = webhook.replay_until = None
    return len(old)


def _changes_after(db: Session, position: int, until: int | None, limit: int) -> list[Any]:
    columns = (Change.id, Change.position, Change.at, Change.kind, Change.record_id, Change.version, Change.action)
    before = case((Change.action == "deleted", Change.before)).label("before")
    query = select(*columns, before).where(Change.position > position)
    if until is not None:
        query = query.where(Change.position <= until)
    return list(db.execute(query.order_by(Change.position).limit(limit)).all())


def _create(  # noqa: PLR0913  (each is needed)
    db: Session, webhook: Webhook, changes: Iterable[Any], root: str, now: datetime, *, again: bool = False
) -> None:
    """Create the deliveries of these changes. One that exists already is made again if that is wanted."""
    wanted = None if webhook.events is None else set(webhook.events.split())
    rows = [
        {
            "webhook_id": webhook.id,
            "message_id": f"chg_{change.position}_{webhook.id}",
            "type": type_of(change),
            "body": body_of(change, root),
            "status": "pending",
            "next_attempt_at": now,
            "created_at": now,
        }
        for change in changes
        if wanted is None or type_of(change) in wanted
    ]
    insert = _INSERT[db.get_bind().dialect.name](DELIVERIES)
    key = {"index_elements": ["webhook_id", "message_id"]}
    if again:
        restart = {"status": "pending", "next_attempt_at": now, "step": 0, "hurried": False}
        insert = insert.on_conflict_do_update(**key, set_=restart)
    else:
        insert = insert.on_conflict_do_nothing(**key)
    for start in range(0, len(rows), INSERTED_AT_ONCE):
        db.execute(insert.values(rows[start : start + INSERTED_AT_ONCE]))
