"""A limit on what one client address may have under way."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class ConcurrencyLimit:
    """Counts what each address has under way. For one thread: that of the event loop.

    Args:
        most: how many things of one address may be under way.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def one_more(self, address: str) -> Iterator[bool]:
        """Count one for the block. Whether it is allowed: if not, it is not counted."""
        allowed = self._under_way[address] < self._most
        if allowed:
            self._under_way[address] += 1
        try:
            yield allowed
        finally:
            if allowed:
                self._under_way[address] -= 1
            if not self._under_way[address]:
                del self._under_way[address]
