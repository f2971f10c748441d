"""Bodies of requests, before their fields are validated: type, size and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.schemas.base import SmallBody
from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.client import Client
    from tests.support.factories import Factory

JSON = {"Content-Type": "application/json"}
LIMIT = 1024 * 1024
EMPTY_OBJECT = b"{}"


@pytest.fixture
def author(member: Client, make: Factory) -> int:
    """Someone to write a book."""
    author_id: int = make.author(member)["id"]
    return author_id


def emma(author_id: int, size: int = 0) -> bytes:
    """A book as JSON of so many bytes, most of them white space."""
    return f'{{"title": "Emma", "author_id": {author_id}}}'.encode().ljust(size)


class TestMediaType:
    @pytest.mark.parametrize(
        "media_type",
        ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
    )
    def test_json(self, member: Client, author: int, media_type: str) -> None:
        assert member.post("/books", content=emma(author), headers={"Content-Type": media_type}).status_code == 201

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Content-Type": ""},
            {"Content-Type": "text/plain"},
            {"Content-Type": "nonsense"},
            {"Content-Type": "text/json"},
            {"Content-Type": "application/jsonl"},
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "application/json; charset=latin-1"},
            {"Content-Type": "application/json; charset=utf-16"},
            JSON | {"Content-Encoding": "gzip"},
            JSON | {"Content-Encoding": "br, gzip"},
        ],
        ids=str,
    )
    def test_anything_else(self, member: Client, author: int, headers: dict[str, str]) -> None:
        reply = member.post("/books", content=emma(author), headers=headers)
        assert refusal(reply) == (415, "unsupported_media_type")


class TestSize:
    def test_up_to_the_limit(self, member: Client, author: int) -> None:
        assert member.post("/books", content=emma(author, LIMIT), headers=JSON).status_code == 201

    def test_beyond_the_limit(self, member: Client, author: int) -> None:
        reply = member.post("/books", content=emma(author, LIMIT + 1), headers=JSON)
        assert refusal(reply) == (413, "body_too_large")

    @pytest.mark.parametrize("path", ["/register", "/auth/login", "/auth/refresh", "/auth/password-reset"])
    def test_is_small_where_anyone_may_send_one(self, client: Client, path: str) -> None:
        assert client.post(path, content=b"{}".ljust(SmallBody.at_most), headers=JSON).status_code == 400
        reply = client.post(path, content=b"{}".ljust(SmallBody.at_most + 1), headers=JSON)
        assert refusal(reply) == (413, "body_too_large")

    @pytest.mark.parametrize(
        ("size", "answer"),
        [(SmallBody.at_most, (409, "username_taken")), (SmallBody.at_most + 1, (413, "body_too_large"))],
    )
    def test_in_chunks_is_counted_as_it_comes(
        self, make: Factory, through: Callable[..., Client], size: int, answer: tuple[int, str]
    ) -> None:
        def chunks() -> Iterator[bytes]:
            yield b'{"username": "alice", "password": "correct horse battery"}'.ljust(size)

        make.user("alice")
        client = through(**{"wsgi.input_terminated": True})  # as servers that decode chunks say
        assert refusal(client.post("/register", content=chunks(), headers=JSON)) == answer

    def test_of_unknown_length_is_malformed_json(self, client: Client) -> None:
        reply = client.post("/register", content=iter([EMPTY_OBJECT]), headers=JSON)
        assert refusal(reply) == (400, "malformed_json")

    def test_the_limit_is_a_setting(self, service_with: Callable[..., Client]) -> None:
        reply = service_with(max_body_size=1024).post("/register", content=b" " * 1025, headers=JSON)
        assert refusal(reply) == (413, "body_too_large")


class TestManyFields:
    def test_are_one_fault(self, member: Client) -> None:
        fields = ",".join(f'"unknown {number}":1' for number in range(2_000))
        reply = member.post("/books", content="{" + fields + "}", headers=JSON)
        assert faults(reply) == [("", "has 2,000 fields, most of which are unknown")]


class TestMalformedJson:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"nope",
            b"{",
            b'{"title": "Emma",}',
            b"{'title': 'Emma'}",
            b'{"title": "Emma"} {}',
            b'{"title": "\xff"}',
            b'{"title": "\\ud800"}',
            b'{"title": "a\nb"}',
            b'{"title": 01}',
            b'{"published_year": -}',
            b"\xef\xbb\xbf{}",
            '{"title": "Emma"}'.encode("utf-16"),
            b"[" * 100_000,
            b'{"a":' * 100_000,
        ],
        ids=lambda body: repr(body[:24]),
    )
    def test_is_said_to_be(self, member: Client, body: bytes) -> None:
        assert refusal(member.post("/books", content=body, headers=JSON)) == (400, "malformed_json")

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1e999999999", "9" * 5000])
    def test_a_number_that_is_none_is_a_400_too(self, member: Client, author: int, number: str) -> None:
        body = f'{{"title": "Emma", "author_id": {author}, "published_year": {number}}}'
        assert member.post("/books", content=body, headers=JSON).status_code == 400
