"""Each kind of request has connections of its own: what is stuck stops nothing else."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from app.database import Database
from app.db.bulkheads import Kind
from app.main import create_app
from app.queries.books import BookReader
from devtools.databases import settings_for
from devtools.polling import wait_until
from tests.api.responses import refusal
from tests.support.client import Client
from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection

    from app.db.bulkheads import Claim
    from app.queries.keyset import Page
    from tests.support.openapi_contract import OpenApiContract

READERS = 20
"""Many more than the connections of lists, which are four."""
LISTS = {
    "/books": Kind.BOOK_LISTS,
    "/authors": Kind.AUTHOR_LISTS,
    "/authors/{author_id}/books": Kind.BOOK_LISTS,
    "/genres": Kind.BOOK_LISTS,
    "/languages": Kind.BOOK_LISTS,
    "/series": Kind.BOOK_LISTS,
    "/publishers": Kind.BOOK_LISTS,
}
KINDS = LISTS | {
    "/changes": Kind.BOOK_LISTS,
    "/changes/{change_id}": Kind.BOOKS,
    "/batches": Kind.BOOK_LISTS,
    "/books/{book_id}/history": Kind.BOOK_LISTS,
    "/books/{book_id}/versions/{version}": Kind.BOOKS,
    "/authors/{author_id}/history": Kind.AUTHOR_LISTS,
    "/authors/{author_id}/versions/{version}": Kind.AUTHORS,
    "/books/{book_id}": Kind.BOOKS,
    "/books/{book_id}.{extension}": Kind.BOOKS,
    "/export": Kind.BOOK_LISTS,
    "/books/isbn/{isbn}": Kind.BOOKS,
    "/authors/{author_id}": Kind.AUTHORS,
    "/readyz": Kind.HEALTH,
}
"""Every other address asks for nothing, without an account."""


class TestOfAddresses:
    @pytest.fixture
    def requested_kinds(self, monkeypatch: pytest.MonkeyPatch) -> list[Kind]:
        """The kinds of the connections that requests take."""
        kinds: list[Kind] = []
        reading = Database.reading

        def noted(
            self: Database, kind: Kind = Kind.ACCOUNTS, sender: str = "", **options: bool
        ) -> AbstractContextManager[Connection]:
            kinds.append(kind)
            return reading(self, kind, sender, **options)

        monkeypatch.setattr(Database, "reading", noted)
        return kinds

    def test_all_have_the_right_one(self, own_client: Client, requested_kinds: list[Kind]) -> None:
        """So that no new list is left with the accounts."""
        paths = own_client.get("/openapi.json").json()["paths"]
        for path in [path for path, methods in paths.items() if "get" in methods]:
            requested_kinds.clear()
            own_client.get(
                re.sub(r"\{\w+\}", "1", path.replace("{isbn}", "9780141439587").replace("{extension}", "json"))
            )
            assert set(requested_kinds) == ({KINDS[path]} if path in KINDS else set()), path


class TestLists:
    @pytest.fixture
    def goes_on(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
        """Until then every list of books is slow."""
        goes_on, page = Event(), BookReader.page

        def slow(self: BookReader, *arguments: Any) -> Page:
            goes_on.wait(30)
            return page(self, *arguments)

        monkeypatch.setattr(BookReader, "page", slow)
        yield goes_on
        goes_on.set()

    def test_that_are_slow_stop_nothing_else(self, own_client: Client, own_database: Database, goes_on: Event) -> None:
        member = Factory(own_client).user()
        author = Factory(member).author(member)
        book = Factory(member).book(member, author_id=author["id"])
        with ThreadPoolExecutor(READERS) as pool:
            lists = [pool.submit(own_client.get, "/books") for _ in range(READERS)]
            bulkhead = own_database.bulkheads[Kind.BOOK_LISTS]
            wait_until(lambda: bulkhead.waiting == READERS - bulkhead.at_once)
            for path in (f"/books/{book['id']}", f"/authors/{author['id']}", "/authors", "/readyz", "/auth/me"):
                assert member.get(path).status_code == 200
            assert member.put(f"/books/{book['id']}", json={"pages": 100}).status_code == 200
            assert not any(answer.done() for answer in lists)
            goes_on.set()
        assert {answer.result().status_code for answer in lists} == {200}

    def test_of_one_address_wait_behind_those_of_others(
        self,
        own_database: Database,
        own_url: str,
        tmp_path: Path,
        goes_on: Event,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        app = create_app(settings_for(own_url, instance_path=tmp_path), own_database)
        bulkhead = own_database.bulkheads[Kind.BOOK_LISTS]
        begun: list[str] = []
        begin = bulkhead._begin  # noqa: SLF001  (responses arrive in the order in which threads wake up)

        def noted(claim: Claim) -> None:
            begun.append(claim[0])
            begin(claim)

        monkeypatch.setattr(bulkhead, "_begin", noted)

        def ask(address: str) -> None:
            reply = app.test_client().get("/books", environ_overrides={"REMOTE_ADDR": address})
            assert reply.status_code == 200

        with ThreadPoolExecutor(READERS) as pool:
            lists = []
            of_one = READERS - 2
            for number, address in enumerate([*["192.0.2.1"] * of_one, "203.0.113.5", "198.51.100.7"], 1):
                lists.append(pool.submit(ask, address))
                working = bulkhead.at_once + (number > of_one)  # one slot is kept for other addresses
                state = min(number, working), max(number - working, 0)
                wait_until(lambda state=state: (bulkhead.working, bulkhead.waiting) == state)  # type: ignore[misc]
            goes_on.set()
            for answer in lists:
                answer.result()
        first_wave = bulkhead.at_once + 1
        assert "198.51.100.7" in begun[first_wave : first_wave + 2]

    def test_for_which_the_line_has_no_place_are_a_503_at_once(
        self, own_url: str, tmp_path: Path, contract: OpenApiContract, goes_on: Event
    ) -> None:
        database = Database.of(settings_for(own_url, db_queue=2))
        client = Client(create_app(settings_for(own_url, instance_path=tmp_path), database), contract)
        bulkhead = database.bulkheads[Kind.BOOK_LISTS]
        with ThreadPoolExecutor(READERS) as pool:
            lists = [pool.submit(client.get, "/books") for _ in range(bulkhead.at_once + 2)]
            wait_until(lambda: bulkhead.waiting == 2)
            reply = client.get("/books")
            assert refusal(reply) == (503, "database_busy")
            assert int(reply.headers["Retry-After"]) > 0
            goes_on.set()
        assert {answer.result().status_code for answer in lists} == {200}
        database.engine.dispose()
