"""Signatures of webhooks, as Standard Webhooks 1.0.0 defines them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32
"""Standard Webhooks wants between 24 and 64."""


def new_secret() -> str:
    """A new secret, as it is given to the receiver."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(message_id: str, timestamp: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The headers that identify and sign a message ("Webhook headers (sending metadata to consumers)").

    Args:
        message_id: the same for all attempts to deliver the message.
        timestamp: when this attempt is made, in seconds since the epoch.
        body: what is sent, byte for byte.
        keys: secrets, each of which signs it.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(key, content)}" for key in keys),
    }


def _signature(key: str, content: bytes) -> str:
    digest = hmac.new(b64decode(key.removeprefix(PREFIX)), content, hashlib.sha256).digest()
    return b64encode(digest).decode()
