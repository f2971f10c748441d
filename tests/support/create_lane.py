"""A transport by which half of the tests create books through the fast lane, as the service does, and half by Flask.

A test that runs on both databases uses the lane on one of them, so each rule of a creation is tested both ways.
"""

from __future__ import annotations

import os
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zlib import crc32

import httpx

from app.front.fast_lane import FastLane
from app.front.fast_lane.requests import LaneRequest
from app.front.wsgi_environ import environ_of
from app.web.bodies import REFUSAL_KEY
from app.web.state import EXTENSION
from tests.support.fast_lane_twin import scope_of

if TYPE_CHECKING:
    from flask import Flask

KIND = re.compile(r"postgresql|sqlite")


def takes_lane(test: str) -> bool:
    """Whether this test creates books through the lane.

    Args:
        test: its id, with the kind of its database.
    """
    kind = KIND.search(test)
    return crc32(KIND.sub("", test).encode()) % 2 == (kind is not None and kind[0] == "postgresql")


class LaneTransport(httpx.WSGITransport):
    """Hands requests to an application, or those of half of the tests first to its fast lane."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app=app)
        self._lane: FastLane | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        if request.method != "POST" or not hasattr(self.app, "extensions") or not takes_lane(test):
            return super().handle_request(request)
        refusal: dict[str, Any] = {}
        response = self._by_lane(request, refusal)
        if response is not None:
            return response
        if not refusal:
            return super().handle_request(request)
        application: Any = self.app
        refused = httpx.WSGITransport(app=lambda environ, start: application(environ | refusal, start))
        return refused.handle_request(request)

    def _by_lane(self, request: httpx.Request, refusal: dict[str, Any]) -> httpx.Response | None:
        """The lane's response; None if the request is Flask's, to be refused if there is a refusal."""
        application: Any = self.app
        state = application.extensions[EXTENSION]
        if not FastLane.is_open(state.settings):
            return None
        self._lane = self._lane or FastLane(application, state)
        environ = environ_of(scope_of(request)) | {"wsgi.input": BytesIO(request.read())}
        if self._lane.creates is None or not self._lane.creates.understands(environ):
            return None
        messages: list[dict[str, Any]] = []
        created = LaneRequest(environ, messages.append)  # type: ignore[arg-type]  # as granian's, it sends at once
        self._lane.creates.answer([created])
        refusal |= {name: value for name, value in environ.items() if name == REFUSAL_KEY}
        if not created.is_answered:
            return None
        start, whole = messages
        return httpx.Response(start["status"], headers=start["headers"], content=whole["body"], request=request)
