"""Hashes of passwords, and the queue in front of hashing."""

from __future__ import annotations

import hmac
import os
import sys
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from threading import Barrier, Event
from typing import TYPE_CHECKING

import bcrypt
import pytest

from app.errors import HashingBusy
from app.security.hashing import Hasher
from app.security.hashing_queue import HashingQueue, is_abandoned
from devtools.databases import settings_for
from devtools.polling import wait_until
from tests.support.quick_hashes import give_way

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "correct horse battery"  # noqa: S105
COST = 6
THREADS = 16


def hasher_of(rounds: int) -> Hasher:
    return Hasher(settings_for("sqlite://", bcrypt_rounds=rounds))


def plain_hash(password: str, rounds: int = COST) -> str:
    """A hash of bcrypt alone, as earlier releases stored it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


@pytest.fixture(scope="module")
def hasher() -> Hasher:
    """Makes hashes of cost 6."""
    return hasher_of(COST)


class TestHash:
    def test_is_bcrypt_of_the_cost_that_is_set(self, hasher: Hasher) -> None:
        assert hasher.hash(PASSWORD).startswith("$bcrypt-sha256$v=2,t=2b,r=6$")

    def test_is_bcrypt_of_an_hmac_of_the_password(self, hasher: Hasher) -> None:
        """So that any other implementation can verify it; the salt is the key as it is written."""
        password_hash = hasher.hash("密" * 64)
        salt, digest = password_hash.split("$")[-2:]
        key = b64encode(hmac.digest(salt.encode(), ("密" * 64).encode(), "sha256"))
        assert bcrypt.checkpw(key, f"$2b$06${salt}{digest}".encode())

    def test_fits_its_column(self, hasher: Hasher) -> None:
        assert len(hasher.hash("密" * 256)) < 100

    def test_is_another_each_time(self, hasher: Hasher) -> None:
        assert hasher.hash(PASSWORD) != hasher.hash(PASSWORD)


class TestVerify:
    @pytest.mark.parametrize("password", [PASSWORD, "p" * 72, "p" * 73, "п" * 64, "密" * 256, "pass wörd"])
    def test_knows_the_right_one(self, hasher: Hasher, password: str) -> None:
        assert hasher.verify(password, hasher.hash(password)).right

    @pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD + "\0", "p" * 73, "p" * 1_000_000])
    def test_and_every_wrong_one(self, hasher: Hasher, password: str) -> None:
        assert not hasher.verify(password, hasher.hash(PASSWORD)).right

    @pytest.mark.parametrize("tail", ["p", "\0", "é"])
    def test_cuts_nothing_short(self, hasher: Hasher, tail: str) -> None:
        for password_hash in (hasher.hash("p" * 72), plain_hash("p" * 72)):
            assert not hasher.verify("p" * 72 + tail, password_hash).right

    @pytest.mark.parametrize("password", ["p" * 73, "a\0b"])
    def test_takes_what_bcrypt_cannot_read_for_no_other(self, hasher: Hasher, password: str) -> None:
        for password_hash in (hasher.hash(""), plain_hash("")):
            assert not hasher.verify(password, password_hash).right

    @pytest.mark.parametrize("password", [PASSWORD, "p" * 72, "密" * 24])
    def test_knows_the_right_one_by_a_hash_of_bcrypt_alone(self, hasher: Hasher, password: str) -> None:
        assert hasher.verify(password, plain_hash(password)).right
        assert not hasher.verify(f"{password[:-1]}.", plain_hash(password)).right

    @pytest.mark.parametrize("password", [PASSWORD, "", "another password"])
    def test_where_there_is_no_user_none_is_right(self, hasher: Hasher, password: str) -> None:
        assert not hasher.verify(password, None).right

    @pytest.mark.parametrize("kept", ["-", "", "plain text", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"])
    def test_where_the_hash_is_of_another_kind_none_is_right(self, hasher: Hasher, kept: str) -> None:
        assert not hasher.verify(PASSWORD, kept).right


class TestBetterHash:
    def test_of_one_of_a_lower_cost(self, hasher: Hasher) -> None:
        better = hasher.verify(PASSWORD, hasher_of(COST - 1).hash(PASSWORD)).better_hash
        assert better is not None
        assert better.startswith("$bcrypt-sha256$v=2,t=2b,r=6$")
        assert hasher.verify(PASSWORD, better).right

    @pytest.mark.parametrize(("rounds", "cost"), [(COST - 1, COST), (COST, COST), (COST + 1, COST + 1)])
    def test_of_one_of_bcrypt_alone_at_no_lower_cost(self, hasher: Hasher, rounds: int, cost: int) -> None:
        better = hasher.verify(PASSWORD, plain_hash(PASSWORD, rounds)).better_hash
        assert better is not None
        assert better.startswith(f"$bcrypt-sha256$v=2,t=2b,r={cost}$")
        assert hasher.verify(PASSWORD, better).right

    @pytest.mark.parametrize("rounds", [COST, COST + 1])
    def test_none_of_one_of_the_same_cost_or_a_higher(self, hasher: Hasher, rounds: int) -> None:
        check = hasher.verify(PASSWORD, hasher_of(rounds).hash(PASSWORD))
        assert check.right
        assert check.better_hash is None

    def test_none_for_a_wrong_password(self, hasher: Hasher) -> None:
        assert hasher.verify("wrong", hasher_of(COST - 1).hash(PASSWORD)).better_hash is None


class TestTime:
    @pytest.fixture
    def steps(self, hasher: Hasher, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The steps of all that bcrypt does: they are what takes the time."""
        done: list[int] = []

        class Counted:
            @staticmethod
            def hashpw(password: bytes, config: bytes) -> bytes:
                done.append(2 ** int(config[4:6]))
                return bcrypt.hashpw(password, config)

        hasher.verify("", None)  # has loaded it
        monkeypatch.setattr("passlib.handlers.bcrypt._bcrypt", Counted)
        return done

    @pytest.mark.parametrize("password", ["wrong", "", "p" * 73, "p" * 10_000, "a\0b"])
    @pytest.mark.parametrize("make_hash", [plain_hash, lambda password, rounds: hasher_of(rounds).hash(password)])
    @pytest.mark.parametrize("kept", [None, COST, COST - 1, 4])
    def test_a_wrong_password_takes_as_long_with_and_without_a_user(
        self,
        hasher: Hasher,
        steps: list[int],
        password: str,
        kept: int | None,
        make_hash: Callable[[str, int], str],
    ) -> None:
        """So the time does not tell whether there is such a user, or one with a hash of a lower cost."""
        password_hash = None if kept is None else make_hash(PASSWORD, kept)
        steps.clear()
        assert not hasher.verify(password, password_hash).right
        assert sum(steps) == 2**COST


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
        """The next task takes the place of one whose client has gone: at once if the queue is full, else in turn."""
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
