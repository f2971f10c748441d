"""Limits on what one client may have under way."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.errors import TooManyImports, TooManyRequests
from app.metrics.instruments import RATE_LIMITED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.errors import BooksError

IMPORTS = "imports"
"""The name of `IMPORTS_PER_ACCOUNT` among the limits in the metrics."""
RETRY_AFTER = 5
"""Seconds."""


class ConcurrencyLimit:
    """Counts what each client has under way, such as an address. For one thread: that of the event loop.

    Args:
        most: how many things of one client may be under way.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def one_more(self, client: str) -> Iterator[bool]:
        """Count one for the block. Whether it is allowed: if not, it is not counted."""
        allowed = self._under_way[client] < self._most
        if allowed:
            self._under_way[client] += 1
        try:
            yield allowed
        finally:
            if allowed:
                self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]


class ImportLimit:
    """Limits the imports that are received and carried out at once, with their temporary files, threads and memory.

    Args:
        of_all: how many there may be.
        of_account: how many of one account.
    """

    def __init__(self, of_all: int, of_account: int) -> None:
        self._all, self._of_account = ConcurrencyLimit(of_all), ConcurrencyLimit(of_account)

    @contextmanager
    def one_more(self, account: int) -> Iterator[BooksError | None]:
        """Count one for the block; why it is refused, if it is."""
        with self._of_account.one_more(str(account)) as is_moderate:
            if not is_moderate:
                RATE_LIMITED(IMPORTS).inc()
                yield TooManyRequests("Too many imports of this account are under way.", RETRY_AFTER)
                return
            with self._all.one_more(IMPORTS) as has_room:
                yield None if has_room else TooManyImports()
