"""Failures: one shape for every one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import Client


class TestPath:
    @pytest.mark.parametrize(
        "path",
        [
            "/nowhere",
            "/books/",
            "/books/0",
            "/books/-1",
            "/books/01",
            "/books/1.5",
            "/books/Emma",
            "/books/%00",
            f"/books/{2**63}",
            f"/books/{'9' * 5000}",
            "/books/1/authors",
            "/authors/x/books",
            "/BOOKS",
        ],
    )
    def test_that_leads_nowhere(self, client: Client, path: str) -> None:
        reply = client.get(path)
        assert refusal(reply) == (404, "not_found")
        assert reply.headers["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("path", ["/\xff", "/books/\xc3", "/\xed\xa0\x80"], ids=repr)
    def test_of_bytes_that_are_no_text(self, through: Callable[..., Client], path: str) -> None:
        assert refusal(through(PATH_INFO=path).get("/nowhere")) == (400, "invalid_request")

    @pytest.mark.parametrize("path", ["/a\0b", "\\"], ids=repr)
    def test_of_signs_leads_nowhere(self, through: Callable[..., Client], path: str) -> None:
        assert refusal(through(PATH_INFO=path).get("/nowhere")) == (404, "not_found")

    def test_has_one_spelling(self, app: Flask) -> None:
        assert app.test_client().get("/books//1").status_code == 404

    def test_of_the_largest_id_is_that_of_no_book(self, client: Client) -> None:
        assert refusal(client.get(f"/books/{2**63 - 1}")) == (404, "book_not_found")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("POST", "/books/1", {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}),
            ("DELETE", "/books", {"GET", "HEAD", "OPTIONS", "POST"}),
            ("GET", "/register", {"OPTIONS", "POST"}),
            ("PUT", "/authors/1/books", {"GET", "HEAD", "OPTIONS"}),
            ("BREW", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ],
    )
    def test_that_does_not_understand_the_method(
        self, client: Client, method: str, path: str, allowed: set[str]
    ) -> None:
        reply = client.request(method, path)
        assert refusal(reply) == (405, "method_not_allowed")
        assert set(reply.headers["Allow"].split(", ")) == allowed


class TestInternalError:
    @pytest.fixture
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A query that raises an unexpected exception."""

        def find(_reader: object, _number: int) -> str:
            msg = "the inside of it"
            raise RuntimeError(msg)

        monkeypatch.setattr("app.queries.books.BookReader.find", find)

    @pytest.mark.usefixtures("broken")
    def test_says_nothing_of_the_inside(self, client: Client) -> None:
        reply = client.get("/books/1")
        assert refusal(reply) == (500, "internal_error")
        assert set(reply.json()) == {"type", "title", "status", "code", "detail", "error", "request_id"}
        assert "inside" not in reply.text
        assert "RuntimeError" not in reply.text

    @pytest.mark.usefixtures("broken")
    def test_is_in_the_log_under_its_request_id(self, client: Client, log: io.StringIO) -> None:
        request_id = client.get("/books/1").json()["request_id"]
        (line,) = [line for line in log.getvalue().splitlines() if '"event": "internal_error"' in line]
        assert f'"request_id": "{request_id}"' in line
        assert "the inside of it" in line


class TestShape:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/nowhere", None),
            ("GET", "/books/1", None),
            ("GET", "/books?limit=0", None),
            ("GET", "/books?cursor=x", None),
            ("DELETE", "/books", None),
            ("POST", "/books", {}),
            ("POST", "/register", {}),
            ("POST", "/auth/login", {"username": "a", "password": "b"}),
        ],
    )
    def test_is_the_same_everywhere(self, client: Client, method: str, path: str, body: Any) -> None:
        reply = client.request(method, path, json=body)
        problem = reply.json()
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert problem["status"] == reply.status_code
        assert problem["type"] == f"/docs/errors#{problem['code']}"
        assert problem["error"] == problem["detail"]
        assert problem["request_id"] == reply.headers["X-Request-ID"]

    def test_what_was_sent_does_not_come_back(self, client: Client) -> None:
        reply = client.get("/books?limit=echo-me-not&cursor=echo-me-not&count=echo-me-not")
        assert [where for where, _ in faults(reply)] == ["limit", "count"]
        assert "echo-me-not" not in reply.text
