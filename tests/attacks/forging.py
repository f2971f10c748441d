"""How tokens are forged: by hand, as an attacker does it, with the service's own secret where only the rest is wrong.

No library signs here, as a library refuses what it thinks unwise.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from devtools.databases import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    Forgery = Callable[[str], str]
    """What makes a bad token of a valid one."""

GONE: Any = object()
"""Instead of a value: the claim is removed."""
HASHES = {"HS384": "sha384", "HS512": "sha512"}

EC = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2048)
"""The attacker's own."""


def reissue(*, key: str | bytes = SECRET, header: dict[str, Any] | None = None, **claims: Any) -> Forgery:
    """The same token with other things in its header and other claims, signed with HMAC."""
    secret = key.encode() if isinstance(key, str) else key

    def forge(token: str) -> str:
        old_header, old_claims, _ = token.split(".")
        new_header = _changed(decoded(old_header), header or {})
        signed = f"{encoded(new_header)}.{encoded(_changed(decoded(old_claims), claims))}"
        name = HASHES.get(str(new_header.get("alg")), "sha256")
        return f"{signed}.{_text(hmac.digest(secret, signed.encode(), name))}"

    return forge


def by_attacker(algorithm: str, key: ECKey | RSAKey, **header: Any) -> Forgery:
    """The same token, signed with the attacker's own key, to which the header may lead."""

    def forge(token: str) -> str:
        old_header, old_claims, _ = token.split(".")
        new_header = _changed(decoded(old_header), {"alg": algorithm, **header})
        # Only the library's mathematics: it would not let such headers pass.
        signed = f"{encoded(new_header)}.{old_claims}"
        signature = jws.JWSRegistry.algorithms[algorithm].sign(signed.encode(), key)
        return f"{signed}.{_text(signature)}"

    return forge


def unsigned(algorithm: str) -> Forgery:
    """The same token, which says that it needs no signature."""

    def forge(token: str) -> str:
        header, claims, _ = token.split(".")
        return f"{encoded(decoded(header) | {'alg': algorithm})}.{claims}."

    return forge


def swapped(header: object) -> Forgery:
    """The same token and signature under another header."""
    return lambda token: f"{encoded(header)}.{token.partition('.')[2]}"


def altered(token: str, at: int) -> str:
    """The same with another letter in one place."""
    return f"{token[:at]}{'B' if token[at] == 'A' else 'A'}{token[at + 1 :]}"


def public_pem(key: ECKey | RSAKey) -> bytes:
    """A public key as text, as servers publish it."""
    return key.as_pem(private=False)


def certificate() -> str:
    """The attacker's own certificate for the RSA key, as `x5c` has it."""
    assert RSA.private_key
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "books.test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, RSA.public_key, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(RSA.private_key, hashes.SHA256())
    )
    return b64encode(signed.public_bytes(Encoding.DER)).decode()


def encoded(part: object) -> str:
    """A part of a token."""
    return _text(json.dumps(part).encode())


def decoded(part: str) -> Any:
    """What a part of a token says."""
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _changed(part: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (part | changes).items() if value is not GONE}
