"""Workers that die or are stopped are replaced, however soon after each other, and no request waits for ever."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

REPLACED_WITHIN = 60
"""Seconds: a replacement imports the whole application, on a machine that may be busy."""


def workers(served: Served) -> list[psutil.Process]:
    """The worker processes."""
    return list(psutil.Process(served.process.pid).children())


def is_well(served: Served) -> bool:
    """Whether every one of several requests, each on a connection of its own, is answered soon."""
    with suppress(httpx.TransportError):
        return (
            all(httpx.get(f"{served.base}/books", timeout=2, trust_env=False).is_success for _ in range(20))
            and len(workers(served)) == 2
        )
    return False


class TestWorkersThatDie:
    def test_again_and_again_are_replaced(self, own_url: str, tmp_path: Path) -> None:
        with serving(migrated(own_url), tmp_path, workers=2) as served:
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


class TestWorkerThatIsStopped:
    def test_is_replaced(self, own_url: str, tmp_path: Path) -> None:
        with serving(migrated(own_url), tmp_path, workers=2) as served:
            wait_until(lambda: is_well(served), within=REPLACED_WITHIN)
            stopped = workers(served)[0]
            stopped.suspend()
            wait_until(lambda: not stopped.is_running(), within=REPLACED_WITHIN)
            wait_until(lambda: is_well(served), within=REPLACED_WITHIN)
