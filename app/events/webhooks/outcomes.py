"""What follows from an attempt to deliver a message, as Standard Webhooks 1.0.0 has it.

Only 2xx is a success. Failures are tried again over three days; 410 disables the webhook; 429, 502 and 504 pause it.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.events.webhooks.leases import still_leased
from app.events.webhooks.sending import is_success
from app.models import Webhook, WebhookDelivery

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.events.webhooks.leases import Lease
    from app.outbound.posting import EndpointResponse

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The time from each attempt to the next: together 75 hours and 35 minutes ("Retry schedule")."""
JITTER = 0.1
"""The part by which each may be longer or shorter, so that retries do not come together."""
GONE = 410
THROTTLING = frozenset({429, 502, 503, 504})
LONGEST_WAIT = timedelta(hours=24)
"""The most that `Retry-After` may ask for."""
FAILS_FOR = timedelta(days=5)
"""How long all attempts fail before a webhook is disabled."""
DOWN_FOR = timedelta(minutes=1)
"""An endpoint that failed for longer and works again gets at once what it has missed."""


def note_outcome(db: Session, lease: Lease, answer: EndpointResponse | str, now: datetime) -> str | None:
    """Note the outcome of an attempt.

    Args:
        db: in a transaction.
        lease: the delivery that was attempted.
        answer: what the endpoint has answered, or why there is no answer.
        now: the time.

    Returns: why the webhook was disabled by it; None if it was not, or if the lease has been lost.
    """
    # The webhook is locked before the delivery, as `app.events.webhooks.fan_out` and the deletion of a webhook do.
    locked = select(Webhook).where(Webhook.id == lease.webhook_id).with_for_update(key_share=True)
    webhook = db.scalar(locked)
    delivery = db.scalar(select(WebhookDelivery).where(*still_leased(lease)).with_for_update())
    if webhook is None or delivery is None:
        return None
    delivery.leased_until = None
    delivery.last_attempt_at = now
    delivery.attempts += 1
    delivery.step += 1
    status = None if isinstance(answer, str) else answer.status
    delivery.response_status = status
    delivery.response_body = None if isinstance(answer, str) else answer.body
    delivery.error = answer if isinstance(answer, str) else None
    if is_success(answer):
        delivery.status, delivery.next_attempt_at = "delivered", None
        _recover(db, webhook, now)
        return None
    wait = _wait(answer, now)
    if delivery.step > len(RETRIES):
        delivery.status, delivery.next_attempt_at = "failed", None
    else:
        retry = RETRIES[delivery.step - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (no secret)
        delivery.next_attempt_at = now + max(retry, wait)
    if wait or status in THROTTLING:
        webhook.paused_until = now + max(wait, RETRIES[0])
    return _fail(webhook, status, now)


def _recover(db: Session, webhook: Webhook, now: datetime) -> None:
    """Note that an endpoint works; if it was down for a while, what is pending becomes due, once for each delivery."""
    since, webhook.failing_since, webhook.paused_until = webhook.failing_since, None, None
    if since is not None and now - since > DOWN_FOR:
        waiting: dict[str, Any] = {"next_attempt_at": now, "hurried": True}
        later = (WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.next_attempt_at > now)
        db.execute(update(WebhookDelivery).where(*later, ~WebhookDelivery.hurried).values(waiting))


def _fail(webhook: Webhook, status: int | None, now: datetime) -> str | None:
    webhook.failing_since = webhook.failing_since or now
    reason = "gone" if status == GONE else "failing" if now - webhook.failing_since > FAILS_FOR else None
    if reason is not None and webhook.enabled:
        webhook.enabled, webhook.disabled_reason, webhook.updated_at = False, reason, now
        return reason
    return None


def _wait(answer: EndpointResponse | str, now: datetime) -> timedelta:
    """What `Retry-After` asks for, in seconds or as a date (RFC 9110, section 10.2.3); nothing if it is malformed."""
    text = "" if isinstance(answer, str) else answer.retry_after.strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=min(int(text[:9]), 10**8)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)
