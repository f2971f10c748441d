"""The audit log: logins and changes of accounts, as structured events in the log. Never a secret.

An event is written after the commit that made it true. `request_id` and the client's address are in every line.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from app.metrics.instruments import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger("audit")


def record(event: str, **facts: object) -> None:
    """Record a success, such as `signed_in` or `key_created`."""
    EVENTS(event).inc()
    log.info(event, **facts)


def warn(event: str, **facts: object) -> None:
    """Record an event that an operator may want to check, such as `sign_in_failed` or `refresh_token_reused`."""
    EVENTS(event).inc()
    log.warning(event, **facts)


@contextmanager
def warning_of(event: str, failure: type[Exception], **facts: object) -> Iterator[None]:
    """Record a warning if the block raises this exception."""
    try:
        yield
    except failure:
        warn(event, **facts)
        raise
