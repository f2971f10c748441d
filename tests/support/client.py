"""The client of the tests: it holds every response against the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.support.openapi_contract import Promise

if TYPE_CHECKING:
    from apiflask import APIFlask

BASE = "http://books.test"


class Client(httpx.Client):
    """Calls the application in this process. A response that the document does not promise fails the test."""

    def __init__(self, app: APIFlask, promise: Promise, **options: Any) -> None:
        super().__init__(transport=httpx.WSGITransport(app=app), base_url=BASE, **options)
        self._app, self._promise = app, promise

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """As httpx does, and then the comparison."""
        response = super().send(request, **options)
        self._promise.require(request.method, request.url.path, response)
        return response

    def as_bearer(self, token: str) -> Client:
        """A client that sends this token."""
        return Client(self._app, self._promise, headers={"Authorization": f"Bearer {token}"})
