"""Encryption of secrets that the database keeps and the service has to read again."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Sequence

PURPOSE = b"books-api: secrets of second factors"
"""The `info` of HKDF (RFC 5869, section 3.2): the key signs tokens as well, and each use gets a key of its own."""
KEY_LENGTH = 32
"""Bytes: a Fernet key has two halves, for AES-128 and for HMAC-SHA256."""


class Sealer:
    """Encrypts with a key derived from the first secret; decrypts with those of all.

    Args:
        signing: `SECRET_KEY`, followed by former values.
    """

    def __init__(self, signing: Sequence[str]) -> None:
        keys = [_key(secret) for secret in signing]
        self._current, self._all = keys[0], MultiFernet(keys)

    def seal(self, text: str) -> str:
        """The text, encrypted and authenticated."""
        return self._current.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The text that was sealed; None if it was changed, or sealed with a secret that is no longer configured."""
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken:
            return None

    def is_current(self, sealed: str) -> bool:
        """Whether the text was sealed with the first secret; otherwise it should be sealed again."""
        try:
            self._current.decrypt(sealed)
        except InvalidToken:
            return False
        return True


def _key(secret: str) -> Fernet:
    derived = HKDF(SHA256(), KEY_LENGTH, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
