"""Cursors: the end of a page as opaque signed text, which a client cannot forge."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeSerializer, base64_decode, base64_encode

from app.errors import InvalidCursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.queries.keyset import SortValues


class Cursors:
    """Signs and reads cursors."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Args: secrets: the signing one, followed by former ones whose cursors are still accepted."""
        self._secrets = list(reversed(secrets))  # itsdangerous signs with the last

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

    def _serializer(self, list_name: str) -> URLSafeSerializer:
        """The salt ties a cursor to its list, and keeps its key apart from those of other uses of the secret."""
        return URLSafeSerializer(
            self._secrets,
            salt=f"cursor {list_name}",
            serializer_kwargs={"ensure_ascii": False},
            signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
        )
