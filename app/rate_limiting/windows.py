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
"""Windows in memory, of some 400 bytes each; beyond that the oldest are forgotten."""


class Windows(Protocol):
    """What counts, as the library's storages do it.

    An allowance is for any window of `expiry` seconds: hits of the current one count in full, those of the one before
    by the share of it that is still within reach. That is two numbers a key, where exact moments would be as many as
    the allowance, and in Redis it is Redis's own clock that counts.
    """

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, unless it would be more than the limit. An amount of -1 takes back what was counted once."""
        ...

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Hits and seconds left of the window before, then of the current one, which lives on as the one before."""
        ...

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget."""
        ...


@dataclass(slots=True)
class Window:
    """The hits of a key since it began, and of the same time before."""

    began: float
    expiry: int
    current: int = 0
    previous: int = 0

    def turn(self, now: float) -> None:
        """Go on to the window of this moment; one that is over counts as the one before."""
        if now - self.began >= self.expiry:
            self.began, self.previous, self.current = self.began + self.expiry, self.current, 0

    def is_over(self, now: float) -> bool:
        """Whether nothing in it counts any more."""
        return now - self.began >= 2 * self.expiry

    def left(self, now: float) -> float:
        """Seconds."""
        return self.began + self.expiry - now


class MemoryWindows:
    """Windows in this process, under one lock.

    The library's own let ten pass where five were allowed when sixteen threads came at once, and raised RuntimeError
    when two started its timer (limits 5.8, measured: in 6 of 1,500 rounds).
    """

    def __init__(self) -> None:
        self._windows: OrderedDict[str, Window] = OrderedDict()
        self._lock = Lock()

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, unless it would be more than the limit."""
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
        """Hits and seconds left of the window before, then of the current one."""
        with self._lock:
            window, now = self._window(key, expiry)
            return window.previous, window.left(now), window.current, window.left(now) + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002  (others find a key by it)
        """Forget."""
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
        """Look at the two oldest keys for each new one: so what is over goes, and nobody ever looks at them all."""
        for key in list(islice(self._windows, 2)):
            if self._windows[key].is_over(now) or len(self._windows) >= MOST_WINDOWS:
                del self._windows[key]
            else:
                self._windows.move_to_end(key)
