"""`READING=members`: what only users and their keys read, and how it may be cached."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from app.main import create_app
from app.web.state import EXTENSION
from devtools.databases import counted_queries
from tests.api.responses import next_cursor, refusal
from tests.contract.principals import token_of
from tests.support.client import Client
from tests.support.factories import isbn13
from tests.support.openapi_contract import OpenApiContract

if TYPE_CHECKING:
    from flask import Flask

    from app.database import Database
    from app.settings import Settings
    from devtools.databases import DatabaseInside
    from tests.support.factories import Factory

MISSING = (401, "token_missing")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def service(settings: Settings, schema: Database) -> tuple[Flask, OpenApiContract]:
    """A service whose catalogue is for members."""
    app = create_app(settings.model_copy(update={"reading": "members"}), schema)
    return app, OpenApiContract(app.test_client().get("/openapi.json").get_json())


@pytest.fixture
def anonymous(service: tuple[Flask, OpenApiContract], database: DatabaseInside) -> Client:
    """A client of that service, without credentials."""
    app, contract = service
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], database=database)
    return Client(app, contract)


@pytest.fixture
def reader(anonymous: Client, member: Client) -> Client:
    """A user of that service."""
    return anonymous.as_bearer(token_of(member))


@pytest.fixture
def paths(member: Client, make: Factory) -> list[str]:
    """The addresses of everything in the catalogue, searches included."""
    author = make.author(member, name="Jane Austen")
    book = make.book(member, title="Emma", author_id=author["id"], isbn=isbn13(1), genres=["Fiction"], language="en")
    return [
        *("/books", "/books?q=emma", "/books?genre=Fiction&sort=-title", "/books?fields=title", "/authors?q=austen"),
        *(f"/books/{book['id']}", f"/books/isbn/{book['isbn']}", "/authors", "/genres", "/languages"),
        *(f"/authors/{author['id']}", f"/authors/{author['id']}/books", "/books?count=exact&limit=1"),
    ]


class TestAnonymous:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_reads_nothing_of_the_catalogue(self, anonymous: Client, paths: list[str], method: str) -> None:
        answers = {path: anonymous.request(method, path) for path in paths}
        assert {answer.status_code for answer in answers.values()} == {401}
        assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {'Bearer realm="books-api"'}
        assert {answer.headers["Cache-Control"] for answer in answers.values()} == {"no-store"}
        assert {"ETag", "Link", "X-Total-Count"} & {name for each in answers.values() for name in each.headers} == set()

    def test_does_not_learn_whether_a_copy_is_current(
        self, anonymous: Client, reader: Client, paths: list[str]
    ) -> None:
        for path in paths:
            tag = reader.get(path).headers["ETag"]
            for sent in (tag, "*", '"1"'):
                assert refusal(anonymous.get(path, headers={"If-None-Match": sent})) == MISSING

    @pytest.mark.parametrize(
        "path",
        [
            "/books/999999",
            "/books/isbn/1",
            "/books?limit=0",
            "/books?cursor=bad",
            "/authors?nothing=1",
            "/genres?q=%ff",
        ],
    )
    def test_does_not_learn_what_exists_or_is_valid(self, anonymous: Client, path: str) -> None:
        assert refusal(anonymous.get(path)) == MISSING

    @pytest.mark.parametrize("authorization", ["Bearer garbage", "Bearer bk_garbage", "Basic YTpi", "Bearer"])
    def test_is_not_let_in_by_another_header(self, anonymous: Client, authorization: str) -> None:
        reply = anonymous.get("/books", headers={"Authorization": authorization})
        assert reply.status_code == 401

    @pytest.mark.parametrize(
        "path",
        ["/", "/docs", "/docs/errors", "/openapi.json", "/healthz", "/readyz", "/reset", "/join", "/favicon.ico"],
    )
    def test_reads_what_is_not_of_the_catalogue(self, anonymous: Client, path: str) -> None:
        assert anonymous.get(path).status_code == 200
        assert anonymous.get(path, headers={"Accept": BROWSER}).status_code == 200

    def test_is_told_so(self, anonymous: Client, client: Client) -> None:
        assert [who.get("/").json()["reading"] for who in (anonymous, client)] == ["members", "everyone"]
        descriptions: list[str] = [
            who.get("/openapi.json").json()["info"]["description"] for who in (anonymous, client)
        ]
        assert ["Reading needs no account" in text for text in descriptions] == [False, True]

    def test_may_ask_for_the_methods(self, anonymous: Client) -> None:
        assert anonymous.options("/books").status_code == 204


class TestReader:
    def test_reads_what_everyone_reads_elsewhere(self, reader: Client, client: Client, paths: list[str]) -> None:
        for path in paths:
            mine, public = reader.get(path), client.get(path)
            assert (mine.status_code, mine.content) == (200, public.content)
            assert mine.headers["ETag"] == public.headers["ETag"]

    def test_may_keep_a_copy_that_no_shared_cache_keeps(self, reader: Client, client: Client, paths: list[str]) -> None:
        for path in paths:
            mine, public = reader.get(path), client.get(path)
            assert mine.headers["Cache-Control"] == "private, no-cache"
            by_type = "Accept, " if re.fullmatch(r"/books/\d+", path) else ""
            assert mine.headers["Vary"] == f"{by_type}Authorization, Accept-Encoding"
            assert (public.headers["Cache-Control"], public.headers["Vary"]) == (
                "no-cache",
                f"{by_type}Accept-Encoding",
            )
            current = reader.get(path, headers={"If-None-Match": mine.headers["ETag"]})
            assert (current.status_code, current.content) == (304, b"")
            assert current.headers["Cache-Control"] == "private, no-cache"
            assert current.headers["Vary"] == mine.headers["Vary"]

    def test_walks_a_list(self, reader: Client, anonymous: Client, paths: list[str], member: Client) -> None:
        assert paths
        member.post("/authors", json={"name": "Anne Brontë"}).raise_for_status()
        first = reader.get("/authors?limit=1")
        following = f"/authors?limit=1&cursor={next_cursor(first)}"
        assert reader.get(following).json() != first.json()
        assert refusal(anonymous.get(following)) == MISSING

    @pytest.mark.parametrize("path", ["/books/999999", "/books?limit=0", "/books?nothing=1"])
    def test_learns_what_is_wrong(self, reader: Client, path: str) -> None:
        reply = reader.get(path)
        assert reply.status_code in {400, 404}
        assert reply.headers["Cache-Control"] == "no-store"

    def test_is_refused_once_the_session_has_ended(self, reader: Client, member: Client, paths: list[str]) -> None:
        member.post("/auth/logout").raise_for_status()
        assert {refusal(reader.get(path)) for path in paths} == {(401, "token_invalid")}

    def test_costs_one_query_more(
        self, reader: Client, client: Client, paths: list[str], database: DatabaseInside
    ) -> None:
        def queries(who: Client, path: str) -> int:
            who.has_twin = False
            with counted_queries(database.engine) as statements:
                who.get(path).raise_for_status()
            return len(statements)

        assert {queries(reader, path) - queries(client, path) for path in paths} == {1}


class TestKey:
    @pytest.mark.parametrize(
        ("scopes", "expected"),
        [
            (["books:read"], 200),
            (["books:write"], 200),
            (["imports", "books:read"], 200),
            (["imports"], 403),
        ],
        ids=str,
    )
    def test_reads_with_a_scope_for_books(
        self, anonymous: Client, member: Client, make: Factory, scopes: list[Any], expected: int
    ) -> None:
        program = anonymous.as_bearer(make.key(member, *scopes)["key"])
        assert program.get("/books").status_code == expected
