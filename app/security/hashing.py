"""Hashes of passwords with bcrypt, behind a gate that leaves the cores and the server's threads to the readers."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from passlib.context import CryptContext

from app.errors import HashingBusy

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

LONGEST = 72
"""Bytes that bcrypt reads. A longer password is refused, never cut short silently."""


@dataclass(frozen=True)
class PasswordCheck:
    """Whether a password is right; and its hash of the cost that is set, where the one that is kept has a lower."""

    right: bool
    better_hash: str | None = None


class Hasher:
    """Makes hashes and compares passwords with them; whoever calls waits in line, or is told that the line is full."""

    def __init__(self, settings: Settings) -> None:
        rounds = settings.bcrypt_rounds
        self._rounds = rounds
        self._context = CryptContext(["bcrypt"], bcrypt__default_rounds=rounds, bcrypt__min_rounds=rounds)
        self._bcrypt = self._context.handler()
        self._bcrypt.get_backend()  # tries bcrypt out, which the first who signs in would wait for
        self.queue = HashingQueue(threads=max(1, cores() // settings.workers), places=settings.password_queue)

    def hash(self, password: str) -> str:
        """A hash to keep.

        Raises:
            HashingBusy: too many wait already.
        """
        return self.queue.run(self._hash, password)

    def verify(self, password: str, password_hash: str | None) -> PasswordCheck:
        """Whether this is the password of that hash.

        Without a hash, of a user who is not there, none is right, and it takes as long; so it is with a hash that is
        not bcrypt's. A password that bcrypt would not read to its end is simply a wrong one.

        Raises:
            HashingBusy: too many wait already.
        """
        return self.queue.run(self._verify, password, password_hash)

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
        """What a hash of a lower cost has saved: by the time alone nobody shall see that there is such a user.

        Each cost takes twice as long as the one below it: 2**10 + 2**10 + 2**11 steps are as many as 2**12.
        """
        for rounds in range(self._bcrypt.from_string(kept).rounds, self._rounds):
            self._context.verify("", impossible_hash(rounds))


class HashingQueue:
    """Work that takes long, on few threads of its own that give way to all others; so many wait, and no more."""

    def __init__(self, threads: int, places: int) -> None:
        self._threads, self._places = threads, places
        self._by_process: dict[int, _Workers] = {}

    def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the task returns, when its turn has come.

        Raises:
            HashingBusy: all places are taken.
        """
        workers = self._workers()
        if not workers.places.acquire(blocking=False):
            raise HashingBusy
        try:
            return workers.pool.submit(task, *args, **kwargs).result()
        finally:
            workers.places.release()

    def _workers(self) -> _Workers:
        """The line of this process. Threads do not survive a fork, so each process makes its own when it needs one."""
        process = os.getpid()
        # Of two threads that come first, setdefault takes one's line, and the other's has not begun anything.
        found = self._by_process.get(process)
        return found or self._by_process.setdefault(process, _Workers(self._threads, self._places))


class _Workers:
    def __init__(self, threads: int, places: int) -> None:
        self.places = BoundedSemaphore(places)
        self.pool = ThreadPoolExecutor(threads, "hashing", initializer=_give_way)


def _give_way() -> None:
    """Run only when nobody else wants the core: on Linux a policy, like a priority, is a thread's own."""
    if sys.platform == "linux":
        with suppress(OSError):  # where a sandbox does not allow it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def fits_bcrypt(password: str) -> bool:
    """Whether bcrypt reads it to its end."""
    return len(password.encode()) <= LONGEST and "\0" not in password


def impossible_hash(rounds: int) -> str:
    """A hash that no password has. To compare with it takes as long as with any other of this cost."""
    return f"$2b${rounds:02}${'.' * 53}"


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
