"""Limits: how often one address or one account may do what is costly, or worth guessing at."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING

import structlog
from flask import g, request

from app.domain.names import name_key
from app.errors import BadCredentials, BooksError, LimitsUnavailable, TooManyRequests
from app.rate_limiting.counters import Counters, CountersUnavailable, WindowStats
from app.settings.types import allowance, redis_url
from app.web.proxies import parse_address
from app.web.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from limits import RateLimitItem

    from app.settings import Settings

log = structlog.get_logger(__name__)

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
LOGINS, FAILURES, REGISTRATIONS, WRITES, READS = "logins", "login-failures", "registrations", "writes", "reads"
TOO_MANY = {
    LOGINS: "Too many sign-ins from your address.",
    FAILURES: "Too many failed sign-ins to this account from your address.",
    REGISTRATIONS: "Too many registrations from your address.",
    WRITES: "Too many changes by your account.",
    READS: "Too many requests from your address.",
}
FAIL_CLOSED = {LOGINS, FAILURES, REGISTRATIONS}
"""What is refused while nobody can count; the rest goes on."""


@dataclass(frozen=True)
class Limit:
    """One limit, by the name that it has in headers and in the log."""

    name: str
    allowance: RateLimitItem

    @property
    def policy(self) -> str:
        """An item of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers)."""
        return f'"{self.name}";q={self.allowance.amount};w={self.allowance.get_expiry()}'

    def state(self, stats: WindowStats) -> str:
        """An item of `RateLimit`."""
        return f'"{self.name}";r={stats.remaining};t={stats.grows_in}'


class RateLimits:
    """The limits of one service; none where `RATE_LIMIT_ENABLED` is false."""

    def __init__(self, settings: Settings) -> None:
        texts = {
            LOGINS: settings.rate_limit_logins,
            FAILURES: settings.rate_limit_login_failures,
            REGISTRATIONS: settings.rate_limit_registrations,
            WRITES: settings.rate_limit_writes,
            READS: settings.rate_limit_reads,
        }
        given = {name: allowance(text) for name, text in texts.items() if settings.rate_limit_enabled}
        self._limits = {name: Limit(name, item) for name, item in given.items() if item is not None}
        self._counters = Counters(redis_url(settings.rate_limit_storage))

    def has(self, name: str) -> bool:
        """Whether there is a limit of this name."""
        return name in self._limits

    def hit(self, name: str, *keys: str) -> None:
        """Count once.

        Raises:
            TooManyRequests: it was too often.
            LimitsUnavailable: nobody can count, and it is a limit that then lets nobody through.
        """
        self._require_allowed(name, self._ask(self._counters.hit, name, keys, fail_closed=name in FAIL_CLOSED))

    def look(self, name: str, *keys: str) -> None:
        """Do all that `hit` does but count."""
        self._require_allowed(name, self._ask(self._counters.look, name, keys, fail_closed=name in FAIL_CLOSED))

    def note(self, name: str, *keys: str) -> None:
        """Count once, and let it pass."""
        self._ask(self._counters.hit, name, keys)

    def give_back(self, name: str, *keys: str) -> None:
        """Count once less."""
        self._ask(self._counters.give_back, name, keys)

    def forgive(self, name: str, *keys: str) -> None:
        """Give back all that was counted."""
        self._ask(self._counters.forget, name, keys)

    def _ask(
        self, ask: Callable[..., WindowStats], name: str, keys: tuple[str, ...], *, fail_closed: bool = False
    ) -> WindowStats | None:
        limit = self._limits.get(name)
        if limit is None:
            return None
        try:
            stats = ask(limit.allowance, name, *keys)
        except CountersUnavailable:
            if fail_closed:
                raise LimitsUnavailable from None
            return None
        g.setdefault("window_stats", {})[name] = (limit, stats)
        return stats

    @staticmethod
    def _require_allowed(name: str, stats: WindowStats | None) -> None:
        if stats is not None and not stats.allowed:
            log.warning("rate_limited", limit=name, address=request.remote_addr)
            raise TooManyRequests(TOO_MANY[name], stats.grows_in)


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
    limits.hit(FAILURES, *account)
    try:
        yield
    except BadCredentials:
        raise
    except BooksError:
        limits.give_back(FAILURES, *account)
        raise
    limits.forgive(FAILURES, *account)


def limit_address() -> None:
    """Count what this address does about sign-ins: refreshes, changes and resets of passwords.

    Raises:
        TooManyRequests, LimitsUnavailable: it may not be tried.
    """
    state().limits.hit(LOGINS, address_key())


def limit_registration() -> None:
    """Count a registration.

    Raises:
        TooManyRequests, LimitsUnavailable: it may not be tried.
    """
    state().limits.hit(REGISTRATIONS, address_key())


def limit_write(user_id: int, session_id: int | None) -> None:
    """Count a change.

    Args:
        user_id: whose account makes it.
        session_id: where it is about accounts: the session, which counts for itself. Whoever has stolen a key or a
            session, and floods the service with it, must not keep its owner from revoking it.

    Raises:
        TooManyRequests: it may not be tried.
    """
    state().limits.hit(WRITES, str(user_id), *([] if session_id is None else [str(session_id)]))


def address_key() -> str:
    """Whom the address stands for: one household or machine has a whole /64 of IPv6."""
    address = parse_address(request.remote_addr or "")
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or request.remote_addr)


def _account(username: str) -> tuple[str, str]:
    """A short key for a name of any length, and the address."""
    return blake2b(name_key(username).encode(), digest_size=16).hexdigest(), address_key()
