"""Which requests are counted against which limit, and by what key."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import blake2b
from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING

import structlog
from flask import g, request

from app.domain.names import name_key
from app.errors import BadCredentials, BooksError, TooManyRequests
from app.rate_limiting.limits import FAILURES, LOGINS, REGISTRATIONS, TOO_MANY, WRITES
from app.web.proxies import parse_address
from app.web.state import state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.rate_limiting.limits import Usage

log = structlog.get_logger(__name__)

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


def record_usage(usage: Usage | None) -> None:
    """Keep what was counted, for the response headers."""
    if usage is not None:
        g.setdefault("rate_limit_usage", {})[usage.limit.name] = usage


def require_allowed(usage: Usage | None) -> None:
    """Keep what was counted, and refuse the request if the limit is exceeded.

    Raises:
        TooManyRequests: it is.
    """
    record_usage(usage)
    if usage is not None and not usage.stats.allowed:
        name = usage.limit.name
        log.warning("rate_limited", limit=name, address=request.remote_addr)
        raise TooManyRequests(TOO_MANY[name], usage.stats.grows_in)


@contextmanager
def login_attempt(username: str) -> Iterator[None]:
    """Count an attempt to log in before the block checks the password: a hundred guesses at once are a hundred.

    It counts for the address, and as a failure for the account and the address together, so that no one can lock
    an account out for every address. If the block succeeds, the failures before it are forgiven. If it fails for any
    reason but the password (the queue for hashing is full, the database is unavailable), the attempt does not count:
    otherwise a client that fills the queue would lock out all those who retry when they are told to.

    Raises:
        TooManyRequests, LimitsUnavailable: the attempt is refused.
    """
    limit_address()
    limits, account = state().limits, _account(username)
    require_allowed(limits.hit(FAILURES, *account))
    try:
        yield
    except BadCredentials:
        raise
    except BooksError:
        record_usage(limits.give_back(FAILURES, *account))
        raise
    record_usage(limits.forgive(FAILURES, *account))


def limit_address() -> None:
    """Count what this address does about sign-ins: refreshes, changes and resets of passwords.

    Raises:
        TooManyRequests, LimitsUnavailable: it may not be tried.
    """
    require_allowed(state().limits.hit(LOGINS, address_key()))


def limit_registration() -> None:
    """Count a registration.

    Raises:
        TooManyRequests, LimitsUnavailable: it may not be tried.
    """
    require_allowed(state().limits.hit(REGISTRATIONS, address_key()))


def limit_write(user_id: int, session_id: int | None) -> None:
    """Count a change.

    Args:
        user_id: whose account makes it.
        session_id: where it is about accounts: the session, which counts for itself. Whoever has stolen a key or a
            session, and floods the service with it, must not keep its owner from revoking it.

    Raises:
        TooManyRequests: it may not be tried.
    """
    require_allowed(state().limits.hit(WRITES, str(user_id), *([] if session_id is None else [str(session_id)])))


def address_key() -> str:
    """Whom the address stands for: one household or machine has a whole /64 of IPv6."""
    address = parse_address(request.remote_addr or "")
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or request.remote_addr)


def _account(username: str) -> tuple[str, str]:
    """A short key for a name of any length, and the address."""
    return blake2b(name_key(username).encode(), digest_size=16).hexdigest(), address_key()
