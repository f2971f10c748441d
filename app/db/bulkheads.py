"""Bulkheads: each kind of work has connections of its own, and a queue in front of them."""

from __future__ import annotations

from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from app.errors import DatabaseBusy
from app.metrics.instruments import DB_REFUSED, DB_WAITS

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


FEW_PLACES = 8
LISTS = frozenset({Kind.BOOK_LISTS, Kind.AUTHOR_LISTS})
"""Kinds of which a single request may take seconds."""

Claim = tuple[str, str]
"""Who asks for a slot (the sender), and what for (the subject); either may be empty."""


@dataclass(eq=False)
class _Waiter:
    since: float
    turn: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.turn.acquire()


class Bulkhead:
    """A limited number of slots with a bounded queue in front of them, in which the senders take turns.

    Args:
        slots: how many may work at once.
        places: how many may wait at once.
        patience: the seconds that each may wait.
        share: how many of one sender may work or wait; by default as many as there is room for.
        at_once: how many of one sender may work at once; by default all.
        on_one_subject: how many may work at once on one subject, such as books; by default all.
        kind: its name in the metrics.
    """

    def __init__(  # noqa: PLR0913  (those that have a default are given by name)
        self,
        slots: int,
        places: int,
        patience: float,
        *,
        share: int | None = None,
        at_once: int | None = None,
        on_one_subject: int | None = None,
        kind: str = "other",
    ) -> None:
        self._kind = kind
        self.slots, self.places, self.patience, self.share = slots, places, patience, share or slots + places
        self.at_once, self.on_one_subject = at_once or slots, on_one_subject or slots
        self._free = slots
        self._lines: dict[Claim, deque[_Waiter]] = {}
        """The waiters of each sender on each subject; those whose turn is next come first."""
        self._present: Counter[str] = Counter()
        """How many of each sender work or wait."""
        self._working: Counter[str] = Counter()
        """How many of each sender work."""
        self._on_subject: Counter[str] = Counter()
        """How many work on each subject."""
        self._lock = Lock()

    @property
    def working(self) -> int:
        """How many slots are taken."""
        return self.slots - self._free

    @property
    def waiting(self) -> int:
        """The length of the queue."""
        return sum(map(len, self._lines.values()))

    @contextmanager
    def slot(
        self, sender: str = "", subject: str = "", *, wait: bool = True, patience: float | None = None
    ) -> Iterator[None]:
        """Wait for a free slot, and keep it for the block.

        Args:
            sender: who asks for it.
            subject: what for.
            wait: whether to wait if none is free.
            patience: the seconds to wait, for one that has another way if there is none.

        Raises:
            DatabaseBusy: the queue is full, hardly moves, or took too long; the sender has its share of it; or no slot
                is free and `wait` is false.
        """
        claim = (sender, subject)
        try:
            waiter = self._enter(claim, self.places if wait else 0)
            if waiter is not None:
                self._wait(claim, waiter, self.patience if patience is None else patience)
        except DatabaseBusy:
            if wait and patience is None:
                DB_REFUSED(self._kind).inc()
            raise
        try:
            yield
        finally:
            self._leave(claim)

    def _enter(self, claim: Claim, places: int) -> _Waiter | None:
        """Take a free slot, or one of the places in the queue."""
        sender, _ = claim
        with self._lock:
            if self._free and self._may_work(claim):
                self._free -= 1
                self._begin(claim)
                self._present[sender] += 1
                return None
            line = self._lines.get(claim)
            if self.waiting >= places or self._present[sender] >= self.share or self._hardly_moves(line):
                raise DatabaseBusy
            waiter = _Waiter(monotonic())
            self._present[sender] += 1
            self._lines.setdefault(claim, deque()).append(waiter)
            return waiter

    def _wait(self, claim: Claim, waiter: _Waiter, patience: float) -> None:
        granted = waiter.turn.acquire(timeout=patience)
        DB_WAITS(self._kind).observe(monotonic() - waiter.since)
        if not granted and self._gave_up(claim, waiter):
            raise DatabaseBusy

    def _hardly_moves(self, line: deque[_Waiter] | None) -> bool:
        """Whether a new waiter would time out anyway: it is refused at once, so that it does not occupy a thread."""
        return line is not None and monotonic() - line[0].since > self.patience / 2

    def _gave_up(self, claim: Claim, waiter: _Waiter) -> bool:
        """Leave the queue, unless the slot was granted at the last moment."""
        with self._lock:
            line = self._lines.get(claim)
            if line is None or waiter not in line:
                return False
            line.remove(waiter)
            if not line:
                del self._lines[claim]
            self._forget(claim)
            return True

    def _leave(self, claim: Claim) -> None:
        """Hand the slot to the next waiter. It is never free in between, so the queue cannot be bypassed.

        It stays free if of all waiters' senders, or on all their subjects, enough work already.
        """
        sender, subject = claim
        with self._lock:
            self._working[sender] -= 1
            self._on_subject[subject] -= 1
            self._forget(claim)
            following = next(filter(self._may_work, self._lines), None)
            if following is None:
                self._free += 1
                return
            line = self._lines.pop(following)
            self._begin(following)
            line.popleft().turn.release()
            if line:
                self._lines[following] = line  # behind all others

    def _begin(self, claim: Claim) -> None:
        sender, subject = claim
        self._working[sender] += 1
        self._on_subject[subject] += 1

    def _may_work(self, claim: Claim) -> bool:
        """Whether another of the sender, and on the subject, may work. Work without a sender is the service's own."""
        sender, subject = claim
        return (not sender or self._working[sender] < self.at_once) and (
            not subject or self._on_subject[subject] < self.on_one_subject
        )

    def _forget(self, claim: Claim) -> None:
        sender, _ = claim
        self._present[sender] -= 1
        if not self._present[sender]:
            del self._present[sender]
            del self._working[sender]


def bulkheads(settings: Settings, slots: dict[Kind, int]) -> dict[Kind, Bulkhead]:
    """One bulkhead for each kind of work. A writer waits for a slot as long as for a lock.

    A quarter of the places is kept for other senders than the one that sends most, unless there are only a few. One
    slot for writers is kept for other subjects than the one that most write: they may be waiting for a lock.
    """
    places = settings.db_queue
    of_one_sender = max(places * 3 // 4, min(places, FEW_PLACES))
    patience = dict.fromkeys(Kind, settings.db_pool_timeout) | {Kind.WRITERS: settings.db_lock_timeout}
    return {
        kind: Bulkhead(
            number,
            places,
            patience[kind],
            share=number + of_one_sender,
            at_once=_lists_at_once(settings, number) if kind in LISTS else None,
            on_one_subject=max(1, number - 1) if kind is Kind.WRITERS else None,
            kind=kind,
        )
        for kind, number in slots.items()
    }


def _lists_at_once(settings: Settings, slots: int) -> int:
    """How many lists of one address may run at once: one connection is kept for others, if there are several."""
    return min(settings.lists_per_address or slots, max(1, slots - 1))
