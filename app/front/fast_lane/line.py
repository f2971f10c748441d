"""A line: the requests of one kind that wait, and the thread that answers them together."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

from app.errors import Unavailable
from app.front.fast_lane.requests import LaneRequest
from app.web.bodies import REFUSAL_KEY
from app.web.request_log import RECEIVED_AT, SENDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.front.fast_lane.replies import Replies

log = structlog.get_logger(__name__)

RequestT = TypeVar("RequestT", bound=LaneRequest)

TOGETHER = 64
"""The most requests that are answered together."""
MOST_RECORDS = 1_600
"""The most records that they may ask for, all together: their documents are in memory at once."""
LONG = 1.0
"""Seconds after which a statement that failed is not tried again: its time was up, or that for a lock."""
LONGEST_WAIT = 2.0
"""Seconds in a line after which a request is Flask's: the database hangs, and in threads requests wait side by side. A
full line takes a second."""
MOST_WAITING = 512
"""Requests of one kind beyond which further ones are Flask's, in whose queues the clients take turns."""


class Line(ABC, Generic[RequestT]):
    """The requests of one kind that wait, and the thread that answers them. The networks of clients take turns.

    Args:
        replies: to locate the clients.
    """

    def __init__(self, replies: Replies[RequestT]) -> None:
        self._locate = replies.locate
        self._thread = ThreadPoolExecutor(1, "fast-lane")
        self._lock = Lock()
        self._waiting: dict[str, deque[RequestT]] = {}
        """Those of each network; the network whose turn is next comes first."""
        self._is_working = False

    @abstractmethod
    def answer(self, batch: Sequence[RequestT]) -> None:
        """Answer requests together, except those that are Flask's."""

    async def try_to_answer(self, request: RequestT) -> bool:
        """Wait until it is answered; False if it is not."""
        loop = asyncio.get_running_loop()
        request.done = loop.create_future()
        self._locate(request)
        with self._lock:
            if sum(map(len, self._waiting.values())) >= MOST_WAITING:
                return False
            self._waiting.setdefault(request.network, deque()).append(request)
            begins, self._is_working = not self._is_working, True
        if begins:
            self._thread.submit(self._work)
        timer = loop.call_later(LONGEST_WAIT, self._give_up, request)
        try:
            is_answered = await request.done
        finally:
            timer.cancel()
        request.environ[RECEIVED_AT] = request.received_at
        return is_answered

    def _give_up(self, request: RequestT) -> None:
        """Leave a request to Flask, unless it is being answered."""
        with self._lock:
            waiting = self._waiting.get(request.network, deque())
            if request not in waiting:
                return
            waiting.remove(request)
            if not waiting:
                del self._waiting[request.network]
        if not request.done.done():
            request.done.set_result(False)

    def _work(self) -> None:
        """Answer what waits until nothing does."""
        while batch := self._next():
            try:
                self.answer(batch)
            except Exception as error:  # as Flask does, which gets the request next
                log.exception("fast_lane_failed", exc_info=error)
            with suppress(RuntimeError):  # the loop has been closed
                batch[0].done.get_loop().call_soon_threadsafe(_resolve, batch)

    def _next(self) -> list[RequestT]:
        """Those that are answered together, one of each network in turn; if there is none, the thread has ended."""
        batch: list[RequestT] = []
        records = 0
        with self._lock:
            while self._waiting and len(batch) < TOGETHER:
                network = next(iter(self._waiting))
                if records + self._waiting[network][0].limit > MOST_RECORDS:
                    break
                waiting = self._waiting.pop(network)
                records += waiting[0].limit
                batch.append(waiting.popleft())
                if waiting:
                    self._waiting[network] = waiting  # behind all others
            self._is_working = bool(batch)
        return batch


def refuse_if_long(request: LaneRequest, error: Exception, began: float) -> None:
    """Let Flask refuse a request whose statement took too long, rather than wait as long once more.

    Args:
        request: the request.
        error: why the statement failed.
        began: when it began, on the monotonic clock.
    """
    if isinstance(error, Unavailable) and monotonic() - began > LONG:
        request.environ |= {REFUSAL_KEY: error, SENDER: request.principal}


def _resolve(batch: Sequence[LaneRequest]) -> None:
    for request in batch:
        if not request.done.done():  # its client is still there
            request.done.set_result(request.is_answered)
