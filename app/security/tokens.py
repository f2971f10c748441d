"""Access tokens: JWT (RFC 7519) in the profile for OAuth 2.0 access tokens (RFC 9068), following RFC 8725."""

from __future__ import annotations

import re
import secrets
import time
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.domain.ids import MAX_ID
from app.errors import TokenInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from joserfc.jwk import GuestProtocol

ALGORITHM = "HS256"
TYPE = "at+jwt"
ISSUER = AUDIENCE = "books-api"
RECORD_ID = re.compile(r"[1-9][0-9]{0,18}")

REMEMBERED = 1024
"""Tokens whose signature was verified, which takes as long as a statement: a client sends the same one many times."""
SKEW = 24 * 3600
"""Seconds by which a token may have been issued in the future: by a server whose clock is fast, or before the clock was
set back (RFC 7519, section 4.1.4). The signature shows that it is ours, and the database that its session exists; but a
token that was issued while the clock was a year ahead should not be valid for a year."""


class Claims(jwt.JWTClaimsRegistry):
    """The required claims; the time of issue may be in the future."""

    def validate_iat(self, value: object) -> None:
        """As in the library, but with the skew."""
        super().validate_iat(value - SKEW if isinstance(value, int) else value)


CLAIMS = Claims(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    sid={"essential": True},
    exp={"essential": True},
    iat={"essential": True},
    jti={"essential": True},
)


class Bearer(NamedTuple):
    """The user and the session that a token belongs to."""

    user_id: int
    session_id: int


class Tokens:
    """Issues tokens with the first secret, and accepts those signed with any of them."""

    def __init__(self, signing: Sequence[str], lifetime: timedelta) -> None:
        self._keys = {key_id(secret): OctKey.import_key(secret) for secret in signing}
        self._key_id = key_id(signing[0])
        self.lifetime = lifetime
        self._verified = lru_cache(maxsize=REMEMBERED)(self._verify)

    def issue(self, bearer: Bearer) -> str:
        """A token that is valid for the lifetime, as long as its session is."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(bearer.user_id),
            "sid": str(bearer.session_id),
            "iat": now,
            "exp": now + int(self.lifetime.total_seconds()),
            "jti": secrets.token_urlsafe(16),
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key_id}
        return jwt.encode(header, claims, self._keys[self._key_id], algorithms=[ALGORITHM])

    def read(self, token: str) -> Bearer:
        """The user and session of a token.

        Raises:
            TokenInvalid: it was not issued here, was changed, is of another kind, or has expired.
        """
        bearer, expires_at = self._verified(token)
        if expires_at <= time.time():
            raise TokenInvalid
        return bearer

    def _verify(self, token: str) -> tuple[Bearer, float]:
        """What a token says that is valid now: whose it is, and when it expires."""
        try:
            decoded = jwt.decode(token, self._key_of, algorithms=[ALGORITHM])
            CLAIMS.validate(decoded.claims)  # decode checks only the signature
            if decoded.header.get("typ") != TYPE or "crit" in decoded.header:
                raise TokenInvalid
            bearer = Bearer(_record_id(decoded.claims["sub"]), _record_id(decoded.claims["sid"]))
            return bearer, decoded.claims["exp"]
        except (JoseError, ValueError, TypeError) as error:  # joserfc raises TypeError where `crit` is not a list
            raise TokenInvalid from error

    def _key_of(self, token: GuestProtocol) -> OctKey:
        """The key named by `kid`, among our own: no other header may lead to a key (RFC 8725, section 3.10)."""
        kid = token.headers().get("kid")
        if not isinstance(kid, str) or kid not in self._keys:
            raise TokenInvalid
        return self._keys[kid]


def key_id(secret: str) -> str:
    """A name for a secret, which reveals nothing of it."""
    return blake2b(secret.encode(), person=b"key id", digest_size=8).hexdigest()


def _record_id(claim: object) -> int:
    """An id spelled as `issue` spells it: `int` would also accept `+1`, ` 1` and digits of other scripts."""
    if not isinstance(claim, str) or not RECORD_ID.fullmatch(claim) or int(claim) > MAX_ID:
        raise TokenInvalid
    return int(claim)
