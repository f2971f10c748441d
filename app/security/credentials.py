"""Opaque credentials: refresh tokens, API keys, password resets. The service keeps their digests, never themselves."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

REFRESH_TOKEN = "br_"  # noqa: S105  (a prefix)
API_KEY = "bk_"
PASSWORD_RESET = "bp_"  # noqa: S105
"""What each begins with, so that people and scanners for leaked secrets recognise it."""

RANDOM_BYTES = 32
SHOWN = 8
"""Characters of a key that its user may go on seeing: the prefix, and enough to tell keys apart."""


def new_credential(prefix: str) -> str:
    """One that nobody can guess: 256 random bits."""
    return prefix + secrets.token_urlsafe(RANDOM_BYTES)


def successor(refresh_token: str, secret: str) -> str:
    """The refresh token that follows on one, which only the service can tell.

    It is always the same: a retry after a lost answer gets the token that it missed, and the line never forks.
    """
    follows = hmac.digest(secret.encode(), f"follows {refresh_token}".encode(), sha256)
    return REFRESH_TOKEN + urlsafe_b64encode(follows).rstrip(b"=").decode()


def digest(credential: str) -> str:
    """What is kept of a credential: 64 hexadecimal digits. It has too many bits to be guessed, so one round will do."""
    return sha256(credential.encode()).hexdigest()
