"""Hits that are taken from the counters several at a time, and spent in this process.

To count a read in Redis takes longer than to answer it, and to count it in memory some per cent of that time. So each
address takes a slice of its limit from the counters: as many hits as it sent in a second, at most a hundredth of the
limit. No more hits are admitted than the counters have granted, however many processes count.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from app.rate_limiting.counters import WindowStats

if TYPE_CHECKING:
    from limits import RateLimitItem

    from app.rate_limiting.counters import Counters

LASTS = 1.0
"""Seconds after which what is left of a slice is returned, and a refusal is checked again."""
MOST_SLICES = 10_000
"""How many addresses have one at most, at some 300 bytes each. Beyond that the oldest are dropped: what is left of them
stays counted."""
OF_LIMIT = 100
"""The largest slice is this part of the limit, so that other processes are not refused while one has hits left."""


@dataclass(slots=True)
class Slice:
    """The hits that an address may still send without asking the counters."""

    began: float
    size: int
    """How many were taken at once the last time."""
    left: int
    stats: WindowStats
    """The usage when it was taken."""
    spent: int = 0
    """How many were sent since it began."""


class Slices:
    """Spends hits of one limit, by address.

    Args:
        counters: where the hits are counted.
        limit: the limit.
        name: the name of the limit, which begins the keys.
    """

    def __init__(self, counters: Counters, limit: RateLimitItem, name: str) -> None:
        self._counters, self._limit, self._name = counters, limit, name
        self._largest = max(1, limit.amount // OF_LIMIT)
        self._slices: OrderedDict[str, Slice] = OrderedDict()
        self._lock = Lock()

    def hit(self, address: str) -> WindowStats:
        """Count a hit, if one remains.

        Raises:
            CountersUnavailable: the counters were needed, and are unavailable.
        """
        now = monotonic()
        with self._lock:
            current = self._slices.get(address)
            if current is not None and now - current.began < LASTS:
                if current.left:
                    current.left -= 1
                    current.spent += 1
                    return self._admitted(current, now)
                if not current.stats.allowed:
                    return current.stats
        return self._renew(address, current, now)

    def give_back(self, address: str) -> WindowStats | None:
        """Take back a hit that was just admitted. Returns: the usage; None if it is not known any more."""
        with self._lock:
            current = self._slices.get(address)
            if current is None:
                return None
            current.left += 1
            current.spent = max(0, current.spent - 1)
            return self._admitted(current, monotonic())

    def _renew(self, address: str, former: Slice | None, now: float) -> WindowStats:
        """Take another slice, without the lock: the counters may be on another machine."""
        size = self._size(former, now)
        if former is not None and now - former.began >= LASTS:
            self._return(address, former, now)
        stats = self._counters.hit(self._limit, self._name, address, cost=size)
        if not stats.allowed and size > 1:
            size, stats = 1, self._counters.hit(self._limit, self._name, address)
        granted = size if stats.allowed else 0
        with self._lock:
            current = self._slices.get(address)
            if current is None or (current is former and now - current.began >= LASTS):
                current = self._slices[address] = Slice(now, size, 0, stats)
                self._slices.move_to_end(address)
                if len(self._slices) > MOST_SLICES:
                    self._slices.popitem(last=False)
            current.size, current.stats = size, stats
            if not granted:
                return stats
            current.left += granted - 1
            current.spent += 1
            return self._admitted(current, now)

    def _size(self, former: Slice | None, now: float) -> int:
        """The rate of the last second; or twice the last slice, if that was used up sooner."""
        if former is None or now - former.began >= 2 * LASTS:
            return 1
        wanted = former.spent if now - former.began >= LASTS else 2 * former.size
        return max(1, min(wanted, self._largest))

    def _return(self, address: str, former: Slice, now: float) -> None:
        """Return what is left of a slice, unless that does not count any more."""
        with self._lock:
            left, former.left = former.left, 0
        if left and now - former.began < self._limit.get_expiry():
            self._counters.return_hits(self._limit, self._name, address, number=left)

    def _admitted(self, current: Slice, now: float) -> WindowStats:
        passed = int(now - current.began)
        grows_in = max(1, current.stats.grows_in - passed)
        return WindowStats(allowed=True, remaining=current.stats.remaining + current.left, grows_in=grows_in)
