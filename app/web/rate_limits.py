"""Rate limiting of requests: which limit applies, and by which key it counts."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

import structlog
from flask import g, request

from app.errors import TooManyRequests
from app.metrics.instruments import RATE_LIMITED
from app.rate_limiting.limits import CHANGES, KEPT, LOGINS, RECORDS, REGISTRATIONS, TOO_MANY, WRITES
from app.web.proxies import network_of
from app.web.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.rate_limiting.limits import Usage
    from app.web.operations import View

log = structlog.get_logger(__name__)

COUNTED_CHANGES = 8_192
"""Characters of a write's changes from which on they are counted: of smaller ones, the limit of writes suffices."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Safe methods."""


def record_usage(usage: Usage | None) -> None:
    """Keep the usage of a limit for the response headers."""
    if usage is not None:
        g.setdefault("rate_limit_usage", {})[usage.limit.name] = usage


def require_allowed(usage: Usage | None) -> None:
    """Keep the usage for the response headers, and refuse the request if the limit is exceeded.

    Raises:
        TooManyRequests: the limit is exceeded.
    """
    record_usage(usage)
    if usage is not None and not usage.stats.allowed:
        name = usage.limit.name
        log.warning("rate_limited", limit=name)
        RATE_LIMITED(name).inc()
        raise TooManyRequests(TOO_MANY[name], usage.stats.retry_in)


def counted(count: Callable[[], None]) -> Callable[[View], View]:
    """Count a request before its body is parsed, which costs something even if it is invalid: put it above `operation`.

    Args:
        count: counts it, or refuses it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def counted_view(**arguments: object) -> object:
            count()
            return view(**arguments)

        return counted_view

    return decorate


def limit_address() -> None:
    """Count a request of this address that involves credentials: login, refresh, change or reset of a password.

    Raises:
        TooManyRequests, LimitsUnavailable: the request is refused.
    """
    require_allowed(state().limits.hit(LOGINS, address_key()))


def limit_registration() -> None:
    """Count a registration.

    Raises:
        TooManyRequests, LimitsUnavailable: the request is refused.
    """
    require_allowed(state().limits.hit(REGISTRATIONS, address_key()))


def limit_write(user_id: int, session_id: int | None) -> None:
    """Count a write.

    Args:
        user_id: the user who makes it.
        session_id: for a write to the account: the session, which has a limit of its own. A thief who floods the
            service with a stolen key or session must not keep its owner from revoking it.

    Raises:
        TooManyRequests: the request is refused.
    """
    require_allowed(state().limits.hit(WRITES, str(user_id), *([] if session_id is None else [str(session_id)])))


def limit_records(user_id: int, number: int) -> None:
    """Count the records of a write of many, which costs as much as so many writes.

    Raises:
        TooManyRequests: the request is refused.
    """
    require_allowed(state().limits.hit(RECORDS, str(user_id), cost=number))


def limit_all_records(user_id: int, number: int) -> None:
    """The same for a write that names one thing and changes many: if there are more than the limit, all of it counts.

    Raises:
        TooManyRequests: the request is refused.
    """
    limit = state().settings.rate_limit_records
    limit_records(user_id, number if limit is None else min(number, limit.amount))


def limit_changes(user_id: int, size: int) -> None:
    """Count the room that a write takes in the change log, in characters: each begun KiB.

    Raises:
        TooManyRequests: the request is refused.
    """
    if size >= COUNTED_CHANGES:
        require_allowed(state().limits.hit(CHANGES, str(user_id), cost=-(-size // 1024)))


def limit_kept(user_id: int, size: int) -> None:
    """Count the room that a response takes which is kept for retries, in bytes: each begun KiB.

    Raises:
        TooManyRequests: the request is refused.
    """
    require_allowed(state().limits.hit(KEPT, str(user_id), cost=-(-size // 1024)))


def address_key() -> str:
    """The key of the client's address."""
    return network_of(request.remote_addr or "")
