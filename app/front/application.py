"""The ASGI application that receives requests, and hands those that are complete to the WSGI application."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from app.db.bulkheads import Kind
from app.errors import TooManyRequests
from app.front.answering import Answer
from app.front.bodies import End, allowance_of, announces_body, receive_body
from app.front.crowding import Crowding
from app.front.environ import Scope, environ_of
from app.settings import load_settings
from app.web.bodies import REFUSAL
from app.web.problems import RequestTimeout
from app.web.proxies import client_address, network_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from app.errors import BooksError
    from app.settings import Settings

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

HEALTH = "/healthz"
RETRY_AFTER = 5
"""Seconds."""
CROWDED = "Too many request bodies of this address are arriving at once."


def threads_of(settings: Settings) -> int:
    """How many requests may have a thread.

    A request that waits for a hash or a connection occupies one, so there is one for each place in the queues: no kind
    of request takes another's.
    """
    return settings.threads + settings.password_queue + settings.db_queue * len(Kind)


class Front:
    """An ASGI application that runs a WSGI application in threads.

    Args:
        application: the WSGI application.
        settings: the limits.
    """

    def __init__(self, application: WSGIApplication, settings: Settings) -> None:
        self._application, self._settings = application, settings
        self._threads = ThreadPoolExecutor(threads_of(settings), "request")
        self._health = ThreadPoolExecutor(1, "health")
        self._refusals = ThreadPoolExecutor(1, "refusal")
        self._bodies = Crowding(settings.bodies_per_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3.0."""
        if scope["type"] != "http":
            return
        environ = environ_of(scope)
        end = End.COMPLETE
        if announces_body(environ):
            end = await self._receive(environ, receive)
            if end is End.GONE:
                environ["wsgi.input"].close()
                return
        else:
            environ["wsgi.input"] = BytesIO()
        await self._answer(environ, send, closes=end is not End.COMPLETE)

    async def _receive(self, environ: WSGIEnvironment, receive: Receive) -> End:
        """Receive the body into `wsgi.input`; if it is refused, say why under `REFUSAL`."""
        allowance = allowance_of(environ, self._settings.max_body_size, self._settings.body_timeout)
        with self._bodies.one_more(network_of(client_address(environ, self._settings.trusted_proxies))) as allowed:
            if not allowed:
                return _refused(environ, TooManyRequests(CROWDED, RETRY_AFTER))
            body, end = await receive_body(receive, environ.get("CONTENT_LENGTH", ""), allowance)
        environ["wsgi.input"] = body
        if end is End.LATE and not allowance.is_for_nothing:
            environ[REFUSAL] = RequestTimeout()
        return end

    async def _answer(self, environ: WSGIEnvironment, send: Send, *, closes: bool) -> None:
        """Run the application in a thread, until the response is complete."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        answer = Answer(send, loop, closes)

        def work() -> None:
            answer.run(self._application, environ)
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(done.set_result, None)

        self._threads_for(environ).submit(work)
        await done

    def _threads_for(self, environ: WSGIEnvironment) -> ThreadPoolExecutor:
        """Health checks and refusals wait for nothing: they have threads of their own, however busy the others are."""
        if REFUSAL in environ:
            return self._refusals
        return self._health if environ["PATH_INFO"] == HEALTH else self._threads


def _refused(environ: WSGIEnvironment, error: BooksError) -> End:
    environ["wsgi.input"], environ[REFUSAL] = BytesIO(), error
    return End.TOO_LARGE


def create_front() -> Front:
    """The front of `app.main.app`."""
    from app.main import app  # noqa: PLC0415  (it reads the settings, and so only where it is served)

    return Front(app, load_settings())
