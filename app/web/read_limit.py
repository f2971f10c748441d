"""The limit on reads: each GET and HEAD is counted before it is answered, and a 304 is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from app.rate_limiting.limits import READS, UNLIMITED
from app.web.proxies import network_of
from app.web.rate_limits import require_allowed
from app.web.state import EXTENSION, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from app.rate_limiting.limits import RateLimits, Usage

COUNTED = frozenset({"GET", "HEAD"})


def register_read_limit(app: Flask) -> None:
    """Count reads if they have a limit."""
    limits: RateLimits = app.extensions[EXTENSION].limits
    if limits.has(READS):
        app.before_request(_counting_reads(limits))


def _counting_reads(limits: RateLimits) -> Callable[[], None]:
    """A hook that counts reads. It is called for each, so it goes through Flask's proxies as seldom as it can."""

    def count() -> None:
        environ = request.environ
        if environ["REQUEST_METHOD"] in COUNTED and environ["PATH_INFO"] not in UNLIMITED:
            require_allowed(limits.read(network_of(environ.get("REMOTE_ADDR", ""))))

    return count


def give_back_read(usages: dict[str, Usage]) -> None:
    """A 304 is free. It is counted first, so that concurrent requests cannot pass together where one may."""
    if READS in usages:
        usage = state().limits.give_back_read(network_of(request.remote_addr or ""))
        if usage is not None:
            usages[READS] = usage
