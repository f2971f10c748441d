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

LONGEST = 72
"""Bytes that bcrypt reads. A longer password is refused, never truncated silently."""
NO_PASSWORD = "!"  # noqa: S105  (the hash of none)
"""Stored instead of a hash for a user who signs in elsewhere. As in Unix's shadow file, no password has this hash."""
SMALLEST_SHARE = 8
"""How many places one address may have even in a short queue."""


@dataclass(frozen=True)
class PasswordCheck:
    """Whether a password is right, and a new hash of it where the stored one has a lower cost than is configured."""

    right: bool
    better_hash: str | None = None


class Hasher:
    """Hashes and verifies passwords. Callers wait in a queue, or get `HashingBusy` when it is full."""

    def __init__(self, settings: Settings) -> None:
        rounds = settings.bcrypt_rounds
        self._rounds = rounds
        self._context = CryptContext(["bcrypt"], bcrypt__default_rounds=rounds, bcrypt__min_rounds=rounds)
        self._bcrypt = self._context.handler()
        self._bcrypt.get_backend()  # loads and tests bcrypt now, so that the first login need not wait for it
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

        Without a hash (there is no such user), or with one that is not bcrypt's, every password is wrong, and the check
        takes as long as any other. A password that bcrypt would not read in full is wrong as well.

        Raises:
            HashingBusy: the queue is full, or has all that one sender may have in it.
        """
        return self.queue.run_for(sender, self._verify, password, password_hash)

    def _hash(self, password: str) -> str:
        return str(self._context.hash(password))

    def _verify(self, password: str, password_hash: str | None) -> PasswordCheck:
        readable = fits_bcrypt(password)
        known = password_hash is not None and self._bcrypt.identify(password_hash)
        kept = password_hash if password_hash and known else impossible_hash(self._rounds)
        right, better = self._context.verify_and_update(password if readable else "", kept)
        if right and readable:
            return PasswordCheck(right=True, better_hash=better)
        self._equalize_time(kept)
        return PasswordCheck(right=False)

    def _equalize_time(self, kept: str) -> None:
        """Spend the time that a cheaper stored hash saved, so that response times do not reveal which accounts exist.

        Each cost takes twice as long as the one below it: 2**10 + 2**10 + 2**11 steps are as many as 2**12.
        """
        for rounds in range(self._bcrypt.from_string(kept).rounds, self._rounds):
            self._context.verify("", impossible_hash(rounds))


def fits_bcrypt(password: str) -> bool:
    """Whether bcrypt reads the password in full."""
    return len(password.encode()) <= LONGEST and "\0" not in password


def impossible_hash(rounds: int) -> str:
    """A hash that no password has. Verifying against it takes as long as against any other of this cost."""
    return f"$2b${rounds:02}${'.' * 53}"


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
