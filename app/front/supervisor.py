"""Supervising the worker processes: one that died or hangs is replaced."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from contextlib import suppress
from ctypes import c_bool, c_uint64
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import structlog
from granian.server.mp import MPServer, WorkerProcess

from app.front.heartbeat import Beats, load_with_heart
from app.front.service_manager import ALIVE, READY, STOPPING, notify
from app.metrics.sharing import FIRST_WORKER, forget_state, share

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

WINDOW = 60.0
"""Seconds in which deaths are counted together."""
MOST_DEATHS = 30
"""Per worker and window. More mean that workers cannot live at all, and the service ends."""
BACK_OFF = 0.25
"""Seconds to wait before a replacement, for each death in the window after the first few."""
LONGEST_BACK_OFF = 5.0
TICK = 0.5
"""Seconds between two looks at the heart beats."""
HUNG_FOR = 8.0
"""Seconds without a heart beat after which a worker is killed, so that it is replaced."""
STARTS_WITHIN = 180.0
"""Seconds until the first heart beat: a worker imports the whole application, on a machine that may be busy."""


class Supervisor(MPServer):
    """Granian's supervisor, which ended the service when a replacement died within seconds.

    `_serve_loop` takes the place of granian's own: without reloading, and without limits of memory or age.

    Args:
        options: granian's.
        metrics: the folder in which the workers share their metrics, if they do.
    """

    def __init__(self, *options: Any, metrics: Path | None = None, **more: Any) -> None:  # noqa: ANN401  (granian's)
        super().__init__(*options, **more)
        self._beats: Beats = get_context("spawn").RawArray(c_uint64, self.workers)
        self._ending = get_context("spawn").RawValue(c_bool, False)  # noqa: FBT003  (its first value)
        self._metrics_folder = metrics
        self._deaths: Counter[str] = Counter()

    @property
    def configured(self) -> int:
        """How many workers there should be."""
        return int(self.workers)

    def processes(self) -> dict[str, int]:
        """The process ids of the supervisor and of the workers that run, by name."""
        running = {_name(worker.idx): worker.inner.pid for worker in list(self.wrks) if worker.inner.is_alive()}
        return {"supervisor": os.getpid(), **running}

    def deaths(self) -> dict[str, int]:
        """How often each worker had to be replaced."""
        return {_name(index): self._deaths[_name(index)] for index in range(self.workers)}

    def _spawn_worker(  # type: ignore[override]  # granian's own omits an argument too
        self,
        idx: int,
        target: Any,  # noqa: ANN401  (granian's)
        callback_loader: Callable[..., Any],
    ) -> WorkerProcess:
        self._beats[idx] = 0
        loader = partial(_load, self._metrics_folder, idx + FIRST_WORKER, callback_loader)
        return super()._spawn_worker(
            idx=idx, target=target, callback_loader=partial(load_with_heart, loader, self._beats, idx, self._ending)
        )

    def _serve_loop(self, spawn_target: Any, target_loader: Callable[..., Any]) -> None:  # noqa: ANN401  (granian's)
        deaths: deque[float] = deque()
        Thread(target=self._watch_hearts, name="heart beats", daemon=True).start()
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait()
            self.main_loop_interrupt.clear()
            while self.interrupt_children and not self.interrupt_signal:
                deaths.append(monotonic())
                while deaths[0] < monotonic() - WINDOW:
                    deaths.popleft()
                if len(deaths) > MOST_DEATHS * self.workers:
                    log.error("workers_cannot_live", deaths=len(deaths), seconds=WINDOW)
                    return
                index = self.interrupt_children.pop(0)
                log.error("worker_died", worker=index + 1, exit_code=self.wrks[index].inner.exitcode)
                self._deaths[_name(index)] += 1
                if self._metrics_folder is not None:
                    with suppress(OSError):  # no room: the replacement allocates its files itself
                        forget_state(self._metrics_folder, index + FIRST_WORKER)
                sleep(min(BACK_OFF * max(len(deaths) - 2 * self.workers, 0), LONGEST_BACK_OFF))
                self._replace(index, spawn_target, target_loader)

    def _replace(self, index: int, spawn_target: Any, target_loader: Callable[..., Any]) -> None:  # noqa: ANN401  (granian's)
        """Start a worker in the place of a dead one; try again later if the system has no process for it."""
        worker = self._spawn_worker(index, spawn_target, target_loader)
        try:
            worker.start()  # type: ignore[no-untyped-call]  # granian's, here and below
        except OSError as error:
            log.error("worker_not_started", worker=index + 1, cause=error.strerror)  # noqa: TRY400  (the cause says it all)
            self.interrupt_children.append(index)
        else:
            self.wrks[index] = worker

    def _watch_hearts(self) -> None:
        """Kill workers whose hearts stopped, also while the service stops, and keep the service manager informed.

        Time in which this process did not run either (a suspended machine) counts for little.
        """
        silent: dict[int, tuple[int, float]] = {}
        looked, is_ready = monotonic(), False
        while True:
            sleep(TICK)
            since, looked = min(monotonic() - looked, 2 * TICK), monotonic()
            workers, beats, before, silent = list(self.wrks), list(self._beats), silent, {}
            for worker in workers:
                pid, count = worker.inner.pid, beats[worker.idx]
                known, seconds = before.get(pid, (0, 0.0))
                silent[pid] = (count, seconds + since if count == known else 0.0)
                if silent[pid][1] > (HUNG_FOR if count else STARTS_WITHIN) and worker.inner.is_alive():
                    log.error("worker_hung", worker=worker.idx + 1, pid=pid, seconds=round(silent[pid][1], 1))
                    worker.inner.kill()
                    silent[pid] = (count, 0.0)
            if is_ready:
                notify(ALIVE)
            elif all(beats):
                is_ready = True
                notify(READY, f"STATUS=Serving with {self.workers} workers.")

    def _stop_workers(self) -> None:
        """Let those that are stopped (SIGSTOP) run again, so that they can finish their requests too."""
        for worker in self.wrks:
            with suppress(ProcessLookupError):
                os.kill(worker.inner.pid, signal.SIGCONT)
        super()._stop_workers()  # type: ignore[no-untyped-call]

    def shutdown(self, exit_code: int = 0) -> None:
        """Let the workers finish their requests, and end them."""
        notify(STOPPING)
        self._ending.value = True
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]


def _load(metrics: Path | None, worker: int, loader: Callable[..., Any]) -> Any:  # noqa: ANN401  (granian's)
    """Load the application in a worker, which shares its metrics under its number."""
    if metrics is not None:
        share(metrics, worker)
    return loader()


def _name(index: int) -> str:
    return f"worker-{index + FIRST_WORKER}"
