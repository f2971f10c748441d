"""The lane: which requests take it, and which line each joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.front.fast_lane.create_line import CreateLine
from app.front.fast_lane.read_line import ReadLine
from app.front.fast_lane.read_replies import ReadReplies
from app.front.fast_lane.reads import FREQUENT, Route
from app.front.fast_lane.requests import LaneRequest, ReadRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from app.settings import Settings
    from app.web.state import State

    Send = Callable[[dict[str, Any]], Awaitable[None]]


class FastLane:
    """Answers frequent reads, and creates books.

    Args:
        app: the application whose routes they are.
        state: its state.
    """

    def __init__(self, app: Flask, state: State) -> None:
        replies = ReadReplies(state)
        self._lines = [ReadLine(Route.of(app, state.cursors, read), state.database, replies) for read in FREQUENT]
        self.creates = CreateLine(app, state) if CreateLine.is_open(state.settings) else None

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

    async def try_to_create(self, environ: WSGIEnvironment, send: Send) -> bool:
        """Answer a request whose body was received. False: likewise; the body can be read again."""
        if self.creates is None or not self.creates.understands(environ):
            return False
        return await self.creates.try_to_answer(LaneRequest(environ, send))

    def find(self, environ: WSGIEnvironment, send: Send) -> tuple[ReadLine, ReadRequest] | None:
        """The line for a request without a body; None if there is none."""
        if environ["REQUEST_METHOD"] == "GET":
            for line in self._lines:
                path = line.route.pattern.fullmatch(environ["PATH_INFO"])
                if path is not None and line.route.understands(request := ReadRequest(environ, send), path):
                    return line, request
        return None
