"""One attempt to deliver a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.events.webhooks.signatures import signed_headers
from app.outbound.posting import NotSent

if TYPE_CHECKING:
    from datetime import datetime

    from app.events.webhooks.leases import Lease
    from app.outbound.posting import EndpointResponse, Sender
    from app.security.sealing import Sealer

SENT_BY = {"Content-Type": "application/json", "User-Agent": "Books-API-Webhooks"}
UNREADABLE = "the secret cannot be decrypted: rotate it, or add the former SECRET_KEY to SECRET_KEYS_OLD"


def send(lease: Lease, sealer: Sealer, sender: Sender, at: datetime) -> EndpointResponse | str:
    """Sign a message and send it.

    Args:
        lease: the delivery.
        sealer: opens its secrets.
        sender: sends it.
        at: the time of the attempt.

    Returns: the answer, or why there is none.
    """
    secrets = [secret for sealed in lease.sealed if (secret := sealer.open(sealed)) is not None]
    if not secrets:
        return UNREADABLE
    body = lease.body.encode()
    headers = signed_headers(lease.message_id, int(at.timestamp()), body, secrets)
    try:
        return sender.post(lease.url, SENT_BY | headers, body)
    except NotSent as error:
        return str(error)


def is_success(answer: EndpointResponse | str) -> bool:
    """Whether an attempt has succeeded: only 2xx does."""
    return not isinstance(answer, str) and 200 <= answer.status < 300  # noqa: PLR2004  (2xx)
