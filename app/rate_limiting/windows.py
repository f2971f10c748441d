"""Sliding windows: the interface of a storage of hits, and one in memory.

The library limits has a `MemoryStorage`. It is not used: its races under threads were measured (see `MemoryWindows`).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice
from math import floor
from threading import Lock
from time import monotonic
from typing import Protocol

MOST_WINDOWS = 100_000
"""How many windows are kept in memory, at some 400 bytes each. Beyond that the oldest are dropped."""


class Windows(Protocol):
    """A storage of sliding windows, with the interface of the library's own storages.

    A limit applies to any window of `expiry` seconds. Hits of the current fixed window count in full; those of the
    previous one count by the share of it that the sliding window still covers. That takes two numbers per key, where
    exact times would take as many as the limit allows. In Redis, the clock is Redis's own.
    """

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a hit, unless it exceeds the limit. An amount of -1 takes one hit back."""
        ...

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Hits and seconds left of the previous window, then of the current one, which goes on to be the previous."""
        ...

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Drop the windows of a key."""
        ...


@dataclass(slots=True)
class Window:
    """The hits of a key in the current window, and in the previous one."""

    began: float
    expiry: int
    current: int = 0
    previous: int = 0

    def turn(self, now: float) -> None:
        """Start the next window if the current one has ended, which then is the previous one."""
        if now - self.began >= self.expiry:
            self.began, self.previous, self.current = self.began + self.expiry, self.current, 0

    def is_over(self, now: float) -> bool:
        """Whether none of its hits count any more."""
        return now - self.began >= 2 * self.expiry

    def left(self, now: float) -> float:
        """Seconds until the current window ends."""
        return self.began + self.expiry - now


class MemoryWindows:
    """Windows in this process, guarded by one lock.

    The library's own let ten pass where five were allowed when sixteen threads came at once, and raised RuntimeError
    when two started its timer (limits 5.8, measured: in 6 of 1,500 rounds).
    """

    def __init__(self) -> None:
        self._windows: OrderedDict[str, Window] = OrderedDict()
        self._lock = Lock()

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a hit, unless it exceeds the limit."""
        with self._lock:
            window, now = self._window(key, expiry)
            if floor(window.previous * window.left(now) / expiry) + window.current + amount > limit:
                return False
            window.current += amount
            if key not in self._windows:
                self._make_room(now)
                self._windows[key] = window
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Hits and seconds left of the previous window, then of the current one."""
        with self._lock:
            window, now = self._window(key, expiry)
            return window.previous, window.left(now), window.current, window.left(now) + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002  (part of the interface)
        """Drop the windows of a key."""
        with self._lock:
            self._windows.pop(key, None)

    def _window(self, key: str, expiry: int) -> tuple[Window, float]:
        now = monotonic()
        window = self._windows.get(key)
        if window is None or window.is_over(now):
            self._windows.pop(key, None)
            return Window(now, expiry), now
        window.turn(now)
        return window, now

    def _make_room(self, now: float) -> None:
        """Check the two oldest keys for each new one: expired windows go, and no single hit has to scan them all."""
        for key in list(islice(self._windows, 2)):
            if self._windows[key].is_over(now) or len(self._windows) >= MOST_WINDOWS:
                del self._windows[key]
            else:
                self._windows.move_to_end(key)
