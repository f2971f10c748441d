"""Bulkheads: each kind of work has connections of its own, and a queue in front of them."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from app.errors import DatabaseBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.settings import Settings


class Kind(StrEnum):
    """The purpose of a connection. A kind that is stuck (a locked table, slow searches) does not block the others."""

    HEALTH = "health"
    ACCOUNTS = "accounts"
    BOOKS = "books"
    AUTHORS = "authors"
    BOOK_LISTS = "book lists"
    AUTHOR_LISTS = "author lists"
    WRITERS = "writers"


SHARES_IN_TWENTIETHS = {
    Kind.HEALTH: 1,
    Kind.ACCOUNTS: 2,
    Kind.BOOKS: 4,
    Kind.AUTHORS: 2,
    Kind.BOOK_LISTS: 4,
    Kind.AUTHOR_LISTS: 2,
    Kind.WRITERS: 5,
}
"""Each kind's share of a process's connections. Four concurrent readers already use all that Python can of a core."""


def shares(connections: int) -> dict[Kind, int]:
    """How many of the connections each kind may use, at least one."""
    return {kind: max(1, connections * share // 20) for kind, share in SHARES_IN_TWENTIETHS.items()}


@dataclass(eq=False)
class _Waiter:
    since: float
    turn: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.turn.acquire()


class Bulkhead:
    """A limited number of slots with a bounded first-come, first-served queue in front of them.

    Args:
        slots: how many may work at once.
        places: how many may wait at once.
        patience: the seconds that each may wait.
    """

    def __init__(self, slots: int, places: int, patience: float) -> None:
        self.slots, self.places, self.patience = slots, places, patience
        self._free = slots
        self._line: deque[_Waiter] = deque()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """The length of the queue."""
        return len(self._line)

    @contextmanager
    def slot(self, *, wait: bool = True) -> Iterator[None]:
        """Wait for a free slot, and keep it for the block.

        Raises:
            DatabaseBusy: the queue is full, hardly moves, or took too long; or no slot is free and `wait` is false.
        """
        waiter = self._enter(self.places if wait else 0)
        if waiter is not None and not waiter.turn.acquire(timeout=self.patience) and self._gave_up(waiter):
            raise DatabaseBusy
        try:
            yield
        finally:
            self._leave()

    def _enter(self, places: int) -> _Waiter | None:
        """Take a free slot, or one of the places in the queue."""
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            if len(self._line) >= places or self._hardly_moves():
                raise DatabaseBusy
            waiter = _Waiter(monotonic())
            self._line.append(waiter)
            return waiter

    def _hardly_moves(self) -> bool:
        """Whether a new waiter would time out anyway: it is refused at once, so that it does not occupy a thread."""
        return bool(self._line) and monotonic() - self._line[0].since > self.patience / 2

    def _gave_up(self, waiter: _Waiter) -> bool:
        """Leave the queue, unless the slot was granted at the last moment."""
        with self._lock:
            if waiter in self._line:
                self._line.remove(waiter)
                return True
            return False

    def _leave(self) -> None:
        """Hand the slot to the longest waiter. It is never free in between, so the queue cannot be bypassed."""
        with self._lock:
            if self._line:
                self._line.popleft().turn.release()
            else:
                self._free += 1


def bulkheads(settings: Settings, slots: dict[Kind, int]) -> dict[Kind, Bulkhead]:
    """One bulkhead for each kind of work. A writer waits for a slot as long as for a lock."""
    return {
        kind: Bulkhead(
            number, settings.db_queue, settings.db_lock_timeout if kind is Kind.WRITERS else settings.db_pool_timeout
        )
        for kind, number in slots.items()
    }
