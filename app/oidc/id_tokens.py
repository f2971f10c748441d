"""ID tokens: signatures and claims (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidClaimError, JoseError
from joserfc.jwk import JWKRegistry, KeySet

from app.security.identity import SUBJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from joserfc.jwk import GuestProtocol, Key

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Public-key signatures only: not `none`, nor HMAC, for which a public key could be taken as the secret (RFC 8725)."""
KEY_TYPES = {"RSA", "EC", "OKP"}
LEEWAY = 60
"""Seconds by which the clocks may differ."""
CRITICAL = "crit"
"""The header that names extensions which must be understood (RFC 7515, section 4.1.11); none is known here."""


class Expected(NamedTuple):
    """What an ID token must say."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str


def keys_of(document: dict[str, Any]) -> KeySet:
    """The keys in a JWK Set (RFC 7517, section 5) that may sign. Others, and malformed ones, are ignored."""
    found: list[Key] = []
    entries = document.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("kty") in KEY_TYPES and entry.get("use", "sig") == "sig":
            try:
                found.append(JWKRegistry.import_key(entry))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
    return KeySet(found)


def read_id_token(
    id_token: str, expected: Expected, current_keys: Callable[[], KeySet], latest_keys: Callable[[], KeySet]
) -> dict[str, Any]:
    """The claims of an ID token.

    Args:
        id_token: the token as it was received.
        expected: what it must say.
        current_keys: the keys of the provider.
        latest_keys: the same, fetched again: for a token that names a key which is not among them.

    Raises:
        JoseError, ValueError, TypeError: the token is not valid.
    """

    def key(token: GuestProtocol) -> Key:
        kid = token.headers().get("kid")
        keys = current_keys()
        if kid is not None and all(known.kid != kid for known in keys):
            keys = latest_keys()
        return keys.get_by_kid(kid)

    decoded = jwt.decode(id_token, key, algorithms=ALGORITHMS)
    if CRITICAL in decoded.header:
        raise InvalidClaimError(CRITICAL)
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": expected.issuer},
            "aud": {"essential": True, "value": expected.client_id},
        },
        params={
            "client_id": expected.client_id,
            "nonce": expected.nonce,
            "access_token": expected.access_token,
        },
    )
    claims.validate(leeway=LEEWAY)
    require_subject(claims["sub"])
    return dict(claims)


def require_subject(subject: object) -> None:
    """Check the form of a subject.

    Raises:
        InvalidClaimError: it is not a text of 1 to 255 ASCII characters.
    """
    claim = "sub"
    if not (isinstance(subject, str) and SUBJECT.fullmatch(subject)):
        raise InvalidClaimError(claim)
