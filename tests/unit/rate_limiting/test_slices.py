"""Slices: hits that are taken from the counters several at a time, and never more than the limit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import parse

from app.rate_limiting import slices, windows
from app.rate_limiting.counters import Counters, WindowStats
from app.rate_limiting.slices import Slices

THOUSAND = parse("1000/minute")
THREADS = 8


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class CountingCalls(Counters):
    """Counters that count their calls."""

    def __init__(self) -> None:
        super().__init__(None)
        self.times = 0

    def hit(self, limit: object, *keys: str, cost: int = 1) -> WindowStats:
        self.times += 1
        return super().hit(limit, *keys, cost=cost)  # type: ignore[arg-type]  # whatever the class takes


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of slices and of windows."""
    clock = Clock()
    monkeypatch.setattr(slices, "monotonic", clock)
    monkeypatch.setattr(windows, "monotonic", clock)
    return clock


@pytest.fixture
def counters() -> CountingCalls:
    """Counters in memory."""
    return CountingCalls()


@pytest.fixture
def sliced(counters: CountingCalls, clock: Clock) -> Slices:  # noqa: ARG001  (it counts by the clock)
    """The slices of one process."""
    return Slices(counters, THOUSAND, "reads")


def send(sliced: Slices, number: int, address: str = "192.0.2.1") -> list[WindowStats]:
    return [sliced.hit(address) for _ in range(number)]


class TestHits:
    def test_ask_the_counters_seldom(self, sliced: Slices, counters: CountingCalls) -> None:
        sent = send(sliced, 500)
        assert all(stats.allowed for stats in sent)
        assert [stats.remaining for stats in sent] == list(range(999, 499, -1))
        assert counters.times < 60

    def test_are_no_more_than_the_limit(self, sliced: Slices, counters: CountingCalls) -> None:
        sent = send(sliced, 1100)
        assert [stats.allowed for stats in sent] == [True] * 1000 + [False] * 100
        refused = sent[-1]
        assert (refused.remaining, 1 <= refused.retry_in <= 120) == (0, True)
        assert counters.times < 120

    def test_of_two_processes_are_no_more_than_the_limit(self, counters: CountingCalls, clock: Clock) -> None:
        processes = [Slices(counters, THOUSAND, "reads") for _ in range(2)]
        admitted = 0
        for _ in range(30):
            admitted += sum(stats.allowed for process in processes for stats in send(process, 25))
            clock.now += 0.5
        assert 990 <= admitted <= 1000

    def test_of_threads_are_no_more_than_the_limit(self, sliced: Slices) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            sent = pool.map(lambda _: send(sliced, 200), range(THREADS))
        assert sum(stats.allowed for many in sent for stats in many) == 1000

    def test_of_small_limits_are_counted_one_by_one(self, counters: CountingCalls, clock: Clock) -> None:  # noqa: ARG002  (as above)
        sliced = Slices(counters, parse("3/minute"), "reads")
        assert [stats.remaining for stats in send(sliced, 4)] == [2, 1, 0, 0]

    def test_of_each_address_count_by_themselves(self, sliced: Slices) -> None:
        send(sliced, 1001)
        assert sliced.hit("192.0.2.1").allowed is False
        assert sliced.hit("192.0.2.2").allowed is True


class TestTime:
    def test_a_slow_client_counts_for_what_it_sends(self, sliced: Slices, clock: Clock) -> None:
        remaining = 0
        for _ in range(50):
            remaining = sliced.hit("192.0.2.1").remaining
            clock.now += 0.7
        assert remaining >= 1000 - 51

    def test_what_is_left_of_a_slice_is_returned(self, sliced: Slices, clock: Clock) -> None:
        send(sliced, 40)
        clock.now += 1.5
        assert sliced.hit("192.0.2.1").remaining == 1000 - 41

    def test_a_refusal_ends_with_the_limit(self, sliced: Slices, clock: Clock) -> None:
        refused = send(sliced, 1001)[-1]
        clock.now += refused.retry_in
        assert sliced.hit("192.0.2.1").allowed


class TestGivenBack:
    def test_a_hit_that_was_given_back_is_not_counted(self, sliced: Slices, clock: Clock) -> None:
        for _ in range(30):
            sliced.hit("192.0.2.1")
            returned = sliced.give_back("192.0.2.1")
            assert returned is not None
            assert returned.remaining == 1000
            clock.now += 0.4

    def test_of_an_address_that_was_forgotten_is_nothing(self, sliced: Slices, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(slices, "MOST_SLICES", 2)
        for number in range(4):
            sliced.hit(f"192.0.2.{number}")
        assert sliced.give_back("192.0.2.0") is None
        assert sliced.give_back("192.0.2.3") is not None
