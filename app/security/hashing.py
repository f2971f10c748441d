"""Password hashing with bcrypt, behind a queue that keeps the cores and the server's threads free for reads."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passlib.context import CryptContext

from app.security.hashing_queue import HashingQueue

if TYPE_CHECKING:
    from app.settings import Settings

BCRYPT_READS = 72
"""Bytes that bcrypt reads of a password. Hashes of earlier releases are bcrypt's own, and of passwords that fit."""
PASSLIB_READS = 4096
"""Characters that passlib reads of a password. There are no hashes of longer ones."""
NO_PASSWORD = "!"  # noqa: S105  (the hash of none)
"""Stored instead of a hash for a user who signs in elsewhere. As in Unix's shadow file, no password has this hash."""
SMALLEST_SHARE = 8
"""How many places one address may have even in a short queue."""


@dataclass(frozen=True)
class PasswordCheck:
    """Whether a password is right, and a better hash of it to store, if there is one."""

    right: bool
    better_hash: str | None = None


class Hasher:
    """Hashes and verifies passwords. Callers wait in a queue, or get `HashingBusy` when it is full.

    A password is hashed with HMAC-SHA-256, keyed with the salt, before bcrypt, which reads 72 bytes and no NUL: so a
    password may have any length. Such a hash begins with `$bcrypt-sha256$`; one of bcrypt alone begins with `$2b$`,
    stays valid, and is replaced at the next login.
    """

    def __init__(self, settings: Settings) -> None:
        self._rounds = settings.bcrypt_rounds
        context = CryptContext(["bcrypt_sha256", "bcrypt"])
        self._bcrypt, self._bcrypt_sha256 = context.handler("bcrypt"), context.handler("bcrypt_sha256")
        for scheme in (self._bcrypt, self._bcrypt_sha256):
            scheme.get_backend()  # loads and tests bcrypt now, so that the first login need not wait for it
        self.queue = HashingQueue(
            threads=max(1, cores() // settings.workers),
            places=settings.password_queue,
            share=max(SMALLEST_SHARE, settings.password_queue * 3 // 4),
        )

    def hash(self, password: str, sender: str = "") -> str:
        """A hash to store.

        Args:
            password: the password.
            sender: the client's address, which gets its share of the queue.

        Raises:
            HashingBusy: the queue is full, or has all that one sender may have in it.
        """
        return self.queue.run_for(sender, self._hash, password)

    def verify(self, password: str, password_hash: str | None, sender: str = "") -> PasswordCheck:
        """Whether this is the password of that hash.

        Without a hash (there is no such user), or with one of another kind, every password is wrong, and the check
        takes as long as any other. So is a password that bcrypt alone would not read in full, for its hashes.

        Raises:
            HashingBusy: the queue is full, or has all that one sender may have in it.
        """
        return self.queue.run_for(sender, self._verify, password, password_hash)

    def _hash(self, password: str, rounds: int | None = None) -> str:
        return str(self._bcrypt_sha256.using(rounds=rounds or self._rounds).hash(password))

    def _verify(self, password: str, password_hash: str | None) -> PasswordCheck:
        kept = password_hash or ""
        current = self._bcrypt_sha256.identify(kept)
        if not current and not self._bcrypt.identify(kept):
            kept = impossible_hash(self._rounds)
        scheme, readable = (
            (self._bcrypt_sha256, len(password) <= PASSLIB_READS) if current else (self._bcrypt, fits_bcrypt(password))
        )
        right = scheme.verify(password if readable else "", kept) and readable
        rounds = scheme.from_string(kept).rounds
        if not right:
            self._equalize_time(rounds)
            return PasswordCheck(right=False)
        if not current or rounds < self._rounds:
            return PasswordCheck(right=True, better_hash=self._hash(password, max(rounds, self._rounds)))
        return PasswordCheck(right=True)

    def _equalize_time(self, rounds: int) -> None:
        """Spend the time that a cheaper stored hash saved, so that response times do not reveal which accounts exist.

        Each cost takes twice as long as the one below it: 2**10 + 2**10 + 2**11 steps are as many as 2**12. What comes
        before bcrypt takes a few microseconds.
        """
        for cost in range(rounds, self._rounds):
            self._bcrypt.verify("", impossible_hash(cost))


def fits_bcrypt(password: str) -> bool:
    """Whether bcrypt alone reads the password in full."""
    return len(password.encode()) <= BCRYPT_READS and "\0" not in password


def impossible_hash(rounds: int) -> str:
    """A hash that no password has. Verifying against it takes as long as against any other of this cost."""
    return f"$2b${rounds:02}${'.' * 53}"


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
