"""The queue in front of password hashing: bounded, and fair to each sender."""

from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from app.errors import HashingBusy
from app.metrics.instruments import HASHING_REFUSED, HASHING_WAITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")


def _never() -> bool:
    return False


is_abandoned: ContextVar[Callable[[], bool]] = ContextVar("is_abandoned", default=_never)
"""Tells whether the client of the current request has closed its connection: its task then leaves the queue."""


class HashingQueue:
    """A bounded queue in front of a small pool of low-priority threads. The senders take turns.

    Args:
        threads: how many hash at once.
        places: how many may wait or hash in all.
        share: how many of one sender; by default all.
    """

    def __init__(self, threads: int, places: int, share: int | None = None) -> None:
        self._threads, self.places, self._share = threads, places, share or places
        self._by_process: dict[int, _Workers] = {}

    @property
    def waiting(self) -> int:
        """How many tasks wait or run in this process."""
        return self._workers().waiting

    def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`run_for` a sender without a name."""
        return self.run_for("", task, *args, **kwargs)

    def run_for(self, sender: str, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Wait for a thread, and return the result of the task.

        Raises:
            HashingBusy: all places in the queue are taken, or all that one sender may have; or the client has gone.
        """
        return self._workers().submit(sender, lambda: task(*args, **kwargs)).result()

    def _workers(self) -> _Workers:
        """The threads of this process. Threads do not survive a fork, so each process starts its own when needed."""
        process = os.getpid()
        # If two threads get here first, setdefault keeps one pool; the other has not started anything.
        found = self._by_process.get(process)
        return found or self._by_process.setdefault(process, _Workers(self._threads, self.places, self._share))


@dataclass(eq=False)
class _Waiting:
    task: Callable[[], Any]
    is_abandoned: Callable[[], bool]
    future: Future[Any] = field(default_factory=Future)
    since: float = field(default_factory=monotonic)


class _Workers:
    def __init__(self, threads: int, places: int, share: int) -> None:
        self._places, self._share = places, share
        self._taken: dict[str, int] = {}
        self._lines: dict[str, deque[_Waiting]] = {}
        """The waiting tasks of each sender; the sender whose turn is next comes first."""
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(threads, "hashing", initializer=_give_way)

    @property
    def waiting(self) -> int:
        with self._lock:
            return sum(self._taken.values())

    def submit(self, sender: str, task: Callable[[], T]) -> Future[T]:
        waiting = _Waiting(task, is_abandoned.get())
        with self._lock:
            if self._is_full_for(sender):
                self._drop_abandoned()
            if self._is_full_for(sender):
                HASHING_REFUSED().inc()
                raise HashingBusy
            self._taken[sender] = self._taken.get(sender, 0) + 1
            self._lines.setdefault(sender, deque()).append(waiting)
        self._pool.submit(self._work)
        return waiting.future

    def _is_full_for(self, sender: str) -> bool:
        return self._taken.get(sender, 0) >= self._share or sum(self._taken.values()) >= self._places

    def _drop_abandoned(self) -> None:
        for sender, line in list(self._lines.items()):
            kept = deque(waiting for waiting in line if not self._dropped(sender, waiting))
            if kept:
                self._lines[sender] = kept
            else:
                del self._lines[sender]

    def _dropped(self, sender: str, waiting: _Waiting) -> bool:
        """Whether a task was abandoned; then its place is free."""
        if not waiting.is_abandoned():
            return False
        self._leave(sender)
        waiting.future.set_exception(HashingBusy())
        return True

    def _turns(self) -> Iterator[tuple[str, _Waiting]]:
        """The waiting tasks, taken from the queue in turns of their senders."""
        while self._lines:
            sender = next(iter(self._lines))
            line = self._lines.pop(sender)
            waiting = line.popleft()
            if line:
                self._lines[sender] = line  # behind all other senders
            yield sender, waiting

    def _leave(self, sender: str) -> None:
        self._taken[sender] -= 1
        if not self._taken[sender]:
            del self._taken[sender]

    def _work(self) -> None:
        """Run the next task that is not abandoned. Each task that is submitted submits this once."""
        with self._lock:
            found = next((turn for turn in self._turns() if not self._dropped(*turn)), None)
        if found is None:
            return
        sender, waiting = found
        HASHING_WAITS().observe(monotonic() - waiting.since)
        result, error = None, None
        try:
            result = waiting.task()
        except BaseException as raised:  # noqa: BLE001  (handed to the thread that waits)
            error = raised
        with self._lock:
            self._leave(sender)
        if error is not None:
            waiting.future.set_exception(error)
        else:
            waiting.future.set_result(result)


def _give_way() -> None:
    """Run only when the core is otherwise idle. On Linux a scheduling policy, like a priority, is per thread."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may not allow it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
