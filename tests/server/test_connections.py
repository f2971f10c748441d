"""Connections that are kept: an answer that did not need the body must not spoil the next request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.serving import Served

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
"""No such request reaches the database."""

OFTEN = 150
"""Without care about one request in thirty is lost."""


class TestAfterARefusal:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [("POST", "/books", 401), ("PUT", "/books/0", 404), ("POST", "/nowhere", 404), ("DELETE", "/books", 405)],
    )
    @pytest.mark.parametrize("size", [10, 20_000])
    def test_the_next_request_is_answered(self, served: Served, method: str, path: str, status: int, size: int) -> None:
        client = served.client()
        for _ in range(OFTEN):
            assert client.request(method, path, json={"title": "x" * size}).status_code == status
            assert client.get("/healthz").status_code == 200
