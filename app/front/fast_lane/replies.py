"""What each response of the fast lane has in common with Flask's: limit, headers, log line, metrics."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import structlog

from app.db.statement_times import are_measured, begin_measuring
from app.front.fast_lane.requests import LaneRequest
from app.metrics.instruments import REQUEST_SECONDS, REQUESTS
from app.observability.logs import log_together
from app.web.proxies import client_address, client_scheme, network_of
from app.web.request_log import logged_address, request_id
from app.web.security_headers import ALWAYS, HSTS, NO_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.db.statement_times import StatementTimes
    from app.web.state import State

    Headers = list[tuple[bytes, bytes]]

log = structlog.get_logger(__name__)

RequestT = TypeVar("RequestT", bound=LaneRequest)

SAFE = [(name.encode(), value.encode()) for name, value in (*ALWAYS, NO_PAGE)]
SAFE_HTTPS = [*SAFE, (HSTS[0].encode(), HSTS[1].encode())]


class Ready(NamedTuple, Generic[RequestT]):
    """A response that can be sent."""

    request: RequestT
    status: int
    headers: Headers
    body: bytes


class Replies(Generic[RequestT]):
    """Sends, logs and measures the responses to requests of one method."""

    method: str

    def __init__(self, state: State) -> None:
        self._settings, self._limits = state.settings, state.limits
        self._measures = are_measured(state.settings)

    def locate(self, request: RequestT) -> None:
        """Find out the address and the network of the client."""
        if not request.network:
            request.address = client_address(request.environ, self._settings.trusted_proxies)
            request.network = network_of(request.address)

    def begin_measuring(self) -> StatementTimes | None:
        """The times of the statements that this thread runs from now on, if the log needs them."""
        return begin_measuring() if self._measures else None

    def common_headers(self, request: RequestT) -> Headers:
        """Those that every response has."""
        request.request_id = request.request_id or request_id(request.environ)
        headers = [(b"X-Request-ID", request.request_id.encode())]
        headers += SAFE_HTTPS if client_scheme(request.environ, self._settings.trusted_proxies) == "https" else SAFE
        if request.usage is not None:
            headers.append((b"RateLimit-Policy", request.usage.limit.policy.encode()))
            headers.append((b"RateLimit", request.usage.header.encode()))
        return headers

    def send_ready(self, template: str, ready: Sequence[Ready[RequestT]], times: StatementTimes | None) -> None:
        """Log and count the responses, and then send them.

        Args:
            template: of their path, as in the OpenAPI document.
            ready: the responses.
            times: of the statements.
        """
        now = perf_counter()
        log_together(self._entries(ready, now, times))
        for request, status, headers, body in ready:
            REQUESTS(template, self.method, str(status)).inc()
            REQUEST_SECONDS(template, self.method).observe(now - request.received_at)
            request.is_answered = True
            try:
                request.send({"type": "http.response.start", "status": status, "headers": headers})
                request.send({"type": "http.response.body", "body": body})
            except Exception as error:  # so that the others are sent
                log.exception("internal_error", exc_info=error)

    def _entries(
        self, ready: Iterable[Ready[RequestT]], now: float, times: StatementTimes | None
    ) -> Iterator[dict[str, object]]:
        """The lines of the log, as `app.web.request_log` has them."""
        settings = self._settings
        for request, status, _, body in ready:
            seconds = now - request.received_at
            is_slow = 0 < settings.log_slow <= seconds
            if settings.log_access == "on" or (is_slow and settings.log_access == "slow"):
                yield {
                    "event": "request",
                    "request_id": request.request_id,
                    "address": logged_address(request.address, settings),
                    "method": self.method,
                    "path": request.environ["PATH_INFO"],
                    "status": status,
                    "milliseconds": round(seconds * 1000, 1),
                    "bytes": len(body),
                    **request.principal,
                    **(times.entry() if is_slow and times is not None else {}),
                }
