"""Access tokens: JWT (RFC 7519) in the profile for OAuth 2.0 access tokens (RFC 9068)."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.errors import TokenInvalid
from app.limits import MAX_ID

if TYPE_CHECKING:
    from datetime import timedelta

ALGORITHM = "HS256"
TYPE = "at+jwt"
ISSUER = AUDIENCE = "books-api"

CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    exp={"essential": True},
    iat={"essential": True},
    jti={"essential": True},
)


class Tokens:
    """Issues tokens, and tells whose they are."""

    def __init__(self, secret: str, lifetime: timedelta) -> None:
        self._key = OctKey.import_key(secret)
        self.lifetime = lifetime

    def issue(self, user_id: int) -> str:
        """A token with which this user is signed in for the lifetime."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "iat": now,
            "exp": now + int(self.lifetime.total_seconds()),
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": TYPE}, claims, self._key, algorithms=[ALGORITHM])

    def user_id(self, token: str) -> int:
        """Whose token it is.

        Raises:
            TokenInvalid: it was not issued here, was changed, is of another kind, or has expired.
        """
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            CLAIMS.validate(decoded.claims)  # decode checks the signature alone
            if decoded.header.get("typ") != TYPE:
                raise TokenInvalid
            user_id = int(decoded.claims["sub"])
        except (JoseError, ValueError, TypeError) as error:  # TypeError: joserfc, where `crit` is no list
            raise TokenInvalid from error
        if not 0 < user_id <= MAX_ID:
            raise TokenInvalid
        return user_id
