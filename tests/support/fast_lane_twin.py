"""Every read of the tests, a second time through the fast lane: its response must equal Flask's."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.front.fast_lane import FastLane
from app.front.wsgi_environ import environ_of
from app.rate_limiting.limits import RateLimits
from app.web.state import EXTENSION

if TYPE_CHECKING:
    import httpx
    from flask import Flask

DIFFER = {b"x-request-id", b"ratelimit", b"ratelimit-policy"}
"""Headers that differ between two requests; the twin counts none."""


class FastLaneTwin:
    """The fast lane of an application, without its limits and its log.

    Args:
        app: the application.
    """

    def __init__(self, app: Flask) -> None:
        state = app.extensions[EXTENSION]
        settings = state.settings.model_copy(update={"log_access": "off", "rate_limit_enabled": False})
        self._lane = None
        if FastLane.is_open(settings):
            self._lane = FastLane(app, replace(state, settings=settings, limits=RateLimits(settings)))

    def require_same(self, request: httpx.Request, response: httpx.Response) -> None:
        """Fail the test if the lane answers the request, and differently. A 503 may have had a reason that is over."""
        if response.is_server_error:
            return
        messages = self.messages(request)
        if not messages:
            return
        start, whole = messages
        body = whole["body"]
        headers = sorted((name.lower(), value) for name, value in start["headers"])
        if (b"content-encoding", b"gzip") in headers:
            body = gzip.decompress(body)
        expected = sorted((name.lower(), value) for name, value in response.headers.raw)
        assert (start["status"], body) == (response.status_code, response.content)
        assert [one for one in headers if one[0] not in DIFFER] == [one for one in expected if one[0] not in DIFFER]

    def messages(self, request: httpx.Request) -> list[dict[str, Any]]:
        """The lane's response, as ASGI messages; none if the request is Flask's."""
        messages: list[dict[str, Any]] = []
        if self._lane is None or request.method != "GET" or "Transfer-Encoding" in request.headers:
            return messages
        found = self._lane.find(environ_of(scope_of(request)), messages.append)  # type: ignore[arg-type]  # as granian's, it sends at once
        if found is not None:
            line, read = found
            line.answer([read])
        return messages


def scope_of(request: httpx.Request) -> dict[str, Any]:
    """A request as an ASGI scope."""
    return {
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 123),
    }
