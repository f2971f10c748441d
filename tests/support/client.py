"""The client of the tests: it checks every response against the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.support.openapi_contract import OpenApiContract

if TYPE_CHECKING:
    from flask import Flask

BASE = "http://books.test"


class Client(httpx.Client):
    """Calls the application in this process. A response that the document does not promise fails the test."""

    def __init__(self, app: Flask, contract: OpenApiContract, **options: Any) -> None:
        super().__init__(transport=httpx.WSGITransport(app=app), base_url=BASE, **options)
        self.application, self._contract = app, contract

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """As httpx does, and then the comparison."""
        response = super().send(request, **options)
        self._contract.require(request.method, request.url.path, response)
        return response

    def as_bearer(self, token: str) -> Client:
        """A client that sends this token."""
        return Client(self.application, self._contract, headers={"Authorization": f"Bearer {token}"})
