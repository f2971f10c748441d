"""Addresses, queries, tokens, methods and headers of every shape, over the network: never a 5xx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.hostile_addresses import (
    FILTERS,
    FILTERS_OF_BOOKS,
    FILTERS_THAT_FIND,
    IDS,
    ISBNS,
    NO_TEXTS,
    NOT_UTF8,
    ODD_BUT_RIGHT,
    QUERIES,
    TEXTS,
)
from tests.contract.hostile_headers import AUTHORIZATIONS, HOSTS, METHODS, OTHER_HEADERS, TAGS
from tests.server.raw import raw_connection, status_of

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

MEDIA_TYPE = "application/problem+json"
OPEN = {"/register", "/auth/login", "/auth/login/header", "/auth/oidc/token", "/auth/refresh", "/auth/password-reset"}
"""What has to be written to by who is not signed in."""


def require_problem(answer: httpx.Response, *statuses: int) -> None:
    assert answer.status_code in statuses
    assert answer.headers["Content-Type"] == MEDIA_TYPE


class TestId:
    @pytest.mark.parametrize("number", IDS, ids=lambda number: repr(number[:30]))
    def test_that_does_not_exist(self, server_member: Client, number: str) -> None:
        for address in ["/books/{}", "/authors/{}", "/authors/{}/books"]:
            require_problem(server_member.get(address.format(number)), 400 if number in NOT_UTF8 else 404)

    @pytest.mark.parametrize("number", IDS, ids=lambda number: repr(number[:30]))
    def test_to_change(self, server_member: Client, number: str) -> None:
        for address, change in [("/books", {"title": "Emma"}), ("/authors", {"name": "Jane Austen"})]:
            status = 400 if number in NOT_UTF8 else 404
            require_problem(server_member.put(f"{address}/{number}", json=change), status)
            require_problem(server_member.patch(f"{address}/{number}", json=change), status)
            require_problem(server_member.delete(f"{address}/{number}"), status)


class TestQuery:
    @pytest.mark.parametrize("query", QUERIES, ids=lambda query: repr(query[:30]))
    def test_that_is_wrong(self, server_member: Client, query: str) -> None:
        for address in ["/books", "/authors", "/authors/1/books", "/genres", "/languages"]:
            answer = server_member.get(f"{address}?{query}")
            require_problem(answer, 400)
            assert len(answer.content) < 50_000

    @pytest.mark.parametrize("query", FILTERS, ids=lambda query: repr(query[:30]))
    def test_that_filters_wrongly(self, server_member: Client, query: str) -> None:
        for address in ["/books", "/authors"]:
            require_problem(server_member.get(f"{address}?{query}"), 400)

    @pytest.mark.parametrize("query", FILTERS_OF_BOOKS, ids=lambda query: repr(query[:30]))
    def test_that_filters_books_wrongly(self, server_member: Client, query: str) -> None:
        require_problem(server_member.get(f"/books?{query}"), 400)

    @pytest.mark.parametrize("query", FILTERS_THAT_FIND, ids=lambda query: repr(query[:30]))
    def test_that_filters(self, server_member: Client, query: str) -> None:
        assert server_member.get(f"/books?{query}").status_code in {200, 400}

    @pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:30]))
    def test_that_searches_for_any_text(self, server_member: Client, text: str) -> None:
        for address in ["/books", "/authors"]:
            for more in ["", "&count=exact", "&sort=-id", "&sort=updated_at&limit=1"]:
                assert server_member.get(f"{address}?q={text}{more}").status_code == 200

    @pytest.mark.parametrize("text", NO_TEXTS, ids=lambda text: repr(text[:9]))
    def test_that_searches_for_too_much(self, server_member: Client, text: str) -> None:
        for address in ["/books", "/authors"]:
            require_problem(server_member.get(f"{address}?q={text}"), 400)

    @pytest.mark.parametrize("query", ODD_BUT_RIGHT)
    def test_that_is_only_odd(self, server_member: Client, query: str) -> None:
        assert server_member.get(f"/books?{query}").status_code == 200

    @pytest.mark.parametrize("query", [query.replace("limit", "author_id") for query in QUERIES if "limit=" in query])
    def test_for_an_author_who_cannot_be(self, server_member: Client, query: str) -> None:
        answer = server_member.get(f"/books?{query}")
        assert answer.status_code in {200, 400}
        assert answer.status_code == 400 or answer.json() == []


class TestIsbn:
    @pytest.mark.parametrize("isbn", ISBNS, ids=lambda isbn: repr(isbn[:30]))
    def test_that_is_none(self, server_member: Client, isbn: str) -> None:
        require_problem(server_member.get(f"/books/isbn/{isbn}"), 400, 404)

    def test_of_no_book(self, server_member: Client) -> None:
        for isbn in ["9791234567896", "979-12-345-6789-6", "080442957X", "0-8044-2957-x", "%20080442957X"]:
            require_problem(server_member.get(f"/books/isbn/{isbn}"), 404)

    def test_that_is_missing(self, server_member: Client) -> None:
        for path in ["/books/isbn", "/books/isbn/", "/books/isbn/9780141439587/", "/books/isbn/978/0141439587"]:
            require_problem(server_member.get(path), 404)


class TestAuthorization:
    def test_is_asked_for_by_whatever_writes(self, served: Served) -> None:
        """Before anything else is looked at: the body, or whether the record is there."""
        anonymous = served.client()
        writing = [
            (method.upper(), re.sub(r"\{\w+\}", "1", path))
            for path, operations in served.contract.document["paths"].items()
            for method in operations
            if method != "get" and path not in OPEN
        ]
        assert ("POST", "/books/batch") in writing
        assert len(writing) == 42
        for method, path in writing:
            for body in (b"", b"{", b"{}"):
                answer = anonymous.request(method, path, content=body, headers={"Content-Type": "application/json"})
                require_problem(answer, 401)
                assert answer.json()["code"] == "token_missing"

    @pytest.mark.parametrize("value", AUTHORIZATIONS, ids=lambda value: repr(value[:40]))
    def test_that_is_invalid(self, served: Served, value: bytes) -> None:
        for method, path in [("GET", "/auth/me"), ("POST", "/books/batch"), ("PATCH", "/authors/1")]:
            answer = served.client().request(method, path, headers={b"Authorization": value})
            require_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_that_was_tampered_with(self, server_member: Client, served: Served) -> None:
        header, claims, seal = server_member.headers["Authorization"].removeprefix("Bearer ").split(".")
        for token in [
            f"{header}.{claims}.{seal[:-2]}",
            f"{header}.{claims}.",
            f"{header}.{claims}",
            f"{header}.{claims}.{seal}.{seal}",
            f"{header}.{claims[:-4]}.{seal}",
            f"{header}.{claims}.{seal[::-1]}",
            f"{header}.{claims}.{seal}=",
            f"eyJhbGciOiJub25lIn0.{claims}.{seal}",
            f"{header}..{seal}",
        ]:
            require_problem(served.client().as_bearer(token).get("/auth/me"), 401)


class TestMethod:
    @pytest.mark.parametrize("path", ["/books", "/books/1", "/register", "/healthz", "/nowhere", "/docs"])
    @pytest.mark.parametrize("method", METHODS, ids=lambda method: method[:30])
    def test_that_is_not_understood(self, server_member: Client, method: str, path: str) -> None:
        require_problem(server_member.request(method, path), 404, 405)

    def test_options_and_head_are(self, server_member: Client) -> None:
        for path in ["/books", "/books/1", "/authors/1/books", "/", "/healthz"]:
            assert server_member.options(path).status_code == 204
            assert server_member.head(path).status_code == 200
            assert server_member.head(path).content == b""


class TestHeader:
    @pytest.mark.parametrize("tag", TAGS, ids=lambda tag: repr(tag[:30]))
    def test_with_a_tag(self, server_member: Client, tag: str) -> None:
        value = tag.encode("latin-1")
        assert server_member.get("/books/1", headers={b"If-None-Match": value}).status_code in {200, 304}
        for change in (server_member.put, server_member.patch):
            answer = change("/books/1", json={"title": "Emma"}, headers={b"If-Match": value})
            assert answer.status_code == (200 if tag == "*" else 412)

    @pytest.mark.parametrize(
        ("name", "value"), OTHER_HEADERS, ids=[f"{name} {value[:20]!r}" for name, value in OTHER_HEADERS]
    )
    def test_that_is_of_no_use(self, server_member: Client, name: str, value: str) -> None:
        header = {name.encode(): value.encode("latin-1")}
        for path, status in [("/", 200), ("/books", 200), ("/books/1", 200), ("/nowhere", 404), ("/docs", 200)]:
            assert server_member.get(path, headers=header).status_code == status

    @pytest.mark.parametrize("host", HOSTS, ids=lambda host: repr(host[:20]))
    def test_host(self, served: Served, host: bytes) -> None:
        for path in [b"/", b"/books", b"/nowhere", b"/docs"]:
            with raw_connection(served.base) as connection:
                connection.send(b"GET %b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % (path, host))
                assert status_of(connection.read_head()) in {200, 400, 404}


class TestLine:
    @pytest.mark.parametrize(
        "request_line",
        [
            *(b"GET / HTTP/9.9", b"GET /", b"GET", b" ", b"GET  / HTTP/1.1", b"GET /\xff HTTP/1.1", b"G ET / HTTP/1.1"),
            *(
                b"GET http://evil.test/books HTTP/1.1",
                b"GET * HTTP/1.1",
                b"CONNECT a:1 HTTP/1.1",
                b"GET books HTTP/1.1",
            ),
            *(
                b"get / HTTP/1.1",
                b"GET /books/.. HTTP/1.1",
                b"GET /books/../../etc/passwd HTTP/1.1",
                b"GET /. HTTP/1.1",
            ),
            *(b"GET /books#x HTTP/1.1", b"GET //books HTTP/1.1", b"GET /books/\0 HTTP/1.1", b"GET /" + b"a" * 70_000),
            *(b"GET /books?" + b"a" * 70_000 + b" HTTP/1.1", b"\x16\x03\x01\x02\x00", b"OPTIONS * HTTP/1.1"),
        ],
        ids=lambda line: repr(line[:40]),
    )
    def test_of_any_shape(self, served: Served, request_line: bytes) -> None:
        """An answer below 500, or none: what is not HTTP may be hung up on. And the next guest is served."""
        with raw_connection(served.base) as connection:
            connection.send(request_line + b"\r\nHost: books\r\nConnection: close\r\n\r\n")
            head = connection.read_head()
        assert not head or status_of(head) < 500
        assert served.answers()
