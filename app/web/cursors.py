"""Cursors: the end of a page as opaque signed text, which a client cannot forge."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from itsdangerous import BadData, Serializer, Signer, URLSafeSerializer, base64_decode, base64_encode

from app.errors import InvalidCursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.queries.keyset import SortValues

KEPT = 256
"""The number of lists whose keys are kept: to derive one takes longer than to sign with it."""


TOO_SHORT = 64
"""Bytes that compression would not make fewer."""


class _Serializer(URLSafeSerializer):
    """itsdangerous's, which tries to compress everything: for a short text that takes as long as all the rest."""

    def dump_payload(self, obj: object) -> bytes:
        """See `itsdangerous.Serializer`."""
        plain = Serializer.dump_payload(self, obj)
        return base64_encode(plain) if len(plain) < TOO_SHORT else super().dump_payload(obj)


class Cursors:
    """Signs and reads cursors."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Args: secrets: the signing one, followed by former ones whose cursors are still accepted."""
        self._secrets = list(reversed(secrets))  # itsdangerous signs with the last
        self._serializer = lru_cache(KEPT)(self._new_serializer)

    def encode(self, values: SortValues, list_name: str) -> str:
        """The cursor of a row in the list of that name: its path, filters and sort."""
        return self._serializer(list_name).dumps(values)

    def decode(self, cursor: str, list_name: str) -> SortValues:
        """The values in a cursor that `encode` made for the same list.

        Raises:
            InvalidCursor: it was tampered with, or belongs to another list.
        """
        try:
            values: SortValues = self._serializer(list_name).loads(cursor)
            signature = cursor.rpartition(".")[2]
            canonical = base64_encode(base64_decode(signature)).decode()  # base64 has several spellings of one text
        except (BadData, UnicodeEncodeError):
            raise InvalidCursor from None
        if signature != canonical:
            raise InvalidCursor
        return values

    def _new_serializer(self, list_name: str) -> URLSafeSerializer:
        """The salt ties a cursor to its list, and keeps its key apart from those of other uses of the secret."""
        deriving = Signer(self._secrets, salt=f"cursor {list_name}", key_derivation="hmac", digest_method=sha256)
        return _Serializer(
            [deriving.derive_key(secret) for secret in deriving.secret_keys],
            serializer_kwargs={"ensure_ascii": False},
            signer_kwargs={"key_derivation": "none", "digest_method": sha256},
        )
