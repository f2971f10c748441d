"""The queue in front of password hashing: its places, the share of each sender, and the priority of its threads."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from threading import Barrier, Event
from typing import TYPE_CHECKING

import pytest

from app.errors import HashingBusy
from app.security.hashing_queue import HashingQueue, is_abandoned
from devtools.polling import wait_until
from tests.support.quick_hashes import give_way

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 16


class TestPriority:
    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a policy per thread")
    def test_of_the_threads_is_below_all_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.security.hashing_queue._give_way", give_way)
        assert HashingQueue(threads=1, places=1).run(os.sched_getscheduler, 0) == os.SCHED_IDLE
        assert os.sched_getscheduler(0) == os.SCHED_OTHER


class TestHashingQueue:
    @pytest.fixture
    def queue(self) -> HashingQueue:
        """One place to work and one to wait."""
        return HashingQueue(threads=1, places=2)

    def test_two_of_sixteen_are_let_in_and_the_others_told_at_once(self, queue: HashingQueue) -> None:
        goes_on, together = Event(), Barrier(THREADS)

        def come() -> bool:
            together.wait(30)
            return queue.run(goes_on.wait, 30)

        with ThreadPoolExecutor(THREADS) as pool:
            guests = [pool.submit(come) for _ in range(THREADS)]
            wait_until(lambda: sum(guest.done() for guest in guests) == THREADS - 2)
            goes_on.set()
        assert sum(_let_in(guest) for guest in guests) == 2

    def test_one_sender_has_a_share_of_it_and_the_others_the_rest(self) -> None:
        queue, goes_on = HashingQueue(threads=1, places=8, share=2), Event()
        with ThreadPoolExecutor(THREADS) as pool:
            waiting = [pool.submit(queue.run_for, "flood", goes_on.wait, 30) for _ in range(6)]
            wait_until(lambda: sum(guest.done() for guest in waiting) == 4)
            other = pool.submit(queue.run_for, "other", goes_on.wait, 30)
            wait_until(other.running)
            goes_on.set()
        assert sum(_let_in(guest) for guest in waiting) == 2
        assert _let_in(other)

    def test_senders_take_turns(self) -> None:
        """A sender with a single task waits for one task of each other sender, not for all of theirs."""
        queue, begun, goes_on, done = HashingQueue(threads=1, places=16), Event(), Event(), list[str]()

        def first() -> None:
            begun.set()
            goes_on.wait(30)

        with ThreadPoolExecutor(THREADS) as pool:
            pool.submit(queue.run_for, "flood", first)
            assert begun.wait(30)
            for number, sender in enumerate(["flood"] * 5 + ["other"]):
                pool.submit(queue.run_for, sender, done.append, sender)
                wait_until(partial(self._waits, queue, number + 2))
            goes_on.set()
        assert done == ["flood", "other", *["flood"] * 4]

    def _waits(self, queue: HashingQueue, number: int) -> bool:
        return queue.waiting == number

    def test_who_has_gone_leaves_it(self) -> None:
        """A task whose client has disconnected yields its place: at once if the queue is full, else in turn."""
        queue, busy, gone = HashingQueue(threads=1, places=3), Event(), Event()
        ran: list[str] = []

        def come(name: str, *, has_gone: Callable[[], bool] = lambda: False) -> None:
            is_abandoned.set(has_gone)
            queue.run(ran.append, name)

        with ThreadPoolExecutor(5) as pool:
            first = pool.submit(queue.run, busy.wait)
            left = [pool.submit(come, "gone", has_gone=gone.is_set) for _ in range(2)]
            wait_until(lambda: self._waits(queue, 3))
            with pytest.raises(HashingBusy):
                queue.run(ran.append, "too many")
            gone.set()
            another = pool.submit(come, "another")
            assert [type(one.exception(10)) for one in left] == [HashingBusy, HashingBusy]
            last = pool.submit(come, "gone too", has_gone=lambda: True)
            wait_until(lambda: self._waits(queue, 3))
            busy.set()
            assert (first.result(10), another.result(10), type(last.exception(10))) == (True, None, HashingBusy)
        assert ran == ["another"]
        assert self._waits(queue, 0)

    def test_who_leaves_makes_room(self, queue: HashingQueue) -> None:
        assert [queue.run(str, number) for number in range(5)] == ["0", "1", "2", "3", "4"]

    def test_also_who_fails(self, queue: HashingQueue) -> None:
        for _ in range(5):
            with pytest.raises(ValueError, match="invalid literal"):
                queue.run(int, "five")

    @pytest.mark.filterwarnings(
        "ignore:.*fork:DeprecationWarning"
    )  # Python 3.12 warns of it: that is the question here
    def test_a_forked_process_has_threads_of_its_own(self, queue: HashingQueue) -> None:
        queue.run(os.getpid)
        context = get_context("fork")
        process = context.Process(target=lambda: os._exit(queue.run(lambda: 42)))
        process.start()
        process.join(30)
        assert process.exitcode == 42


def _let_in(guest: Future[bool]) -> bool:
    error = guest.exception()
    assert error is None or isinstance(error, HashingBusy)
    return error is None
