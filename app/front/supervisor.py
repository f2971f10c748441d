"""Supervising the worker processes: one that died is replaced, and so is one that was stopped."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import structlog
from granian.server.mp import MPServer, WorkerProcess

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
STOPPED_FOR = 5.0
"""Seconds after which a worker that does not run (SIGSTOP) is killed, so that it is replaced."""


class Supervisor(MPServer):
    """Granian's supervisor, which ended the service when a replacement died within seconds.

    `_serve_loop` takes the place of granian's own: without reloading, and without limits of memory or age.

    Args:
        options: granian's.
        metrics: the folder in which the workers share their metrics, if they do.
    """

    def __init__(self, *options: Any, metrics: Path | None = None, **more: Any) -> None:  # noqa: ANN401  (granian's)
        super().__init__(*options, **more)
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
        loader = partial(_load, self._metrics_folder, idx + FIRST_WORKER, callback_loader)
        return super()._spawn_worker(idx=idx, target=target, callback_loader=loader)

    def _serve_loop(self, spawn_target: Any, target_loader: Callable[..., Any]) -> None:  # noqa: ANN401  (granian's)
        deaths: deque[float] = deque()
        Thread(target=self._kill_stopped, name="stopped workers", daemon=True).start()
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
                self._respawn_workers([index], spawn_target, target_loader)

    def _kill_stopped(self) -> None:
        """Kill workers that have been stopped for some time; then they are replaced."""
        since: dict[int, float] = {}
        while not self.interrupt_signal:
            sleep(1.0)
            now = monotonic()
            stopped = [worker.inner.pid for worker in list(self.wrks) if _is_stopped(worker.inner.pid)]
            since = {pid: since.get(pid, now) for pid in stopped}
            for pid, began in since.items():
                if now - began > STOPPED_FOR:
                    log.error("worker_stopped", pid=pid, seconds=STOPPED_FOR)
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)


def _load(metrics: Path | None, worker: int, loader: Callable[..., Any]) -> Any:  # noqa: ANN401  (granian's)
    """Load the application in a worker, which shares its metrics under its number."""
    if metrics is not None:
        share(metrics, worker)
    return loader()


def _name(index: int) -> str:
    return f"worker-{index + FIRST_WORKER}"


def _is_stopped(pid: int) -> bool:
    """Whether a process is stopped (state `T` in proc(5)); False where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("T")
    except OSError:
        return False
