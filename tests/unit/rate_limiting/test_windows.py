"""Sliding windows in memory: how much, how long, by how many at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from limits import parse

from app.rate_limiting import windows
from app.rate_limiting.counters import Counters

if TYPE_CHECKING:
    from collections.abc import Iterator

FIVE = parse("5/15 minute")
THREADS = 16


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the windows."""
    clock = Clock()
    monkeypatch.setattr(windows, "monotonic", clock)
    return clock


@pytest.fixture
def counters() -> Counters:
    return Counters("")


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns a thousand times as often as they would."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(interval)


class TestWindow:
    def test_allows_so_many(self, counters: Counters, clock: Clock) -> None:
        hits = [counters.hit(FIVE, "key") for _ in range(6)]
        assert [hit.allowed for hit in hits] == [True] * 5 + [False]
        assert [hit.remaining for hit in hits] == [4, 3, 2, 1, 0, 0]
        assert clock.now == 1000

    def test_allows_them_again_as_the_past_moves_away(self, counters: Counters, clock: Clock) -> None:
        allowed = []
        for _ in range(40):
            allowed.append(sum(counters.hit(FIVE, "key").allowed for _ in range(9)))
            clock.now += 90
        assert allowed[0] == 5
        assert max(sum(allowed[start : start + 10]) for start in range(30)) <= 6
        assert sum(allowed) >= 15

    @pytest.mark.parametrize("later", [0, 1, 450, 899])
    def test_who_comes_when_told_is_let_in_and_not_before(self, counters: Counters, clock: Clock, later: int) -> None:
        for _ in range(5):
            counters.hit(FIVE, "key")
            clock.now += later / 5
        for _ in range(12):
            refused = counters.hit(FIVE, "key")
            while refused.allowed:
                refused = counters.hit(FIVE, "key")
            clock.now += refused.grows_in - 1.001
            assert not counters.hit(FIVE, "key").allowed
            clock.now += 1.001
            assert counters.hit(FIVE, "key").allowed

    def test_is_forgotten_after_twice_its_time(self, counters: Counters, clock: Clock) -> None:
        for _ in range(5):
            counters.hit(FIVE, "key")
        clock.now += 1800
        assert counters.look(FIVE, "key").remaining == 5
        assert counters.hit(FIVE, "key").remaining == 4

    def test_a_look_costs_nothing(self, counters: Counters) -> None:
        assert {counters.look(FIVE, "key").remaining for _ in range(9)} == {5}
        for _ in range(5):
            counters.hit(FIVE, "key")
        assert not counters.look(FIVE, "key").allowed

    def test_can_be_cleared(self, counters: Counters) -> None:
        for _ in range(5):
            counters.hit(FIVE, "key")
        assert counters.forget(FIVE, "key").remaining == 5
        assert counters.hit(FIVE, "key").remaining == 4

    def test_keys_do_not_run_into_each_other(self, counters: Counters) -> None:
        counters.hit(FIVE, "a", "b")
        assert counters.look(FIVE, "b", "a").remaining == 5
        assert counters.look(parse("6/15 minute"), "a", "b").remaining == 6


class TestMany:
    def test_at_once_get_no_more_than_are_allowed(self, counters: Counters, hasty_threads: None) -> None:  # noqa: ARG002
        def hit(key: str, barrier: Barrier) -> bool:
            barrier.wait(timeout=30)
            return counters.hit(FIVE, key).allowed

        with ThreadPoolExecutor(THREADS) as pool:
            for number in range(100):
                barrier = Barrier(THREADS)
                assert sum(pool.map(hit, [str(number)] * THREADS, [barrier] * THREADS)) == 5


class TestMemory:
    def test_what_is_over_goes(self, clock: Clock) -> None:
        memory = windows.MemoryWindows()
        for number in range(3000):
            memory.acquire_sliding_window_entry(str(number), 5, 10)
            clock.now += 0.1
        assert len(memory._windows) < 500  # noqa: SLF001  (a window lasts for 200 of them)

    def test_is_bounded_and_the_oldest_goes_first(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(windows, "MOST_WINDOWS", 50)
        memory = windows.MemoryWindows()
        for number in range(1000):
            memory.acquire_sliding_window_entry(str(number), 5, 10)
        assert clock.now == 1000
        assert len(memory._windows) <= 50  # noqa: SLF001
        assert memory.get_sliding_window("999", 10)[2] == 1


class TestCost:
    """A hit that counts for several."""

    def test_is_taken_whole_or_not_at_all(self, clock: Clock) -> None:
        assert clock.now
        counters = Counters(None)
        assert [counters.hit(FIVE, "key", cost=cost).allowed for cost in (3, 3, 2, 1)] == [True, False, True, False]

    @pytest.mark.parametrize("later", [0, 300, 899, 900, 901, 1200, 1500])
    @pytest.mark.parametrize("cost", [1, 2, 3, 5])
    @pytest.mark.parametrize("taken", [(5, 0), (3, 2), (5, 3), (1, 4)])
    def test_is_let_in_when_it_was_told_to_come_again(
        self, clock: Clock, taken: tuple[int, int], cost: int, later: int
    ) -> None:
        """And not two seconds before."""
        counters = Counters(None)
        counters.hit(FIVE, "key", cost=taken[0])
        clock.now += later
        if taken[1]:
            counters.hit(FIVE, "key", cost=taken[1])
        refused = counters.hit(FIVE, "key", cost=cost)
        wait = refused.retry_in
        assert refused.allowed == (wait == 0)
        clock.now += max(0, wait - 2)
        assert counters.hit(FIVE, "key", cost=cost).allowed == (refused.allowed and cost <= refused.remaining)
        clock.now += 2
        assert wait == 0 or counters.hit(FIVE, "key", cost=cost).allowed

    def test_that_exceeds_the_limit_is_never_let_in(self, clock: Clock) -> None:
        counters = Counters(None)
        assert counters.hit(FIVE, "key", cost=6) == counters.hit(FIVE, "key", cost=6)
        clock.now += 1800
        stats = counters.hit(FIVE, "key", cost=6)
        assert (stats.allowed, stats.remaining, stats.retry_in) == (False, 5, 900)
