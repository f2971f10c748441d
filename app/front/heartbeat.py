"""The heart beat of a worker: proof that its event loop runs, and that its threads take work."""

from __future__ import annotations

import asyncio
import os
import signal
from ctypes import Array, c_bool, c_uint64
from time import monotonic
from typing import TYPE_CHECKING, Any

from app.web.feed import ENDING

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from app.front.application import Front

INTERVAL = 1.0
"""Seconds between two beats."""
THREADS_STUCK_FOR = 60.0
"""Seconds after which the threads count as deadlocked if none became free: every wait of a request is shorter."""

Beats = Array[c_uint64]
"""In memory that all processes share: how often the heart of each worker has beaten, by the worker's index."""


class Heart:
    """Beats as long as the worker can serve requests. It runs on the event loop.

    Args:
        beats: where beats are counted.
        index: the worker's.
        submit: hands a function to the threads that run requests.
        ending: in memory that all processes share: whether the service stops.
    """

    def __init__(
        self, beats: Beats, index: int, submit: Callable[[Callable[[], None]], Future[None]], ending: c_bool
    ) -> None:
        self._beats, self._index, self._submit, self._ending = beats, index, submit, ending
        self._parent = os.getppid()
        self._errand: Future[None] | None = None
        self._sent = 0.0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Beat from now on, as soon as the loop runs."""
        loop.call_soon(self._beat, loop)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._errand is None or self._errand.done():
            self._errand, self._sent = self._submit(_nothing), monotonic()
        if monotonic() - self._sent < THREADS_STUCK_FOR:
            self._beats[self._index] += 1
        if self._ending.value:
            ENDING.set()
        if os.getppid() != self._parent:  # the supervisor was killed: its successor needs the port
            os.kill(os.getpid(), signal.SIGTERM)
        loop.call_later(INTERVAL, self._beat, loop)


def load_with_heart(load: Callable[[], Front], beats: Beats, index: int, ending: c_bool) -> Any:  # noqa: ANN401  (an ASGI application, for granian)
    """Load the application in a worker, and let its heart beat. The worker's event loop must be the current one."""
    front = load()
    Heart(beats, index, front.submit, ending).start(asyncio.get_event_loop())
    return front


def _nothing() -> None:
    pass
