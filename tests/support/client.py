"""The client of the tests: it checks every response against the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.support.create_lane import LaneTransport
from tests.support.fast_lane_twin import FastLaneTwin
from tests.support.openapi_contract import OpenApiContract

if TYPE_CHECKING:
    from flask import Flask

FREQUENT = ("/books", "/authors")
"""What the paths of the fast lane begin with."""
BASE = "http://books.test"


class Client(httpx.Client):
    """Calls the application in this process.

    A response fails the test if the document does not promise it, or if the fast lane would answer differently.
    """

    has_twin = False
    """Whether reads are repeated through the fast lane; not over a network, nor where their statements are counted."""

    def __init__(self, app: Flask, contract: OpenApiContract, **options: Any) -> None:
        super().__init__(transport=LaneTransport(app), base_url=BASE, **options)
        self.application, self._contract = app, contract
        self.has_twin = hasattr(app, "extensions")
        self._twin: FastLaneTwin | None = None

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """As httpx does, and then the comparison."""
        response = super().send(request, **options)
        self._contract.require(request.method, request.url.path, response)
        if self.has_twin and request.method == "GET" and request.url.path.startswith(FREQUENT):
            self._twin = self._twin or FastLaneTwin(self.application)
            self._twin.require_same(request, response)
        return response

    def as_bearer(self, token: str) -> Client:
        """A client that sends this token."""
        return Client(self.application, self._contract, headers={"Authorization": f"Bearer {token}"})
