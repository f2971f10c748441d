"""Waiting for other processes and threads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

INTERVAL = 0.02
"""Seconds between two checks: short, so that a test waits hardly longer than necessary."""


def wait_until(condition: Callable[[], T], within: float = 30) -> T:
    """Check the condition repeatedly, and return its first true value.

    Args:
        condition: what is called.
        within: the seconds after which it fails.

    Raises:
        TimeoutError: the condition was never true.
    """
    deadline = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() > deadline:
            msg = f"the condition was not met within {within} seconds"
            raise TimeoutError(msg)
        time.sleep(INTERVAL)
    return value
