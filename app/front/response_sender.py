"""Running the WSGI application in a thread, and sending its response over ASGI."""

from __future__ import annotations

from asyncio import run_coroutine_threadsafe
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog

from app.errors import Unavailable
from app.metrics.instruments import REQUEST_SECONDS, REQUESTS
from app.web.request_log import RECEIVED_AT, ROUTE, UNKNOWN_ROUTE

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable, Iterable, Iterator
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    Send = Callable[[dict[str, Any]], Awaitable[None]]

log = structlog.get_logger(__name__)

LARGEST_WHOLE = 4 * 1024 * 1024
"""Bytes of a response, by its `Content-Length`, up to which it is handed to the server at once: no thread waits for a
slow reader."""
READS_WITHIN = 30.0
"""Seconds in which a client must take the next part of a larger response; then its connection is closed."""
FAILED = b"Internal server error\n"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""The methods that the metrics name; all others are `other` there."""


@dataclass
class ResponseSender:
    """The response to one request.

    Args:
        send: ASGI's.
        loop: the event loop that `send` belongs to.
        closes: whether to close the connection afterwards, since not all of the body was received.
    """

    send: Send
    loop: AbstractEventLoop
    closes: bool
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    is_begun: bool = False
    received_at: float = field(default_factory=perf_counter)
    """When the request was complete: its response takes the time since then, that of waiting for a thread included."""
    route: tuple[str, str] = (UNKNOWN_ROUTE, "other")
    """The template of its route, and its method, for the metrics."""

    def run(self, application: WSGIApplication, environ: WSGIEnvironment) -> None:
        """Call the application, and send what it returns."""
        self.received_at = environ.get(RECEIVED_AT, self.received_at)
        method = environ.get("REQUEST_METHOD", "")
        method = method if method in METHODS else "other"
        try:
            try:
                body = application(environ, self._start)
            finally:
                self.route = environ.get(ROUTE, UNKNOWN_ROUTE), method
            try:
                self._send(body)
            finally:
                if hasattr(body, "close"):
                    body.close()
        except Unavailable as error:  # midway: the client sees that the end is missing
            log.warning("response_cut", code=error.code, cause=repr(error.__cause__))
        except Exception as error:  # of the application's outermost layers, or of sending: no problem can report it
            log.exception("internal_error", exc_info=error)
            if not self.is_begun:
                self.status, self.headers = 500, [("Content-Type", "text/plain")]
                self._send_whole(FAILED)
        finally:
            environ["wsgi.input"].close()
            self.send = _no_more

    def _start(self, status: str, headers: list[tuple[str, str]], exception: Any = None) -> Callable[[bytes], object]:  # noqa: ANN401  (a triple of three types, or None)
        """`start_response` (PEP 3333), but for the `write` that it returns, which only old applications call."""
        if exception and self.is_begun:
            raise exception[1].with_traceback(exception[2])
        self.status, self.headers = int(status[:3]), headers
        return _no_write

    def _send(self, body: Iterable[bytes]) -> None:
        length = next((value for name, value in self.headers if name.lower() == "content-length"), "")
        if isinstance(body, list | tuple) or (length.isdecimal() and int(length) <= LARGEST_WHOLE):
            self._send_whole(b"".join(body))
        else:
            self._send_in_parts(iter(body))

    def _send_whole(self, body: bytes) -> None:
        self._begin()
        self.send({"type": "http.response.body", "body": body})

    def _send_in_parts(self, parts: Iterator[bytes]) -> None:
        """Send part by part, each when the client has taken what came before it."""
        first = next(parts, b"")
        self._begin()
        self._wait_for(first)
        for part in parts:
            self._wait_for(part)
        self.send({"type": "http.response.body", "body": b""})

    def _wait_for(self, part: bytes) -> None:
        """Send a part.

        Raises:
            TimeoutError: the client does not take it.
        """
        if part:
            sending = self.send({"type": "http.response.body", "body": part, "more_body": True})
            run_coroutine_threadsafe(_awaited(sending), self.loop).result(READS_WITHIN)

    def _begin(self) -> None:
        self.is_begun = True
        REQUESTS(*self.route, str(self.status)).inc()  # before the client has the response
        REQUEST_SECONDS(*self.route).observe(perf_counter() - self.received_at)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        if self.closes and not any(name.lower() == "connection" for name, _ in self.headers):
            headers.append((b"Connection", b"close"))
        self.send({"type": "http.response.start", "status": self.status, "headers": headers})


async def _awaited(sending: Awaitable[None]) -> None:
    await sending


def _no_write(_part: bytes) -> None:
    raise NotImplementedError


async def _no_more(_message: dict[str, Any]) -> None:
    """Replaces `send` after a response.

    The traceback of an exception may keep the frames of a request, and so its `ResponseSender`, until Python collects
    garbage. As long as `send` exists, granian keeps open a connection whose request was not received whole.
    """
    raise NotImplementedError
