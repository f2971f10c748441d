"""Workers that die or hang are replaced, however soon after each other, and no request waits for ever."""

from __future__ import annotations

import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from app.front.supervisor import HUNG_FOR
from devtools.databases import ROOT
from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.serving import WITHOUT_TLS, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

REPLACED_WITHIN = 60
"""Seconds: a replacement imports the whole application, on a machine that may be busy."""


NOTICED_WITHIN = 3 * HUNG_FOR
"""Seconds, likewise."""
FAULTS = [signal.SIGSTOP, signal.SIGUSR1, signal.SIGUSR2]
RUN_WITH_FAULTS = """
import ctypes, os, runpy, signal, sys, time

def block_the_loop(*_):
    time.sleep(3600)

def keep_the_interpreter(*_):  # as C code that is deadlocked: no thread of the process runs Python
    ctypes.PyDLL(None).sleep(3600)

sys.path.insert(0, os.environ["BOOKS_ROOT"])
signal.signal(signal.SIGUSR1, block_the_loop)
signal.signal(signal.SIGUSR2, keep_the_interpreter)
runpy.run_path(os.environ["BOOKS_ROOT"] + "/run.py", run_name="__main__")
"""
"""`run.py`, whose workers hang at a signal: they inherit its handlers."""


def workers(served: Served) -> list[psutil.Process]:
    """The worker processes."""
    return list(psutil.Process(served.process.pid).children())


def is_well(served: Served) -> bool:
    """Whether every one of several requests, each on a connection of its own, is answered soon."""
    with suppress(httpx.TransportError):
        return (
            all(
                httpx.get(f"{served.base}/books", timeout=2, trust_env=False, verify=WITHOUT_TLS).is_success
                for _ in range(20)
            )
            and len(workers(served)) == 2
        )
    return False


def status(served: Served) -> int | None:
    """The status of a response, or None if the connection was closed without one."""
    with suppress(httpx.TransportError):
        return httpx.get(f"{served.base}/books", timeout=60, trust_env=False, verify=WITHOUT_TLS).status_code
    return None


def answered_within(served: Served) -> float:
    """The seconds until a request succeeds; it is sent again when its connection is closed."""
    began = monotonic()
    wait_until(lambda: status(served) == 200, within=REPLACED_WITHIN)
    return monotonic() - began


class TestWorkersThatDie:
    def test_again_and_again_are_replaced(self, own_url: str, tmp_path: Path) -> None:
        with serving(own_url, tmp_path, workers=2) as served:
            killed: list[psutil.Process] = []

            def replacements() -> list[psutil.Process]:
                return [worker for worker in workers(served) if worker not in killed]

            for _ in range(3):
                for worker in replacements():
                    worker.kill()
                    killed.append(worker)
                killed.append(wait_until(replacements, within=REPLACED_WITHIN)[0])
                killed[-1].kill()  # a replacement that has just begun
                wait_until(lambda: len(replacements()) == 2 and is_well(served), within=REPLACED_WITHIN)
            assert served.process.poll() is None
            assert len(served.logged("worker_died")) == 9

    def test_have_replacements_that_do_not_import_the_application_again(self, tmp_path: Path) -> None:
        with serving(migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path, workers=2) as served:
            wait_until(lambda: is_well(served), within=REPLACED_WITHIN)
            for worker in workers(served):
                worker.kill()
            wait_until(lambda: is_well(served), within=REPLACED_WITHIN)
            supervisor = psutil.Process(served.process.pid).cpu_times().user
            assert [worker.cpu_times().user < supervisor / 2 for worker in workers(served)] == [True, True]


class TestWorkerThatHangs:
    """A worker that does not run, or whose event loop does not, is replaced; until then the other one serves."""

    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[Served]:
        (tmp_path / "run.py").write_text(RUN_WITH_FAULTS)
        url = migrated(f"sqlite:///{tmp_path}/books.db")
        with serving(url, tmp_path, workers=2, pythonpath=tmp_path, books_root=ROOT) as served:
            wait_until(lambda: is_well(served), within=REPLACED_WITHIN)
            yield served

    @pytest.mark.parametrize("fault", FAULTS)
    def test_is_replaced(self, served: Served, fault: signal.Signals) -> None:
        hung = workers(served)[0]
        began = monotonic()
        hung.send_signal(fault)
        wait_until(lambda: not hung.is_running(), within=NOTICED_WITHIN)
        with ThreadPoolExecutor(8) as pool:  # on new connections, which the system may give to either worker
            seconds = list(pool.map(lambda _: answered_within(served), range(8)))
        assert max(seconds) < REPLACED_WITHIN
        wait_until(lambda: is_well(served), within=REPLACED_WITHIN)
        [line] = served.logged("worker_hung")
        assert (line["worker"], line["pid"]) == (1, hung.pid)
        assert monotonic() - began < REPLACED_WITHIN

    def test_has_its_requests_ended(self, served: Served) -> None:
        """A client of a hung worker waits no longer than until that is killed."""
        hung = workers(served)[0]
        hung.suspend()
        began = monotonic()
        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda _: status(served), range(16)))
        assert monotonic() - began < NOTICED_WITHIN + 5
        assert 200 in statuses, "the other worker serves"
        assert set(statuses) <= {200, None}

    @pytest.mark.parametrize("fault", FAULTS)
    def test_does_not_hold_up_the_end(self, served: Served, fault: signal.Signals) -> None:
        workers(served)[0].send_signal(fault)
        began = monotonic()
        served.process.terminate()
        assert served.process.wait(NOTICED_WITHIN) == 0
        assert monotonic() - began < NOTICED_WITHIN


class TestDrain:
    def test_lasts_longer_than_a_worker_may_hang(self, tmp_path: Path) -> None:
        """The heart of a worker that finishes its requests goes on beating."""
        url = migrated(f"sqlite:///{tmp_path}/books.db")
        with serving(url, tmp_path, workers=2) as served:
            member = served.member()
            with (
                closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as other,
                ThreadPoolExecutor(1) as pool,
            ):
                other.execute("BEGIN IMMEDIATE")
                writer = pool.submit(member.post, "/authors", json={"name": "Jane Austen"})
                sleep(0.5)
                served.process.terminate()
                sleep(HUNG_FOR + 2)
                other.execute("ROLLBACK")
                assert writer.result().status_code == 201
            assert served.process.wait(NOTICED_WITHIN) == 0
            assert not served.logged("worker_hung")


class TestSupervisorThatIsKilled:
    def test_takes_its_workers_with_it(self, tmp_path: Path) -> None:
        """Its successor needs the port."""
        with serving(migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path, workers=2) as served:
            orphans = workers(served)
            served.process.kill()
            wait_until(lambda: not any(orphan.is_running() for orphan in orphans), within=NOTICED_WITHIN)
            assert served.process.wait(NOTICED_WITHIN) == -signal.SIGKILL
