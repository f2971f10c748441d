"""Sign-ins that are under way, each kept by its browser in a signed cookie, so that any worker can complete it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeTimedSerializer

from app.errors import SignInRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

LIFETIME = timedelta(seconds=600)
"""The time that a user has to sign in at the provider."""
BEGUN_ELSEWHERE = "The sign-in has expired, or was begun in another browser."


@dataclass(frozen=True)
class PendingSignIn:
    """What a sign-in began with."""

    state: str
    nonce: str
    verifier: str
    """The secret of PKCE between this service and the provider (RFC 7636)."""
    redirect_uri: str
    return_to: str | None
    challenge: str | None
    """The challenge of PKCE between the client and this service."""

    @classmethod
    def begin(cls, redirect_uri: str, return_to: str | None, challenge: str | None) -> PendingSignIn:
        """A new one: three values of 256 random bits."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, redirect_uri, return_to, challenge)


class PendingSignIns:
    """Signs and reads the cookie."""

    def __init__(self, signing: Sequence[str]) -> None:
        """Args: signing: the signing secret, followed by former ones whose signatures are still accepted."""
        self._serializer = URLSafeTimedSerializer(
            list(reversed(signing)),  # itsdangerous signs with the last
            salt="sign-in at the provider",
            signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
        )

    def sign(self, pending: PendingSignIn) -> str:
        """The value of the cookie."""
        return str(self._serializer.dumps(asdict(pending)))

    def read(self, cookie: str | None, state: str) -> PendingSignIn:
        """The sign-in of this browser.

        Args:
            cookie: the value of the cookie.
            state: the parameter of that name in the request, which must be the one that this browser was given.

        Raises:
            SignInRefused: there is none, it is too old, or it is another one.
        """
        try:
            content, begun_at = self._serializer.loads(cookie or "", return_timestamp=True)
            pending = PendingSignIn(**content)
        except (BadData, UnicodeEncodeError, TypeError):
            raise SignInRefused(BEGUN_ELSEWHERE) from None
        # Not by `max_age`, which refuses what was signed in the future: the clock may have been set back.
        if datetime.now(UTC) - begun_at > LIFETIME:
            raise SignInRefused(BEGUN_ELSEWHERE)
        if not hmac.compare_digest(pending.state.encode(), state.encode()):
            raise SignInRefused(BEGUN_ELSEWHERE)
        return pending
