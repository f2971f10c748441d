"""Bodies of every length, announced and chunked, over the network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.server.raw import raw_connection, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
"""The database has no part in it."""

LIMIT = 1024 * 1024
AUTHOR = json.dumps({"name": "Jane Austen", "bio": "é" * 5000}, ensure_ascii=False).encode()
JSON = {"Content-Type": "application/json"}


def in_chunks(body: bytes, size: int = 1000) -> Iterator[bytes]:
    """A body whose length is not announced."""
    return (body[begin : begin + size] for begin in range(0, len(body), size))


@pytest.fixture
def member(served: Served) -> Client:
    return served.member()


class TestChunked:
    @pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
    def test_arrives_whole(self, member: Client, size: int) -> None:
        reply = member.post("/authors", content=in_chunks(AUTHOR, size), headers=JSON)
        assert reply.status_code == 201
        assert reply.json()["bio"] == "é" * 5000

    def test_up_to_the_limit(self, member: Client) -> None:
        body = AUTHOR + b" " * (LIMIT - len(AUTHOR))
        assert member.post("/authors", content=in_chunks(body, 65536), headers=JSON).status_code == 201
        assert member.post("/authors", content=in_chunks(body + b" ", 65536), headers=JSON).status_code == 413

    def test_beyond_the_limit(self, member: Client) -> None:
        require_too_large(member.post("/authors", content=in_chunks(b" " * 3 * LIMIT, 65536), headers=JSON))

    def test_empty(self, member: Client) -> None:
        assert member.post("/authors", content=in_chunks(b""), headers=JSON).status_code == 400


class TestAnnounced:
    def test_up_to_the_limit(self, member: Client) -> None:
        body = AUTHOR + b" " * (LIMIT - len(AUTHOR))
        assert member.post("/authors", content=body, headers=JSON).status_code == 201

    def test_beyond_the_limit(self, member: Client) -> None:
        require_too_large(member.post("/authors", content=b" " * (LIMIT + 1), headers=JSON))

    def test_beyond_the_limit_and_unread(self, served: Served) -> None:
        with raw_connection(served.base) as sender:
            sender.send(
                b"POST /register HTTP/1.1\r\nHost: books\r\nContent-Type: application/json\r\n"
                b"Content-Length: 99999999999\r\n\r\n",
            )
            assert status_of(sender.read_head()) == 413

    def test_on_an_address_that_takes_no_body(self, served: Served) -> None:
        answer = served.client().request("GET", "/books", content=b"x" * 3 * LIMIT)
        assert answer.status_code == 200


class TestAfterwards:
    def test_the_next_request_is_answered(self, member: Client) -> None:
        for _ in range(3):
            require_too_large(member.post("/books", content=in_chunks(b"[" * 2 * LIMIT, 65536), headers=JSON))
            assert member.get("/books").status_code == 200


def require_too_large(answer: httpx.Response) -> None:
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"
