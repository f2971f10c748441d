"""The fast lane: many requests at once are answered as each would be alone, and what is unusual is Flask's."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from app.db.bulkheads import Kind
from app.errors import QueryTooSlow
from app.front.application import Front
from app.front.environ import environ_of
from app.front.fast_lane import FastLane, lane, reads
from app.front.fast_lane.requests import ReadRequest
from app.main import create_app
from app.settings.types import rate_limit
from app.web.state import EXTENSION
from devtools.databases import settings_for
from devtools.polling import wait_until
from tests.support.client import Client
from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from flask import Flask

    from app.database import Database
    from tests.support.openapi_contract import OpenApiContract

Received = tuple[int, dict[str, str], bytes]


@pytest.fixture
def own_app(own_url: str, own_database: Database, tmp_path: Path) -> Flask:
    """An application whose transactions commit."""
    return create_app(settings_for(own_url, instance_path=tmp_path), own_database)


@pytest.fixture
def filled(own_app: Flask, contract: OpenApiContract) -> Client:
    """A member of a service with six books of three people, one of them in two roles."""
    member = Factory(Client(own_app, contract)).user()
    make = Factory(member)
    people = [make.author(member)["id"] for _ in range(3)]
    for number in range(6):
        roles = [{"author_id": people[number % 3], "role": "aut"}, {"author_id": people[0], "role": "ill"}]
        make.book(member, contributors=roles, title="é" * 480 if number == 5 else f"Book {number}")
    return member


def scope_of(address: str, **headers: str) -> dict[str, Any]:
    """An ASGI scope, as granian's."""
    path, _, query = address.partition("?")
    return {
        "type": "http",
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "method": "GET",
        "headers": [(b"x-request-id", b"same"), *_encoded(headers)],
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", "80"),
        "client": ("127.0.0.1", 123),
    }


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]


def answers(app: Flask, scopes: Sequence[dict[str, Any]], *, fast: bool) -> list[Received]:
    """The answers of a front to requests that arrive together."""
    state = app.extensions[EXTENSION]
    front = Front(app, state.settings, FastLane(app, state) if fast else None)

    async def one(scope: dict[str, Any]) -> Received:
        messages: list[dict[str, Any]] = []
        await front(scope, _nothing, messages.append)  # type: ignore[arg-type]  # as granian's, it sends at once
        start, whole = messages
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        assert len(headers) == len(start["headers"])
        return start["status"], headers, whole["body"]

    async def all_of_them() -> list[Received]:
        return await asyncio.gather(*map(one, scopes))

    return asyncio.run(all_of_them())


async def _nothing() -> dict[str, Any]:
    await asyncio.sleep(60)
    return {"type": "http.disconnect"}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each batch of the lane has."""
    sizes: list[int] = []
    answer = lane.Line.answer

    def noted(self: lane.Line, batch: Sequence[ReadRequest]) -> None:
        sizes.append(len(batch))
        answer(self, batch)

    monkeypatch.setattr(lane.Line, "answer", noted)
    return sizes


@pytest.mark.usefixtures("filled")
class TestTogether:
    def test_all_get_what_each_would_get_from_flask(self, own_app: Flask, taken: list[int]) -> None:
        pages = ["/books", *(f"/books?author_id={number}" for number in (1, 2, 3, 99)), "/authors/1/books"]
        addresses = [f"/books/{number}" for number in range(1, 9)] + [f"/authors/{number}" for number in range(1, 6)]
        addresses += [f"{page}{'&' if '?' in page else '?'}limit={limit}" for page in pages for limit in (1, 2, 6, 200)]
        addresses += [f"/authors/{number}/books" for number in (1, 2, 3, 99)]
        addresses += ["/books?limit=0", "/books?limit=2&limit=3", "/books?limt=3", "/books/1?a=1", "/books?limit=%32"]
        addresses += ["/books?author_id=01&limit=2", "/books?author_id=1.0&limit=2", "/books?limit=02&author_id=1"]
        addresses += ["/books?cursor=none", "/books?sort=title", "/books/9223372036854775808", "/books/01", "/books/1/"]
        plain = [scope_of(address) for address in addresses]
        scopes = plain + [scope_of(address, accept_encoding="gzip") for address in addresses]
        with_flask = answers(own_app, scopes, fast=False)
        assert answers(own_app, scopes, fast=True) == with_flask
        assert max(taken) > 10, "no batch: this compares nothing"
        assert {status for status, _, _ in with_flask} >= {200, 400, 404}
        assert sum("Content-Encoding" in headers for _, headers, _ in with_flask) > 5

    def test_few_if_they_ask_for_much(self, own_app: Flask, taken: list[int]) -> None:
        replies = answers(own_app, [scope_of("/books?limit=200")] * 30, fast=True)
        assert [status for status, _, _ in replies] == [200] * 30
        assert (sum(taken), max(taken)) == (30, 8)

    def test_a_large_response_is_flasks(self, own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lane, "LARGEST_WHOLE", 1000)
        fast = FastLane(own_app, own_app.extensions[EXTENSION])
        for address, expected in (("/books?limit=1", 2), ("/books?limit=6", 0)):
            messages: list[dict[str, Any]] = []
            found = fast.find(environ_of(scope_of(address)), messages.append)  # type: ignore[arg-type]  # as above
            assert found is not None
            found[0].answer([found[1]])
            assert len(messages) == expected

    def test_a_client_that_is_gone_does_not_keep_others_waiting(self, own_app: Flask) -> None:
        fast = FastLane(own_app, own_app.extensions[EXTENSION])
        messages: list[dict[str, Any]] = []

        def gone(_message: dict[str, Any]) -> None:
            raise ConnectionError

        pairs = [fast.find(environ_of(scope_of("/books/1")), send) for send in (gone, messages.append)]  # type: ignore[arg-type]  # as above
        found = [pair for pair in pairs if pair is not None]
        found[0][0].answer([request for _, request in found])
        assert (len(found), len(messages)) == (2, 2)

    def test_walks_by_their_links_find_every_book_once(self, own_app: Flask) -> None:
        addresses = [
            f"/{path}limit={limit}"
            for path in ("books?", "books?author_id=1&", "authors/1/books?")
            for limit in (1, 2, 5)
        ]
        found: dict[str, list[int]] = {address: [] for address in addresses}
        following = {address: address for address in addresses}
        while following:
            replies = answers(own_app, [scope_of(address) for address in following.values()], fast=True)
            for (walk, _), (status, headers, body) in zip(list(following.items()), replies, strict=True):
                assert status == 200
                found[walk] += ids_in(body)
                del following[walk]
                if 'rel="next"' in headers["Link"]:
                    following[walk] = headers["Link"].partition(">")[0][1:]
        assert all(ids == [1, 2, 3, 4, 5, 6] for ids in found.values())

    def test_a_304_is_flasks(self, own_app: Flask) -> None:
        addresses = ["/books/1", "/authors/1", "/books", "/authors/1/books"]
        tags = [headers["ETag"] for _, headers, _ in answers(own_app, [scope_of(one) for one in addresses], fast=True)]
        scopes = [scope_of(one, if_none_match=tag) for one, tag in zip(addresses, tags, strict=True)]
        scopes += [scope_of("/books/1", if_none_match='"1"'), scope_of("/books/1", if_none_match='"2"')]
        with_flask = answers(own_app, scopes, fast=False)
        assert answers(own_app, scopes, fast=True) == with_flask
        assert [status for status, _, _ in with_flask] == [304] * 5 + [200]


def ids_in(body: bytes) -> list[int]:
    """The ids of the books in a page."""
    found = json.loads(body)
    return [book["id"] for book in (found["books"] if isinstance(found, dict) else found)]


@pytest.fixture
def limited(own_url: str, own_database: Database, tmp_path: Path) -> Callable[[int], Flask]:
    """The same service with a limit on reads: `limited(5)` allows five a minute."""

    def app(reads: int) -> Flask:
        limits = {"rate_limit_enabled": True, "rate_limit_reads": rate_limit(f"{reads}/minute")}
        return create_app(settings_for(own_url, instance_path=tmp_path, **limits), own_database)

    return app


@pytest.mark.usefixtures("filled")
class TestLimit:
    def test_counts_each_request_once(self, limited: Callable[[int], Flask]) -> None:
        app, book = limited(5), scope_of("/books/1")
        statuses = [answers(app, [one], fast=True)[0][0] for one in (book, scope_of("/books/99"), book)]
        remaining = answers(app, [book], fast=True)[0][1]["RateLimit"]
        assert (statuses, remaining.split(";")[1]) == ([200, 404, 200], "r=1")
        assert sorted(status for status, _, _ in answers(app, [book] * 4, fast=True)) == [200, 429, 429, 429]

    def test_does_not_count_a_304(self, limited: Callable[[int], Flask]) -> None:
        app = limited(2)
        ((_, headers, _),) = answers(app, [scope_of("/books/1")], fast=True)
        again = scope_of("/books/1", if_none_match=headers["ETag"])
        assert [answers(app, [again], fast=True)[0][0] for _ in range(3)] == [304] * 3


@pytest.mark.usefixtures("filled")
class TestFault:
    def test_of_the_lane_leaves_the_requests_to_flask(
        self, own_app: Flask, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(reads, "documents", lambda *_: 1 / 0)
        assert [status for status, _, _ in answers(own_app, [scope_of("/books/1")] * 3, fast=True)] == [200] * 3
        assert "ZeroDivisionError" in capfd.readouterr().err

    def test_that_took_long_is_not_repeated(self, own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        def too_slow(*_: object) -> None:
            raise QueryTooSlow

        monkeypatch.setattr(reads, "documents", too_slow)
        monkeypatch.setattr(lane, "LONG", 0)
        ((status, headers, body),) = answers(own_app, [scope_of("/books/1")], fast=True)
        assert (status, json.loads(body)["code"]) == (503, "query_too_slow")
        assert "Retry-After" in headers

    def test_of_a_full_pool_leaves_the_requests_to_flask(self, own_app: Flask, own_database: Database) -> None:
        bulkhead = own_database.bulkheads[Kind.BOOKS]
        with ThreadPoolExecutor(1) as client:
            with ExitStack() as taken:
                for _ in range(bulkhead.slots):
                    taken.enter_context(bulkhead.slot())
                waiting = client.submit(answers, own_app, [scope_of("/books/1")], fast=True)
                wait_until(lambda: bulkhead.waiting == 1)
            assert waiting.result()[0][0] == 200


class TestSettings:
    @pytest.mark.parametrize(
        "changes",
        [{"reading": "members"}, {"allowed_hosts": ("books.test",)}, {"cors_origins": ("*",)}, {"fast_lane": False}],
    )
    def test_that_the_lane_does_not_know_close_it(self, changes: dict[str, object]) -> None:
        settings = settings_for("sqlite://")
        assert FastLane.is_open(settings)
        assert not FastLane.is_open(settings.model_copy(update=changes))
