"""Opaque credentials: refresh tokens, API keys, resets, invitations, sign-in codes. Only their digests are stored."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

REFRESH_TOKEN = "br_"  # noqa: S105  (a prefix)
API_KEY = "bk_"
PASSWORD_RESET = "bp_"  # noqa: S105  (a prefix)
INVITATION = "bi_"
SIGN_IN_CODE = "bo_"
"""Prefixes by which people and secret scanners recognise each kind."""

RANDOM_BYTES = 32
SHOWN = 8
"""Leading characters of a key that stay visible: the prefix, and enough to tell keys apart."""


def new_credential(prefix: str) -> str:
    """A new credential with 256 random bits."""
    return prefix + secrets.token_urlsafe(RANDOM_BYTES)


def successor(refresh_token: str, secret: str) -> str:
    """The refresh token that replaces this one; it cannot be computed without the secret.

    It is always the same: a retry after a lost response gets the token that it missed, and the chain never forks.
    """
    follows = hmac.digest(secret.encode(), f"follows {refresh_token}".encode(), sha256)
    return REFRESH_TOKEN + urlsafe_b64encode(follows).rstrip(b"=").decode()


def digest(credential: str) -> str:
    """What is stored of a credential: 64 hexadecimal digits. It has too many bits to guess, so one round is enough."""
    return sha256(credential.encode()).hexdigest()
