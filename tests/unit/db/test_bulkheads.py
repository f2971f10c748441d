"""Bulkheads: so many at work at once, and a queue that is fair and bounded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from time import monotonic

import pytest

from app.db.bulkheads import Bulkhead, Kind, bulkheads, shares
from app.errors import DatabaseBusy
from devtools.databases import settings_for
from devtools.polling import wait_until

LONG = 30.0


def _pass_through(bulkhead: Bulkhead, sender: str = "") -> None:
    with bulkhead.slot(sender):
        pass


class TestSlots:
    def test_admit_so_many_at_once(self) -> None:
        bulkhead, goes_on = Bulkhead(3, 100, LONG), Event()
        at_work: list[int] = []

        def work(number: int) -> None:
            with bulkhead.slot():
                at_work.append(number)
                goes_on.wait(LONG)

        with ThreadPoolExecutor(16) as pool:
            pool.map(work, range(16))
            wait_until(lambda: bulkhead.waiting == 13)
            assert len(at_work) == 3
            goes_on.set()
        assert sorted(at_work) == list(range(16))

    def test_are_free_again_after_a_failure(self) -> None:
        bulkhead = Bulkhead(1, 1, LONG)
        for _ in range(3):
            with pytest.raises(ValueError, match="five"), bulkhead.slot():
                int("five")
        with bulkhead.slot():
            pass


class TestLine:
    def test_is_first_come_first_served(self) -> None:
        bulkhead, served = Bulkhead(1, 100, LONG), list[int]()

        def work(number: int) -> None:
            with bulkhead.slot():
                served.append(number)

        with ThreadPoolExecutor(16) as pool, bulkhead.slot():
            for number in range(16):
                pool.submit(work, number)
                wait_until(lambda number=number: bulkhead.waiting == number + 1)  # type: ignore[misc]
        assert served == list(range(16))

    def test_refuses_whom_it_has_no_place_for(self) -> None:
        bulkhead = Bulkhead(1, 2, LONG)
        with ThreadPoolExecutor(2) as pool, bulkhead.slot():
            waiters = [pool.submit(_pass_through, bulkhead) for _ in range(2)]
            wait_until(lambda: bulkhead.waiting == 2)
            with pytest.raises(DatabaseBusy), bulkhead.slot():
                pass
        assert [waiter.result() for waiter in waiters] == [None, None]

    def test_lets_go_of_those_who_waited_too_long(self) -> None:
        bulkhead = Bulkhead(1, 2, 0.05)
        with bulkhead.slot():
            for _ in range(3):
                with pytest.raises(DatabaseBusy), bulkhead.slot():
                    pass
        assert bulkhead.waiting == 0
        with bulkhead.slot():
            pass

    def test_that_hardly_moves_is_not_joined(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bulkhead, now = Bulkhead(1, 100, LONG), [0.0]
        monkeypatch.setattr("app.db.bulkheads.monotonic", lambda: now[0])
        with ThreadPoolExecutor(2) as pool, bulkhead.slot():
            first = pool.submit(_pass_through, bulkhead)
            wait_until(lambda: bulkhead.waiting == 1)
            now[0] = LONG / 2
            second = pool.submit(_pass_through, bulkhead)
            wait_until(lambda: bulkhead.waiting == 2)
            now[0] += 0.1
            with pytest.raises(DatabaseBusy), bulkhead.slot():
                pass
        assert (first.result(), second.result()) == (None, None)


class TestSenders:
    def test_take_turns(self) -> None:
        """Who sent many requests waits behind one that came later and sent one."""
        bulkhead, served = Bulkhead(1, 100, LONG), list[str]()

        def work(sender: str) -> None:
            with bulkhead.slot(sender):
                served.append(sender)

        with ThreadPoolExecutor(16) as pool, bulkhead.slot("many"):
            for number, sender in enumerate(["many"] * 5 + ["one"] + ["many"] + ["other"] * 2):
                pool.submit(work, sender)
                wait_until(lambda number=number: bulkhead.waiting == number + 1)  # type: ignore[misc]
        assert served == ["many", "one", "other", "many", "other", *["many"] * 4]

    def test_have_a_share_of_the_places(self) -> None:
        bulkhead = Bulkhead(1, 4, LONG, share=3)
        with ThreadPoolExecutor(4) as pool, bulkhead.slot("many"):
            waiters = [pool.submit(_pass_through, bulkhead, "many") for _ in range(2)]
            wait_until(lambda: bulkhead.waiting == 2)
            with pytest.raises(DatabaseBusy), bulkhead.slot("many"):
                pass
            waiters += [pool.submit(_pass_through, bulkhead, "one")]
            wait_until(lambda: bulkhead.waiting == 3)
        assert [waiter.result() for waiter in waiters] == [None] * 3
        with bulkhead.slot("many"):
            pass

    def test_who_gave_up_leave_nothing_behind(self) -> None:
        bulkhead = Bulkhead(1, 4, 0.05, share=2)
        with bulkhead.slot("many"):
            for _ in range(3):
                with pytest.raises(DatabaseBusy), bulkhead.slot("many"):
                    pass
        with bulkhead.slot("many"):
            assert bulkhead.waiting == 0


class TestAtOnce:
    def test_a_sender_leaves_a_slot_to_others(self) -> None:
        bulkhead = Bulkhead(3, 100, LONG, at_once=2)
        with ThreadPoolExecutor(4) as pool, ExitStack() as working:
            for _ in range(2):
                working.enter_context(bulkhead.slot("many"))
            waiters = [pool.submit(_pass_through, bulkhead, "many") for _ in range(3)]
            wait_until(lambda: bulkhead.waiting == 3)
            for _ in range(3):
                with bulkhead.slot("one"):
                    assert bulkhead.waiting == 3
        assert [waiter.result() for waiter in waiters] == [None] * 3

    def test_a_slot_that_no_waiter_may_take_stays_free(self) -> None:
        bulkhead = Bulkhead(2, 100, LONG, at_once=1)
        with ThreadPoolExecutor(4) as pool:
            with bulkhead.slot("many"):
                with bulkhead.slot("one"):
                    waiter = pool.submit(_pass_through, bulkhead, "many")
                    wait_until(lambda: bulkhead.waiting == 1)
                with bulkhead.slot("another"):
                    assert bulkhead.waiting == 1
            assert waiter.result() is None
        with bulkhead.slot("many"), bulkhead.slot("one"):
            assert bulkhead.waiting == 0

    @pytest.mark.parametrize(
        ("chosen", "connections", "expected"), [(None, 20, 3), (None, 5, 1), (1, 20, 1), (2, 20, 2), (64, 20, 3)]
    )
    def test_is_a_setting_for_lists(self, chosen: int | None, connections: int, expected: int) -> None:
        settings = settings_for("sqlite://", db_pool_size=connections, lists_per_address=chosen)
        made = bulkheads(settings, shares(connections))
        assert made[Kind.BOOK_LISTS].at_once == expected
        assert made[Kind.BOOKS].at_once == made[Kind.BOOKS].slots


class TestSubjects:
    """Writers who wait for a lock wait with their slots."""

    def test_leave_a_slot_to_each_other(self) -> None:
        bulkhead = Bulkhead(3, 9, LONG, on_one_subject=2)
        with ThreadPoolExecutor(2) as pool, ExitStack() as stuck:
            for _ in range(2):
                stuck.enter_context(bulkhead.slot("many", "books"))

            def write(subject: str) -> str:
                with bulkhead.slot("many", subject):
                    return subject

            third = pool.submit(write, "books")
            wait_until(lambda: bulkhead.waiting == 1)
            assert pool.submit(write, "authors").result(LONG) == "authors"
            assert (bulkhead.working, bulkhead.waiting, third.done()) == (2, 1, False)
            stuck.close()
            assert third.result(LONG) == "books"
        assert (bulkhead.working, bulkhead.waiting) == (0, 0)

    def test_that_are_stuck_refuse_only_their_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bulkhead = Bulkhead(2, 9, LONG, on_one_subject=1)
        with ThreadPoolExecutor(1) as pool, ExitStack() as stuck:
            stuck.enter_context(bulkhead.slot("many", "books"))

            def write() -> None:
                with bulkhead.slot("many", "books"):
                    pass

            second = pool.submit(write)
            wait_until(lambda: bulkhead.waiting == 1)
            monkeypatch.setattr("app.db.bulkheads.monotonic", lambda: monotonic() + LONG)
            with pytest.raises(DatabaseBusy), bulkhead.slot("many", "books"):
                pass
            with bulkhead.slot("many", "authors"):
                pass
            stuck.close()
            second.result(LONG)

    @pytest.mark.parametrize(("slots", "expected"), [(5, 4), (1, 1)])
    def test_are_bounded_for_writers(self, slots: int, expected: int) -> None:
        limits = bulkheads(settings_for("sqlite://"), dict.fromkeys(Kind, slots))
        assert limits[Kind.WRITERS].on_one_subject == expected


class TestWithoutWaiting:
    def test_takes_a_free_slot(self) -> None:
        with Bulkhead(slots=1, places=9, patience=60).slot(wait=False):
            pass

    def test_is_refused_at_once_where_none_is_free(self) -> None:
        bulkhead = Bulkhead(slots=1, places=9, patience=60)
        with bulkhead.slot(), pytest.raises(DatabaseBusy), bulkhead.slot(wait=False):
            pytest.fail("it got a slot that another has")
        assert bulkhead.waiting == 0
