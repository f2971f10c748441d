"""Waiting for what happens elsewhere: the one place where a test sleeps, and it never sleeps for long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

BETWEEN_LOOKS = 0.02


def wait_until(holds: Callable[[], T], within: float = 30) -> T:
    """Look again and again, and return the first thing that is true; fail after so many seconds."""
    deadline = time.monotonic() + within
    while not (seen := holds()):
        assert time.monotonic() < deadline, f"it did not come about within {within} seconds"
        time.sleep(BETWEEN_LOOKS)
    return seen
