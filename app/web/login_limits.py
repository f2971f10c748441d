"""Limits of guessing at passwords and codes: for an account from one address, and from all addresses together."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING

from app.domain.names import name_key
from app.errors import BadCredentials, BooksError, SecondFactorInvalid, TooManyRequests
from app.rate_limiting.limits import ACCOUNT, CODES, FAILURES, KNOWN, SLOW
from app.web.rate_limits import address_key, record_usage, require_allowed
from app.web.state import state

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def count_code(user_id: int) -> Iterator[None]:
    """Count the check of a six-digit code before the block makes it. Only wrong codes stay counted.

    They count for the account, over all addresses: six digits can be guessed from many addresses at once. Only a client
    that knows the password, or has a session, gets this far; recovery codes are too long to guess, and not counted.
    A right code forgives no earlier failures, as the user's own logins would do so for an attacker.

    Raises:
        TooManyRequests, LimitsUnavailable: the attempt is refused.
    """
    limits, account = state().limits, str(user_id)
    require_allowed(limits.hit(CODES, account))
    try:
        yield
    except SecondFactorInvalid:
        raise
    except BooksError:
        record_usage(limits.give_back(CODES, account))
        raise
    record_usage(limits.give_back(CODES, account))


@contextmanager
def login_attempt(username: str, *, signed_in: bool = False) -> Iterator[None]:
    """Count a login attempt before the block checks the password, so that concurrent guesses all count.

    It counts as a failure for the account and the address together, so that an attacker cannot lock an account for
    every address. If the block succeeds, earlier failures are forgiven. If it fails for any reason but the password or
    the code (the queue for hashing is full, the database is unavailable), the attempt does not count: otherwise a
    client that fills the queue would lock out all users who retry as instructed.

    Args:
        username: the account, as it was typed.
        signed_in: whether the user has a session, to which only the limit of its address applies.

    Raises:
        TooManyRequests, LimitsUnavailable: the attempt is refused.
    """
    limits, account = state().limits, _account(username)
    here = (account, address_key())
    require_allowed(limits.hit(FAILURES, *here))
    counted = False
    if not signed_in:
        try:
            counted = _count_for_account(account)
        except TooManyRequests:
            limits.give_back(FAILURES, *here)
            raise
    try:
        yield
    except (BadCredentials, SecondFactorInvalid):
        raise
    except BooksError:
        record_usage(limits.give_back(FAILURES, *here))
        if counted:
            limits.give_back(ACCOUNT, account)
        raise
    record_usage(limits.forgive(FAILURES, *here))
    if counted:
        limits.give_back(ACCOUNT, account)
    remember_address(username)


def remember_address(username: str) -> None:
    """Remember that the user proved to be at this address, so that failures elsewhere do not slow down logins here."""
    state().limits.hit(KNOWN, _account(username), address_key())


def _count_for_account(account: str) -> bool:
    """Count a failure for the account, from whichever address. Returns: whether it was counted.

    Attempts from an address where the user logged in before are not counted. From all other addresses together, an
    account with too many failures admits one attempt every few seconds: it is slowed down, never locked.

    Raises:
        TooManyRequests: it is not the time for another attempt yet.
    """
    limits = state().limits
    known = limits.look(KNOWN, account, address_key())
    if known is not None and not known.stats.allowed:
        return False
    usage = limits.hit(ACCOUNT, account)
    if usage is None:
        return False
    if usage.stats.allowed:
        return True
    require_allowed(limits.hit(SLOW, account))
    return False


def _account(username: str) -> str:
    """The key of an account: a digest, since the name may have any length."""
    return blake2b(name_key(username).encode(), digest_size=16).hexdigest()
