"""How many attempts each endpoint gets at once: one that is slow or fails must not delay the others."""

from __future__ import annotations

from collections import Counter
from threading import Condition

MOST = 4
"""Attempts at once to an endpoint that answers fast; others get one."""


class EndpointLimit:
    """The attempts of this process that are under way, and how many more each endpoint may get."""

    def __init__(self) -> None:
        self._under_way: Counter[int] = Counter()
        self._allowed: dict[int, int] = {}
        self._changed = Condition()

    def places(self, webhook_id: int) -> int:
        """How many more attempts may begin."""
        with self._changed:
            return self._allowed.get(webhook_id, 1) - self._under_way[webhook_id]

    def begin(self, webhook_id: int) -> None:
        """Note the beginning of an attempt."""
        with self._changed:
            self._under_way[webhook_id] += 1

    def end(self, webhook_id: int, *, fast: bool) -> None:
        """Note the end of an attempt, and whether it succeeded within a second."""
        with self._changed:
            self._under_way[webhook_id] -= 1
            if not self._under_way[webhook_id]:
                del self._under_way[webhook_id]
            self._allowed[webhook_id] = min(self._allowed.get(webhook_id, 1) + 1, MOST) if fast else 1
            self._changed.notify_all()

    def wait_until_idle(self) -> None:
        """Wait until no attempt is under way."""
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way)
