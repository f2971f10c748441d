"""Keyset pages: where one ends, the next begins, whatever was inserted or deleted meanwhile."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING, NamedTuple

from app.errors import InvalidCursor

if TYPE_CHECKING:
    from collections.abc import Sequence

Key = list[int | str | None]
"""The values of a list's sort columns in one row; the last is unique."""

_SEAL = 12


class Total(NamedTuple):
    """How many entries a list has in all."""

    number: int
    at_least: bool = False
    """Whether counting stopped there: to go on would have taken too long."""

    def __str__(self) -> str:
        """As the header has it."""
        return f"{self.number}{'+' if self.at_least else ''}"


@dataclass(frozen=True)
class Page:
    """A page of ready documents, in order; `after` is the key after which the next page begins, if there may be one."""

    documents: list[str]
    after: Key | None = None
    total: Total | None = None


class Cursors:
    """Keys as opaque text, sealed with the service's secret so that nobody sends one of their own making."""

    def __init__(self, signing: Sequence[str]) -> None:
        """Args: signing: the secret that seals, and after it those whose seals are still believed."""
        self._secrets = [blake2b(secret.encode(), person=b"cursor").digest() for secret in signing]

    def encode(self, key: Key, list_name: str) -> str:
        """The cursor of a row in the list of that name: its path, filters and sort."""
        content = json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode()
        return _encoded(_seal(content, list_name, self._secrets[0]), content)

    def decode(self, cursor: str, list_name: str) -> Key:
        """The key in a cursor that `encode` made for the same list.

        Raises:
            InvalidCursor: it was tampered with, or belongs to another list.
        """
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (Base64Error, ValueError):
            raise InvalidCursor from None
        seal, content = raw[:_SEAL], raw[_SEAL:]
        if not any(compare_digest(seal, _seal(content, list_name, secret)) for secret in self._secrets):
            raise InvalidCursor
        if _encoded(seal, content) != cursor:  # base64 has several spellings of one text
            raise InvalidCursor
        key: Key = json.loads(content)
        return key


def _encoded(seal: bytes, content: bytes) -> str:
    return urlsafe_b64encode(seal + content).rstrip(b"=").decode()


def _seal(content: bytes, list_name: str, secret: bytes) -> bytes:
    salt = blake2b(list_name.encode(), digest_size=16).digest()
    return blake2b(content, key=secret, salt=salt, digest_size=_SEAL).digest()
