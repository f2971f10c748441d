"""ID tokens that are not what they seem: what they say, and how they are signed."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.support.forging_provider import CLIENT_SECRET, KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    Forgery = Callable[[str], str]

STRANGER = RSAKey.generate_key(2048, auto_kid=True)
CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://id.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another client"},
    "no audience": {"aud": None},
    "several audiences, for none of which it is": {"aud": ["one", "two"]},
    "several audiences, and no authorized party": {"aud": ["books", "another client"]},
    "another authorized party": {"aud": ["books", "another client"], "azp": "another client"},
    "another authorized party, of one audience": {"azp": "another client"},
    "another nonce": {"nonce": "of another sign-in"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 120},
    "without an end": {"exp": None},
    "issued in the future": {"iat": int(time.time()) + 3600},
    "not valid yet": {"nbf": int(time.time()) + 3600},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 1},
    "a subject that is too long": {"sub": "1" * 256},
    "a subject with a NUL": {"sub": "1\0"},
    "the hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def _payload(token: str) -> bytes:
    return urlsafe_b64decode(token.split(".")[1] + "==")


def signed_with(key: RSAKey, **header: Any) -> Forgery:
    """The same claims, signed with another key, or with another header."""
    registry = jws.JWSRegistry(strict_check_header=False)
    protected = {"alg": "RS256", "kid": KEY.kid} | header
    return lambda token: jws.serialize_compact(protected, _payload(token), key, registry=registry)


def hashed_with(secret: bytes) -> Forgery:
    """The same claims, with HMAC: made by hand, since the library refuses such secrets."""

    def forge(token: str) -> str:
        header = _encoded(json.dumps({"alg": "HS256", "kid": KEY.kid}).encode())
        signed = f"{header}.{_encoded(_payload(token))}"
        return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"

    return forge


def critical(token: str) -> str:
    """The same claims, well signed, with an extension that must be understood."""
    header = _encoded(json.dumps({"alg": "RS256", "kid": KEY.kid, "crit": ["books"], "books": 1}).encode())
    signed = f"{header}.{_encoded(_payload(token))}"
    assert KEY.private_key is not None
    signature = KEY.private_key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{_encoded(signature)}"


NONE, CAPITALS = _encoded(b'{"alg":"none"}'), _encoded(b'{"alg":"NONE"}')
FORGERIES: dict[str, Forgery] = {
    "not signed": lambda token: f"{NONE}.{_encoded(_payload(token))}.",
    "not signed, in capitals": lambda token: f"{CAPITALS}.{_encoded(_payload(token))}.",
    "without its signature": lambda token: token.rpartition(".")[0] + ".",
    "signed by a stranger": signed_with(STRANGER),
    "signed by a stranger, whose key it brings": signed_with(STRANGER, jwk=STRANGER.as_dict(private=False)),
    "signed by a key that is unknown": signed_with(STRANGER, kid="unknown"),
    "signed with the public key as a secret": hashed_with(KEY.as_pem(private=False)),
    "signed with the client secret": hashed_with(CLIENT_SECRET.encode()),
    "with a critical header": critical,
    "no JWT": lambda _token: "id_token",
    "empty": lambda _token: "",
}
