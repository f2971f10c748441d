"""The lane: which requests take it, and the threads that answer them together."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

from app.errors import BooksError, Unavailable
from app.front.fast_lane.reads import FREQUENT, Route
from app.front.fast_lane.replies import Replies
from app.front.fast_lane.requests import ReadRequest
from app.front.response_sender import LARGEST_WHOLE
from app.web.bodies import REFUSAL_KEY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from app.database import Database
    from app.settings import Settings
    from app.web.state import State

    Send = Callable[[dict[str, Any]], Awaitable[None]]

log = structlog.get_logger(__name__)

TOGETHER = 64
"""The most requests that are answered together."""
MOST_RECORDS = 1_600
"""The most records that they may ask for, all together: their documents are in memory at once."""
LONG = 1.0
"""Seconds after which a statement that failed is not tried again: its time was up, or that for a lock."""
MOST_WAITING = 512
"""Requests of one kind beyond which further ones are Flask's, in whose queues the clients take turns."""


class FastLane:
    """Answers frequent reads.

    Args:
        app: the application whose routes they are.
        state: its state.
    """

    def __init__(self, app: Flask, state: State) -> None:
        replies = Replies(state)
        self._lines = [Line(Route.of(app, state.cursors, read), state.database, replies) for read in FREQUENT]

    @staticmethod
    def is_open(settings: Settings) -> bool:
        """Whether the settings allow it: what only some installations need is left to Flask."""
        everyone_reads = settings.reading == "everyone"
        return settings.fast_lane and everyone_reads and not settings.allowed_hosts and not settings.cors_origins

    async def try_to_answer(self, environ: WSGIEnvironment, send: Send) -> bool:
        """Answer a request without a body. False: it is Flask's; nothing has been sent, counted or logged."""
        found = self.find(environ, send)
        if found is None:
            return False
        line, request = found
        return await line.try_to_answer(request)

    def find(self, environ: WSGIEnvironment, send: Send) -> tuple[Line, ReadRequest] | None:
        """The line for a request; None if there is none."""
        if environ["REQUEST_METHOD"] == "GET":
            for line in self._lines:
                path = line.route.pattern.fullmatch(environ["PATH_INFO"])
                if path is not None and line.route.understands(request := ReadRequest(environ, send), path):
                    return line, request
        return None


class Line:
    """The requests for one route that wait, and the thread that answers them."""

    def __init__(self, route: Route, database: Database, replies: Replies) -> None:
        self.route = route
        self._database, self._replies = database, replies
        self._thread = ThreadPoolExecutor(1, "fast-lane")
        self._lock = Lock()
        self._waiting: deque[ReadRequest] = deque()
        self._is_working = False

    async def try_to_answer(self, request: ReadRequest) -> bool:
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
            try:
                self.answer(batch)
            except Exception as error:  # as Flask does, which gets the request next
                log.exception("fast_lane_failed", exc_info=error)
            loop.call_soon_threadsafe(_resolve, batch)

    def _next(self) -> list[ReadRequest]:
        batch: list[ReadRequest] = []
        records = 0
        while self._waiting and len(batch) < TOGETHER and records + self._waiting[0].limit <= MOST_RECORDS:
            records += self._waiting[0].limit
            batch.append(self._waiting.popleft())
        return batch

    def answer(self, batch: Sequence[ReadRequest]) -> None:
        """Answer requests together, except those that are Flask's."""
        allowed = [request for request in batch if self._replies.count(request)]
        if not allowed:
            return
        times, began = self._replies.begin_measuring(), monotonic()
        try:
            with self._database.reading(self.route.kind, wait=False) as connection:
                found = self.route.read(connection, allowed)
        except Exception as error:
            for request in allowed:
                self._replies.uncount(request)
                if isinstance(error, Unavailable) and monotonic() - began > LONG:
                    request.environ[REFUSAL_KEY] = error  # rather than let Flask wait as long once more
            if isinstance(error, BooksError):
                return
            raise
        answers = []
        for request, content in zip(allowed, found, strict=True):
            if content is None or len(content.body) > LARGEST_WHOLE:  # such a response is sent in parts
                self._replies.uncount(request)
            else:
                answers.append((request, content))
        self._replies.send(self.route, answers, times)


def _resolve(batch: list[ReadRequest]) -> None:
    for request in batch:
        if not request.done.done():  # its client is still there
            request.done.set_result(request.is_answered)
