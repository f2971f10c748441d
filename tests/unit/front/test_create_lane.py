"""New books that are posted together get the responses that each would get from Flask alone."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.models import Change
from tests.support.factories import isbn13
from tests.support.fast_lane import answers, post_of

if TYPE_CHECKING:
    from flask import Flask

    from app.database import Database
    from tests.support.client import Client
    from tests.support.fast_lane import Received

VARY = {"RateLimit", "Location", "ETag", "Content-Length"}
"""Headers whose values differ between two books."""


def bearer(member: Client) -> dict[str, str]:
    """The header with the member's token."""
    return {"authorization": member.headers["Authorization"]}


def book(**fields: object) -> bytes:
    """The body of a book."""
    return json.dumps({"title": "Together", "author_id": 1} | fields).encode()


def requests(first_isbn: int, **credentials: str) -> list[dict[str, Any]]:
    """All kinds of requests to create a book, right and wrong ones."""
    bodies = [
        book(),
        book(isbn=isbn13(first_isbn), pages=12, language="en"),
        book(isbn=isbn13(999)),
        book(description="long " * 300, subtitle="“É”"),
        book(description="much too long for the lane " * 400),
        book(contributors=[{"author_id": 2, "role": "trl"}, {"author_id": 1}]),
        book(contributors=[{"author_id": 1, "name": "Another Name"}]),
        book(contributors=[{"name": f"New person {first_isbn}"}]),
        book(genres=[f"New genre {first_isbn}"]),
        book(author_id=99),
        book(author_id="1"),
        book(title="  "),
        book(titel="Misspelt"),
        b'{"title": "Cut',
        b"",
        b"[]",
        '{"title": "Latin-1 \xe9"}'.encode("latin-1"),
    ]
    scopes = [post_of(body, **credentials) for body in bodies]
    scopes += [post_of(body, accept_encoding="gzip", **credentials) for body in (bodies[0], bodies[4], bodies[10])]
    scopes += [
        post_of(book(), "/books?dry_run=true", **credentials),
        post_of(book(), "/books/", **credentials),
        post_of(book(), **credentials, content_type="application/json; charset=UTF-8"),
        post_of(book(), **credentials, content_type="text/plain"),
        post_of(book(), **credentials, content_encoding="gzip"),
        post_of(book(), **credentials, content_length="9" * 30),
        post_of(book(), **credentials, idempotency_key=f"key-{first_isbn}"),
        post_of(book()),
        post_of(book(), authorization="Bearer nonsense"),
        post_of(book(), authorization="Basic YTpi"),
    ]
    return scopes


def content(received: Received) -> object:
    """What must be equal of two responses: the status, most headers, and the body without what each book has alone."""
    status, headers, body = received
    body = gzip.decompress(body) if "Content-Encoding" in headers else body
    document = json.loads(body)
    for name in ("id", "created_at", "updated_at", "isbn"):
        document.pop(name, None)
    if status == 201:
        document["contributors"] = [part["role"] for part in document["contributors"]]
        document["genres"] = len(document["genres"])
    plain = {name: value for name, value in headers.items() if name not in VARY}
    return status, plain, VARY & headers.keys(), document


@pytest.mark.usefixtures("filled")
class TestTogether:
    def test_all_get_what_each_would_get_from_flask(self, own_app: Flask, filled: Client, taken: list[int]) -> None:
        filled.post("/books", json=json.loads(book(isbn=isbn13(999)))).raise_for_status()
        with_flask = answers(own_app, requests(1000, **bearer(filled)), fast=False)
        fast = answers(own_app, requests(2000, **bearer(filled)), fast=True)
        assert [content(one) for one in fast] == [content(one) for one in with_flask]
        assert max(taken) > 10, "no group: this compares nothing"
        assert {status for status, _, _ in fast} >= {201, 400, 401, 404, 409, 415}
        for status, headers, body in fast:
            if status == 201:
                plain = gzip.decompress(body) if "Content-Encoding" in headers else body
                again = {"Accept-Encoding": "gzip" if "Content-Encoding" in headers else "identity"}
                read = filled.get(headers["Location"], headers=again)
                assert json.loads(plain) == read.json() | {
                    "status": "success",
                    "message": f"book '{read.json()['title']}' created",
                }
                assert read.headers["ETag"] == headers["ETag"]

    def test_one_isbn_is_that_of_the_first(self, own_app: Flask, filled: Client, taken: list[int]) -> None:
        bodies = [book(isbn=isbn13(1 + number % 3), title=f"Edition {number}") for number in range(12)]
        replies = answers(own_app, [post_of(body, **bearer(filled)) for body in bodies], fast=True)
        assert [status for status, _, _ in replies] == [201] * 3 + [409] * 9
        assert max(taken) > 3, "no group: this compares nothing"

    def test_by_several_users_and_keys(self, own_app: Flask, filled: Client, own_database: Database) -> None:
        other = type(filled)(own_app, filled._contract)  # noqa: SLF001  (the same contract)
        credentials = {"username": "another", "password": "correct horse battery"}
        other.post("/register", json=credentials).raise_for_status()
        token = other.post("/auth/login", json=credentials).json()["access_token"]
        key = filled.post("/auth/keys", json={"name": "script", "scopes": ["books:write"]}).json()["key"]
        reader = filled.post("/auth/keys", json={"name": "reader", "scopes": ["books:read"]}).json()["key"]
        given = [bearer(filled), {"authorization": f"Bearer {token}"}, {"authorization": f"bearer {key}"}]
        given.append({"authorization": f"Bearer {reader}"})
        scopes = [post_of(book(), **one) for one in given]
        for number, scope in enumerate(scopes):
            scope["headers"][0] = (b"x-request-id", f"r{number}".encode())
        replies = answers(own_app, scopes, fast=True)
        assert [status for status, _, _ in replies] == [201, 201, 201, 403]
        with own_database.reading() as connection:
            rows = connection.execute(select(Change.request_id, Change.via, Change.actor_id, Change.record_id)).all()
        own = {row.request_id: row for row in rows}
        assert [own[f"r{n}"].via for n in range(3)] == ["session", "session", "key"]
        assert own["r0"].actor_id == own["r2"].actor_id != own["r1"].actor_id
        for n, (_, _, body) in enumerate(replies[:3]):
            document = json.loads(body)
            assert (document["id"], document["created_by"]) == (own[f"r{n}"].record_id, own[f"r{n}"].actor_id)

    def test_words_and_genres_of_each_are_found(self, own_app: Flask, filled: Client) -> None:
        filled.post("/books", json=json.loads(book(genres=["Known"]))).raise_for_status()
        titles = [f"Quagga{chr(97 + number)} volume" for number in range(20)]
        replies = answers(
            own_app, [post_of(book(title=title, genres=["known"]), **bearer(filled)) for title in titles], fast=True
        )
        assert {status for status, _, _ in replies} == {201}
        for title in titles:
            found = filled.get("/books", params={"q": f"{title.split()[0]} volume"}).json()
            assert (found[0]["title"], found[0]["genres"]) == (title, ["Known"])
        assert len(filled.get("/books", params={"genre": "Known", "limit": 200}).json()) == 21
