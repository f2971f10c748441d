"""Counters of rate limits: in this process, or in a Redis or Valkey that several share and that may be unavailable."""

from __future__ import annotations

from math import floor
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import structlog

from app.rate_limiting.windows import MemoryWindows

if TYPE_CHECKING:
    from collections.abc import Callable

    from limits import RateLimitItem

    from app.rate_limiting.windows import Windows

T = TypeVar("T")

log = structlog.get_logger(__name__)

ROUNDING = 1.0
"""Seconds."""
PAUSE = 3.0
"""Seconds before an unavailable Redis is tried again."""


class CountersUnavailable(Exception):  # noqa: N818  (a state, as in app.errors)
    """The counter storage is unreachable (already logged)."""


class WindowStats(NamedTuple):
    """Usage of a limit: whether this hit is allowed, how many remain, and the seconds until another does."""

    allowed: bool
    remaining: int
    grows_in: int
    retry_in: int = 0
    """The seconds until a hit that was not allowed would be: more than `grows_in` if it counts for several."""


class Counters:
    """Counts hits.

    Args:
        redis_url: the Redis in which to count together with other processes; empty to count in this process.
    """

    def __init__(self, redis_url: str | None) -> None:
        self._windows: Windows = MemoryWindows()
        self._outage = Outage()
        if redis_url:
            # The client takes a tenth of the time in which the service starts, and most services do without.
            from app.rate_limiting.redis_windows import UNAVAILABLE, redis_windows  # noqa: PLC0415  (as said)

            self._windows, self._outage = redis_windows(redis_url), Outage(UNAVAILABLE)

    def hit(self, limit: RateLimitItem, *keys: str, cost: int = 1) -> WindowStats:
        """Count a hit, or one that counts for several, if as many remain.

        Raises:
            CountersUnavailable: Redis does not answer, or did not a moment ago.
        """
        key, expiry = limit.key_for(*keys), limit.get_expiry()

        def count() -> WindowStats:
            allowed = self._windows.acquire_sliding_window_entry(key, limit.amount, expiry, cost)
            return self._stats(limit, key, cost, allowed=allowed)

        return self._outage.guard(lambda: self._unless_endless(count, key, expiry))

    def look(self, limit: RateLimitItem, *keys: str) -> WindowStats:
        """What `hit` would return, without counting.

        Raises:
            CountersUnavailable: as above.
        """
        key, expiry = limit.key_for(*keys), limit.get_expiry()
        return self._outage.guard(lambda: self._unless_endless(lambda: self._stats(limit, key), key, expiry))

    def give_back(self, limit: RateLimitItem, *keys: str) -> WindowStats:
        """Take back one hit.

        Raises:
            CountersUnavailable: as above.
        """
        self.return_hits(limit, *keys)
        return self.look(limit, *keys)

    def return_hits(self, limit: RateLimitItem, *keys: str, number: int = 1) -> None:
        """Take back hits.

        Raises:
            CountersUnavailable: as above.
        """
        key, expiry = limit.key_for(*keys), limit.get_expiry()
        self._outage.guard(lambda: self._windows.acquire_sliding_window_entry(key, limit.amount, expiry, -number))

    def forget(self, limit: RateLimitItem, *keys: str) -> WindowStats:
        """Reset the count.

        Raises:
            CountersUnavailable: as above.
        """
        key, expiry = limit.key_for(*keys), limit.get_expiry()
        self._outage.guard(lambda: self._windows.clear_sliding_window(key, expiry))
        return WindowStats(allowed=True, remaining=limit.amount, grows_in=0)

    def _unless_endless(self, call: Callable[[], WindowStats], key: str, expiry: int) -> WindowStats:
        """Call again without the windows of a key that refuse longer than any window lasts.

        Redis keeps the time at which a window ends: if its clock is set back by an hour, the window lasts an hour more.
        """
        stats = call()
        if stats.allowed:
            return stats
        _, previous_left, _, current_left = self._windows.get_sliding_window(key, expiry)
        if previous_left <= expiry + ROUNDING and current_left <= 2 * expiry + ROUNDING:
            return stats
        self._windows.clear_sliding_window(key, expiry)
        return call()

    def _stats(self, limit: RateLimitItem, key: str, cost: int = 1, *, allowed: bool | None = None) -> WindowStats:
        expiry = limit.get_expiry()
        previous, previous_left, current, current_left = self._windows.get_sliding_window(key, expiry)
        remaining = max(0, limit.amount - floor(previous * previous_left / expiry) - current)
        if allowed is None:
            allowed = remaining > 0
        most = limit.amount - cost
        retry_in = 0 if allowed else _seconds_until(most, expiry, (previous, previous_left), (current, current_left))
        if not previous and not current:
            return WindowStats(allowed, remaining, 0, retry_in)
        # The share of the previous window falls by one at a time. If it has none, the current one must end first.
        grows_in = previous_left % (expiry / previous) if previous else max(0.0, current_left - expiry)
        return WindowStats(allowed, remaining, floor(grows_in) + 1, retry_in)


class Outage:
    """A circuit breaker: while Redis is unavailable, one caller tries it every few seconds, and the others do not wait.

    The libraries do not do this: circuitbreaker 2.1 lets all callers try at once when the pause is over, and pybreaker
    1.4 holds a lock during each call, so that only one request at a time could be counted.

    Args:
        errors: what the storage raises when it is unavailable.
    """

    def __init__(self, errors: tuple[type[Exception], ...] = ()) -> None:
        self._errors = errors
        self._lock = Lock()
        self._away = False
        self._ask_again_at = 0.0

    def guard(self, call: Callable[[], T]) -> T:
        """Make a call to the storage.

        Raises:
            CountersUnavailable: the storage is unreachable, or was a moment ago.
        """
        self._require_turn()
        try:
            result = call()
        except self._errors as error:
            self._begin(error)
            raise CountersUnavailable from None
        if self._away:
            self._end()
        return result

    def _require_turn(self) -> None:
        if not self._away:
            return
        with self._lock:
            now = monotonic()
            if self._away and now < self._ask_again_at:
                raise CountersUnavailable
            self._ask_again_at = now + PAUSE

    def _begin(self, error: Exception) -> None:
        with self._lock:
            if not self._away:
                log.error("limits_away", cause=repr(error))
            self._away, self._ask_again_at = True, monotonic() + PAUSE

    def _end(self) -> None:
        with self._lock:
            if self._away:
                log.warning("limits_back")
            self._away = False


def _seconds_until(most: int, expiry: int, previous: tuple[int, float], current: tuple[int, float]) -> int:
    """The seconds until at most so many hits count: those of a window fall evenly once it is the previous one.

    Args:
        most: how many.
        expiry: the length of a window in seconds.
        previous: hits of the previous window, and the seconds until none of them counts.
        current: likewise of the current window.
    """
    if most < 0:
        return expiry  # and not then either: a hit counts for more than the limit
    hits, left = previous
    if current[0] <= most and hits:
        return max(0, floor(left - expiry * (most - current[0] + 1) / hits)) + 1
    hits, left = current
    return max(0, floor(left - expiry * (most + 1) / max(1, hits))) + 1
