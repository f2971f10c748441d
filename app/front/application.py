"""The ASGI application that receives requests, and hands those that are complete to the WSGI application."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from io import BytesIO
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

from app.auth import importer_of
from app.database import default_database
from app.db.bulk import is_postgres
from app.db.bulkheads import Kind
from app.errors import BooksError, TooManyRequests, UploadSpaceFull
from app.events.feed_publisher import Publisher
from app.events.webhooks.delivery import Deliverer
from app.front.bodies import BODILESS, End, allowance_of, announces_body, receive_body
from app.front.concurrency_limit import RETRY_AFTER, ConcurrencyLimit, ImportLimit
from app.front.fast_lane import FastLane
from app.front.response_sender import ResponseSender
from app.front.state_metrics import DatabaseWatch, StatePublisher, begin_at_zero
from app.front.wsgi_environ import Scope, environ_of
from app.metrics.instruments import RATE_LIMITED
from app.metrics.sharing import FIRST_WORKER, is_shared, this_process
from app.services.cleanup.audit_log import start_forgetting
from app.web.bodies import CLIENT_GONE, REFUSAL_KEY, is_import
from app.web.http_errors import RequestTimeout
from app.web.proxies import client_address, network_of
from app.web.readiness import ARRIVED
from app.web.state import EXTENSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from concurrent.futures import Future
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from app.settings import Settings

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

HEALTH, READINESS = "/healthz", "/readyz"
BODIES = "bodies"
"""The name of `BODIES_PER_ADDRESS` among the limits in the metrics."""
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
        fast_lane: answers some of the requests in its place.
        importer: the id of the user who sends a file to import, or why the client may not, before its body is received.
    """

    def __init__(
        self,
        application: WSGIApplication,
        settings: Settings,
        fast_lane: FastLane | None = None,
        importer: Callable[[WSGIEnvironment], int | BooksError] = lambda _environ: 0,
    ) -> None:
        self._application, self._settings, self._fast_lane = application, settings, fast_lane
        self._importer = importer
        self._threads = ThreadPoolExecutor(threads_of(settings), "request")
        self._refusals = ThreadPoolExecutor(1, "refusal")
        self._probes = ThreadPoolExecutor(1, "probe")
        self._bodies = ConcurrencyLimit(settings.bodies_per_address)
        self._unchecked = ConcurrencyLimit(settings.bodies_per_address)
        self._checks = ThreadPoolExecutor(1, "importer")  # one by one: a flood of imports delays no other request
        self._imports = ImportLimit(settings.imports_at_once, settings.imports_per_account)
        self.under_way = 0
        """How many requests are being received or worked on."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3.0."""
        if scope["type"] != "http":
            return
        self.under_way += 1
        try:
            environ = environ_of(scope)
            if is_import(environ["REQUEST_METHOD"], environ["PATH_INFO"]) and announces_body(environ):
                await self._serve_import(environ, receive, send)
            else:
                await self._serve(environ, receive, send)
        finally:
            self.under_way -= 1

    async def _serve_import(self, environ: WSGIEnvironment, receive: Receive, send: Send) -> None:
        """Serve an import, from its headers on, if it is one of few at once. Others are refused without their body."""
        environ["wsgi.input"] = BytesIO()
        with self._unchecked.one_more(network_of(client_address(environ, self._settings.trusted_proxies))) as allowed:
            if not allowed:
                RATE_LIMITED(BODIES).inc()
                await self._refuse(environ, send, TooManyRequests(CROWDED, RETRY_AFTER))
                return
            importer = await asyncio.get_running_loop().run_in_executor(self._checks, self._importer, environ)
        if isinstance(importer, BooksError):
            await self._refuse(environ, send, importer)
            return
        with self._imports.one_more(importer) as refusal:
            if refusal is not None:
                await self._refuse(environ, send, refusal)
            else:
                await self._serve(environ, receive, send)

    async def _serve(self, environ: WSGIEnvironment, receive: Receive, send: Send) -> None:
        end = End.COMPLETE
        if announces_body(environ):
            end = await self._receive(environ, receive)
            if end is End.GONE:
                environ["wsgi.input"].close()
                return
            if end is End.COMPLETE and self._fast_lane and await self._fast_lane.try_to_create(environ, send):
                environ["wsgi.input"].close()
                return
        elif self._fast_lane is not None and await self._fast_lane.try_to_answer(environ, send):
            return
        else:
            environ["wsgi.input"] = BytesIO()
        if end is End.COMPLETE and environ["REQUEST_METHOD"] not in BODILESS:  # only such requests wait for hashes
            async with _departure_noted(environ, receive):
                await self._answer(environ, send, closes=False)
        else:
            await self._answer(environ, send, closes=end is not End.COMPLETE)

    async def _refuse(self, environ: WSGIEnvironment, send: Send, error: BooksError) -> None:
        """Refuse a request whose body is not received."""
        end = _refused(environ, error)
        await self._answer(environ, send, closes=end is not End.COMPLETE)

    def submit(self, work: Callable[[], None]) -> Future[None]:
        """Hand a function to the threads that run requests, behind those that wait for one."""
        return self._threads.submit(work)

    async def _receive(self, environ: WSGIEnvironment, receive: Receive) -> End:
        """Receive the body into `wsgi.input`; if it is refused, say why under `REFUSAL_KEY`."""
        of_import = is_import(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        size = self._settings.max_import_size if of_import else self._settings.max_body_size
        allowance = allowance_of(environ, size, self._settings.body_timeout)
        with self._bodies.one_more(network_of(client_address(environ, self._settings.trusted_proxies))) as allowed:
            if not allowed:
                RATE_LIMITED(BODIES).inc()
                return _refused(environ, TooManyRequests(CROWDED, RETRY_AFTER))
            body, end = await receive_body(receive, environ.get("CONTENT_LENGTH", ""), allowance)
        environ["wsgi.input"] = body
        if end is End.NO_ROOM:
            environ[REFUSAL_KEY] = UploadSpaceFull()
        if end is End.LATE and not allowance.is_for_nothing:
            environ[REFUSAL_KEY] = RequestTimeout()
        return end

    async def _answer(self, environ: WSGIEnvironment, send: Send, *, closes: bool) -> None:
        """Run the application, until the response is complete. Refusals have a thread of their own.

        Liveness probes need half a millisecond and wait for nothing: they run on the event loop, so that they wait for
        none of the threads. Readiness probes have a thread of their own, in which none waits for more than a second.
        """
        loop = asyncio.get_running_loop()
        answer = ResponseSender(send, loop, closes)
        if environ["PATH_INFO"] == HEALTH and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            answer.run(self._application, environ)
            return
        done = loop.create_future()

        def work() -> None:
            answer.run(self._application, environ)
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(done.set_result, None)

        if REFUSAL_KEY in environ:
            self._refusals.submit(work)
        elif environ["PATH_INFO"] == READINESS:
            environ[ARRIVED] = monotonic()
            self._probes.submit(work)
        else:
            self._threads.submit(work)
        await done


@asynccontextmanager
async def _departure_noted(environ: WSGIEnvironment, receive: Receive) -> AsyncIterator[None]:
    """Note under `CLIENT_GONE` when the client closes the connection. Only for requests that were received whole."""
    gone = Event()
    environ[CLIENT_GONE] = gone.is_set

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


def _refused(environ: WSGIEnvironment, error: BooksError) -> End:
    environ["wsgi.input"], environ[REFUSAL_KEY] = BytesIO(), error
    return End.TOO_LARGE


def create_front() -> Front:
    """The front of `app.main.app`, which publishes its state if metrics are shared."""
    from app.main import app  # noqa: PLC0415  (it reads the settings, and so only where it is served)

    database, state = default_database(), app.extensions[EXTENSION]
    settings = state.settings
    database.watch_file()
    if is_postgres(database.engine):
        Publisher(settings).start()
    if settings.webhooks_in_service:
        Deliverer.of(settings, database).start()
    fast_lane = FastLane(app, state) if FastLane.is_open(settings) else None
    front = Front(app, settings, fast_lane, partial(importer_of, app))
    start_forgetting(database, settings.audit_keep)
    if is_shared():
        begin_at_zero()
        StatePublisher(state.database, state.signing_in.hasher.queue, lambda: front.under_way).start()
        if this_process() == FIRST_WORKER:  # for all of them
            DatabaseWatch(state.database).start()
    return front
