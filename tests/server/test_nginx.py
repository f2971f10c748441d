"""deploy/nginx.conf, run by nginx in front of the service."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import pytest

from devtools.polling import wait_until
from tests.server.raw import raw_connection, status_of
from tests.support.serving import WITHOUT_TLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.serving import Served

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
"""The database has no part in it."""

MOST = 128
"""Requests of one address that nginx lets through at once."""


@pytest.fixture
def client(proxy: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxy, trust_env=False, verify=WITHOUT_TLS) as client:
        yield client


class TestPassesOn:
    def test_requests_and_responses(self, proxied: Served, client: httpx.Client) -> None:
        straight, answer = proxied.client().get("/books/1"), client.get("/books/1")
        assert (answer.status_code, answer.json()) == (200, straight.json())
        assert answer.headers["ETag"] == straight.headers["ETag"]
        assert answer.headers["Content-Encoding"] == straight.headers["Content-Encoding"] == "gzip"
        assert client.get("/books/1", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304

    def test_the_clients_address_and_not_what_it_says(self, proxied: Served, client: httpx.Client) -> None:
        forged = {"X-Forwarded-For": "192.0.2.7", "X-Request-ID": "forged"}
        assert client.get("/books", headers=forged).status_code == 200
        [line] = [entry for entry in proxied.logged("request") if entry["request_id"] == "forged"]
        assert line["address"] == "127.0.0.1"

    def test_the_longest_search(self, client: httpx.Client) -> None:
        assert client.get("/books", params={"q": "\N{CJK UNIFIED IDEOGRAPH-20BB7}" * 5000}).status_code == 200

    def test_a_file_to_import(self, proxied: Served, client: httpx.Client) -> None:
        table = b"title,author,remark\n" + (b"Emma,Jane Austen," + b"x" * 900_000 + b"\n") * 3
        token = proxied.member().headers["Authorization"]
        answer = client.post("/imports?dry_run=true", content=table, headers={"Authorization": token})
        assert (answer.status_code, answer.json()["total"], answer.json()["created"]) == (200, 3, 1)


class TestRefuses:
    def test_too_large_a_body_as_the_api_does(self, proxied: Served, client: httpx.Client) -> None:
        def refusal(answer: httpx.Response) -> dict[str, object]:
            return {**answer.json(), "request_id": "", "Content-Type": answer.headers["Content-Type"]}

        json = {"Content-Type": "application/json"}
        straight = proxied.client().post("/register", content=b" " * 3_000_000, headers=json)
        answer = client.post("/register", content=b" " * 3_000_000, headers=json)
        assert answer.status_code == 413
        assert refusal(answer) == refusal(straight)
        assert answer.headers["Content-Security-Policy"] == straight.headers["Content-Security-Policy"]

    def test_more_requests_of_one_address_than_may_be_under_way(self, proxy: str, client: httpx.Client) -> None:
        with ExitStack() as stack:
            for _ in range(MOST):
                connection = stack.enter_context(raw_connection(proxy))
                connection.send(b"POST /register HTTP/1.1\r\nHost: books\r\nContent-Length: 10\r\n\r\nx")
            answer = _until_refused(client)
        assert answer.json()["code"] == "too_many_requests"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "5"

    @pytest.mark.slow
    def test_half_headers_after_a_while(self, proxy: str) -> None:
        with raw_connection(proxy) as connection:
            connection.send(b"GET /healthz HTTP/1.1\r\nHost: bo")
            head = connection.read_head()
            assert not head or status_of(head) == 408


def _until_refused(client: httpx.Client) -> httpx.Response:
    """The first 429: nginx may not have read all other requests yet."""
    answers: list[httpx.Response] = []

    def is_refused() -> bool:
        answers.append(client.get("/healthz"))
        return answers[-1].status_code == httpx.codes.TOO_MANY_REQUESTS

    wait_until(is_refused)
    return answers[-1]
