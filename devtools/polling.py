"""Waiting for other processes and threads."""

from __future__ import annotations

import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

INTERVAL = 0.02
"""Seconds between two checks: short, so that a test waits hardly longer than necessary."""


def wait_until(condition: Callable[[], T | None], within: float = 30) -> T:
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


def answers(url: str) -> bool:
    """Whether a GET of this address, without TLS, gets a 200 within five seconds.

    To ask it again and again costs little: httpx reads the certificates of all authorities each time, for 50 ms.
    """
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=5)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
