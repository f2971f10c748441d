"""A line: the requests of one kind that wait, and the thread that answers them together."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

from app.errors import Unavailable
from app.front.fast_lane.requests import LaneRequest
from app.web.bodies import REFUSAL_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger(__name__)

RequestT = TypeVar("RequestT", bound=LaneRequest)

TOGETHER = 64
"""The most requests that are answered together."""
MOST_RECORDS = 1_600
"""The most records that they may ask for, all together: their documents are in memory at once."""
LONG = 1.0
"""Seconds after which a statement that failed is not tried again: its time was up, or that for a lock."""
LONGEST_WAIT = 1.0
"""Seconds in a line after which a request is Flask's: the database hangs, and in threads requests wait side by side."""
MOST_WAITING = 512
"""Requests of one kind beyond which further ones are Flask's, in whose queues the clients take turns."""


class Line(ABC, Generic[RequestT]):
    """The requests of one kind that wait, and the thread that answers them."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "fast-lane")
        self._lock = Lock()
        self._waiting: deque[RequestT] = deque()
        self._is_working = False

    @abstractmethod
    def answer(self, batch: Sequence[RequestT]) -> None:
        """Answer requests together, except those that are Flask's."""

    async def try_to_answer(self, request: RequestT) -> bool:
        """Wait until it is answered; False if it is not."""
        loop = asyncio.get_running_loop()
        request.done = loop.create_future()
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.append(request)
            begins, self._is_working = not self._is_working, True
        if begins:
            self._thread.submit(self._work, loop)
        return await request.done

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer what waits until nothing does."""
        while True:
            with self._lock:
                batch = self._next()
                if not batch:
                    self._is_working = False
                    return
            began = perf_counter()
            try:
                self.answer([request for request in batch if began - request.received_at < LONGEST_WAIT])
            except Exception as error:  # as Flask does, which gets the request next
                log.exception("fast_lane_failed", exc_info=error)
            loop.call_soon_threadsafe(_resolve, batch)

    def _next(self) -> list[RequestT]:
        batch: list[RequestT] = []
        records = 0
        while self._waiting and len(batch) < TOGETHER and records + self._waiting[0].limit <= MOST_RECORDS:
            records += self._waiting[0].limit
            batch.append(self._waiting.popleft())
        return batch


def refuse_if_long(request: LaneRequest, error: Exception, began: float) -> None:
    """Let Flask refuse a request whose statement took too long, rather than wait as long once more.

    Args:
        request: the request.
        error: why the statement failed.
        began: when it began, on the monotonic clock.
    """
    if isinstance(error, Unavailable) and monotonic() - began > LONG:
        request.environ[REFUSAL_KEY] = error


def _resolve(batch: Sequence[LaneRequest]) -> None:
    for request in batch:
        if not request.done.done():  # its client is still there
            request.done.set_result(request.is_answered)
