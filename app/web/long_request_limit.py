"""A limit on the requests of one client that take long, each in a thread."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class LongRequestLimit:
    """Counts the requests of each client that are under way.

    Args:
        most: how many of one client there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, client: str) -> bool:
        """Count one more of a client, unless it has too many. Returns: whether it may begin."""
        with self._lock:
            allowed = self._of[client] < self._most
            if allowed:
                self._of[client] += 1
            return allowed

    def give_back(self, client: str) -> None:
        """One has ended."""
        with self._lock:
            self._of[client] -= 1
            if not self._of[client]:
                del self._of[client]
