"""The rate limits of the service: how often one address or one account may do what is costly, or worth guessing at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from limits import parse

from app.errors import LimitsUnavailable
from app.metrics.instruments import UNCOUNTED
from app.rate_limiting.counters import Counters, CountersUnavailable, WindowStats
from app.rate_limiting.slices import Slices

if TYPE_CHECKING:
    from collections.abc import Callable

    from limits import RateLimitItem

    from app.settings import Settings

LOGINS, FAILURES, REGISTRATIONS = "logins", "login-failures", "registrations"
WRITES, RECORDS, CHANGES, READS, KEPT = "writes", "records", "changes", "reads", "kept-responses"
UNLIMITED = frozenset({"/healthz", "/readyz"})
"""The paths of the health probes, which are never limited."""
CODES = "code-failures"
ACCOUNT, SLOW, KNOWN = "account-failures", "slow-logins", "known-addresses"
SLOWED = parse("1/5 second")
"""How often an account with too many failures admits a login from addresses where its user never logged in."""
REMEMBERED = parse("1/30 day")
"""How long an address is known where a user logged in."""
TOO_MANY = {
    LOGINS: "Too many logins from your address.",
    FAILURES: "Too many failed logins to this account from your address.",
    CODES: "Too many wrong codes for this account; a recovery code still works.",
    SLOW: "Too many failed logins to this account. From a new address, one attempt in five seconds is admitted.",
    REGISTRATIONS: "Too many registrations from your address.",
    WRITES: "Too many changes by your account.",
    RECORDS: "Too many books at once by your account.",
    CHANGES: "The changes by your account take too much room.",
    READS: "Too many requests from your address.",
    KEPT: "Too much is kept for the Idempotency-Keys of your account.",
}
FAIL_CLOSED = {LOGINS, FAILURES, CODES, ACCOUNT, SLOW, REGISTRATIONS}
"""Limits that refuse requests while the counters are unavailable; the others let them through."""


@dataclass(frozen=True)
class Limit:
    """One limit, by the name that it has in headers and in the log."""

    name: str
    item: RateLimitItem

    @cached_property
    def policy(self) -> str:
        """An item of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers)."""
        return f'"{self.name}";q={self.item.amount};w={self.item.get_expiry()}'


class Usage(NamedTuple):
    """What was counted for a request."""

    limit: Limit
    stats: WindowStats

    @property
    def header(self) -> str:
        """An item of `RateLimit` (draft-ietf-httpapi-ratelimit-headers)."""
        return f'"{self.limit.name}";r={self.stats.remaining};t={self.stats.grows_in}'


class RateLimits:
    """The limits of one application; none where `RATE_LIMIT_ENABLED` is false.

    Each method returns the usage of the limit, or None where there is no such limit or the counters are unavailable.
    """

    def __init__(self, settings: Settings) -> None:
        items = {
            LOGINS: settings.rate_limit_logins,
            FAILURES: settings.rate_limit_login_failures,
            CODES: settings.rate_limit_code_failures,
            ACCOUNT: settings.rate_limit_account_failures,
            REGISTRATIONS: settings.rate_limit_registrations,
            WRITES: settings.rate_limit_writes,
            RECORDS: settings.rate_limit_records,
            CHANGES: settings.rate_limit_changes,
            READS: settings.rate_limit_reads,
            KEPT: settings.rate_limit_kept_responses,
        }
        if settings.rate_limit_account_failures is not None:
            items |= {SLOW: SLOWED, KNOWN: REMEMBERED}
        enabled = items.items() if settings.rate_limit_enabled else ()
        self._limits = {name: Limit(name, item) for name, item in enabled if item is not None}
        self._counters = Counters(settings.rate_limit_storage)
        reads = self._limits.get(READS)
        self._reads = None if reads is None else Slices(self._counters, reads.item, READS)

    def has(self, name: str) -> bool:
        """Whether there is a limit of this name."""
        return name in self._limits

    def hit(self, name: str, *keys: str, cost: int = 1) -> Usage | None:
        """Count a request; or more for one that costs as much as several.

        Raises:
            LimitsUnavailable: the counters are unavailable, and the limit fails closed.
        """
        return self._call(partial(self._counters.hit, cost=cost), name, keys, fail_closed=name in FAIL_CLOSED)

    def read(self, address: str) -> Usage | None:
        """Count a read from an address."""
        if self._reads is None:
            return None
        try:
            return Usage(self._limits[READS], self._reads.hit(address))
        except CountersUnavailable:
            return None

    def give_back_read(self, address: str) -> Usage | None:
        """Undo one read."""
        stats = None if self._reads is None else self._reads.give_back(address)
        return None if stats is None else Usage(self._limits[READS], stats)

    def look(self, name: str, *keys: str) -> Usage | None:
        """What `hit` would return, without counting."""
        return self._call(self._counters.look, name, keys)

    def give_back(self, name: str, *keys: str) -> Usage | None:
        """Undo one hit."""
        return self._call(self._counters.give_back, name, keys)

    def forgive(self, name: str, *keys: str) -> Usage | None:
        """Undo all hits."""
        return self._call(self._counters.forget, name, keys)

    def _call(
        self, count: Callable[..., WindowStats], name: str, keys: tuple[str, ...], *, fail_closed: bool = False
    ) -> Usage | None:
        limit = self._limits.get(name)
        if limit is None:
            return None
        try:
            return Usage(limit, count(limit.item, name, *keys))
        except CountersUnavailable:
            UNCOUNTED(name).inc()
            if fail_closed:
                raise LimitsUnavailable from None
            return None
