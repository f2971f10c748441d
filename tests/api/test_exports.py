"""Exports: all books that match, in a file, in constant memory, and never half of one that looks whole."""

from __future__ import annotations

import csv
import gzip
import json
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import DatabaseUnavailable
from app.queries import exports
from app.queries.books import BookReader
from app.routers.exports import WRITTEN
from app.transfer.formats import FORMATS
from app.web.streaming import AT_ONCE
from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from app.queries.keyset import Page
    from tests.support.client import Client
    from tests.support.factories import Factory

TITLES = ["Emma", "Émile", "Wuthering Heights", "Persuasion", "The Professor"]


@pytest.fixture
def books(make: Factory, member: Client) -> list[dict[str, Any]]:
    """Five books, the last of which was added first, but changed last."""
    author = make.author(member, name="Jane Austen")
    made = [
        make.book(member, title=title, author_id=author["id"], published_year=1800 + number, genres=["Fiction"])
        for number, title in enumerate(TITLES)
    ]
    return [member.patch(f"/books/{book['id']}", json={"language": "en"}).json() for book in made]


@pytest.fixture(params=[1, 2, 2_000])
def _page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", request.param)


def exported(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The books of an export as JSON Lines."""
    answer = client.get(f"/export?format=jsonl{query}").raise_for_status()
    return [json.loads(line) for line in answer.text.splitlines()]


class TestFile:
    @pytest.mark.usefixtures("_page")
    def test_has_every_book_by_id_as_a_read_shows_it(self, client: Client, books: list[dict[str, Any]]) -> None:
        lines = client.get("/export").text.splitlines()
        assert lines == [client.get(f"/books/{book['id']}").text for book in books]

    @pytest.mark.parametrize("name", WRITTEN)
    @pytest.mark.usefixtures("books")
    def test_is_to_be_saved_under_a_name(self, client: Client, name: str) -> None:
        answer = client.get(f"/export?format={name}")
        form = FORMATS[name]
        assert answer.headers["Content-Type"].startswith(form.media_type)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="books.{form.extension}"'
        assert answer.headers["Cache-Control"] == "no-cache"
        head = client.head(f"/export?format={name}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Type"] == answer.headers["Content-Type"]

    @pytest.mark.parametrize("name", WRITTEN)
    @pytest.mark.usefixtures("_page")
    def test_is_as_the_format_makes_it(self, client: Client, books: list[dict[str, Any]], name: str) -> None:
        form = FORMATS[name]
        assert form.write is not None
        documents = [client.get(f"/books/{book['id']}").text for book in books]
        whole = form.before + form.between.join(map(form.write, documents)) + form.after
        assert client.get(f"/export?format={name}").content == whole

    @pytest.mark.parametrize("name", WRITTEN)
    def test_of_no_books_begins_and_ends(self, client: Client, name: str) -> None:
        assert client.get(f"/export?format={name}").content == FORMATS[name].before + FORMATS[name].after

    @pytest.mark.usefixtures("_page")
    def test_comes_in_again(self, client: Client, books: list[dict[str, Any]]) -> None:
        for name in ("jsonl", "csv"):
            read = FORMATS[name].read
            assert read is not None
            rows = list(read(BytesIO(client.get(f"/export?format={name}").content), None, None))
            assert [row.book and row.book.title for row in rows] == [book["title"] for book in books]
            assert [row.errors + row.left_out for row in rows] == [[]] * 5

    @pytest.mark.usefixtures("books")
    def test_is_compressed_for_who_accepts_it(self, client: Client) -> None:
        plain = client.get("/export", headers={"Accept-Encoding": "identity"})
        packed = client.get("/export", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.content == plain.content
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.compress(plain.content)[:2] == b"\x1f\x8b"

    @pytest.mark.usefixtures("books")
    def test_is_a_table_for_people(self, client: Client) -> None:
        table = csv.DictReader(StringIO(client.get("/export?format=csv&q=emma").text, newline=""))
        assert [(row["title"], row["author"], row["genres"]) for row in table] == [("Emma", "Jane Austen", "Fiction")]


class TestFilters:
    @pytest.mark.usefixtures("_page")
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("&q=austen", [0, 1, 2, 3, 4]),
            ("&q=emm", [0]),
            ("&q=wuthring", [2]),
            ("&q=nothing-of-the-kind", []),
            ("&published_from=1801&published_to=1803", [1, 2, 3]),
            ("&genre=fiction&published_from=1804", [4]),
            ("&language=en", [0, 1, 2, 3, 4]),
            ("&missing=isbn&q=e", [1, 0]),
            ("&series=none", []),
        ],
    )
    def test_are_those_of_the_list(
        self, client: Client, books: list[dict[str, Any]], query: str, found: list[int]
    ) -> None:
        assert [book["id"] for book in exported(client, query)] == sorted(books[place]["id"] for place in found)

    def test_by_id_and_isbn_are_too(self, client: Client, make: Factory, member: Client) -> None:
        book = make.book(member, isbn="9780141439587")
        make.book(member)
        for query in (
            f"&id={book['id']}",
            "&isbn=0-14-143958-0",
            "&q=978-0-14-143958-7",
            f"&author_id={book['author_id']}",
        ):
            assert [one["id"] for one in exported(client, query)] == [book["id"]]

    @pytest.mark.parametrize(
        "query", ["format=pdf", "format=xlsx", "format=", "limit=5", "sort=title", "fields=id", "cursor=x", "genre=%20"]
    )
    def test_that_are_none_are_refused(self, client: Client, query: str) -> None:
        answer = client.get(f"/export?{query}")
        assert refusal(answer) == (400, "invalid_request")
        assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


class TestFailure:
    @pytest.fixture
    def fails_at(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
        """Let the database fail at the page of that number."""
        page, calls = BookReader.page, iter(range(1_000))

        def set_up(number: int) -> None:
            def read(self: BookReader, *arguments: Any) -> Page:
                if next(calls) == number:
                    raise DatabaseUnavailable
                return page(self, *arguments)

            monkeypatch.setattr(BookReader, "page", read)
            monkeypatch.setattr(exports, "PAGE", 2)

        return set_up

    @pytest.mark.usefixtures("books")
    def test_at_the_beginning_is_a_problem(self, client: Client, fails_at: Callable[[int], None]) -> None:
        fails_at(0)
        assert refusal(client.get("/export")) == (503, "database_unavailable")
        assert client.get("/export").status_code == 200

    @pytest.mark.usefixtures("books")
    def test_before_the_first_part_is_one_too(self, client: Client, fails_at: Callable[[int], None]) -> None:
        fails_at(1)
        assert refusal(client.get("/export")) == (503, "database_unavailable")

    @pytest.mark.usefixtures("books")
    @pytest.mark.parametrize("coding", ["identity", "gzip"])
    def test_midway_ends_the_response_without_its_end(
        self, client: Client, fails_at: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, coding: str
    ) -> None:
        fails_at(1)
        monkeypatch.setattr(exports, "PART", 1)
        with pytest.raises(DatabaseUnavailable):
            client.get("/export", headers={"Accept-Encoding": coding})

    def test_of_one_address_leave_one_to_others(self, app: Flask, client: Client) -> None:
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        begun = [app.test_client().get("/export", buffered=False, environ_base=elsewhere) for _ in range(4)]
        assert [one.status_code for one in begun] == [200, 200, 200, 503]
        assert client.get("/export").status_code == 200
        for one in begun:
            one.close()
        later = app.test_client().get("/export", buffered=False, environ_base=elsewhere)
        assert later.status_code == 200
        later.close()

    def test_of_too_many_at_once_is_a_problem(self, app: Flask, client: Client) -> None:
        begun = [app.test_client().get("/export", buffered=False) for _ in range(4)]
        assert refusal(client.get("/export")) == (503, "too_many_exports")
        for one in begun:
            one.close()
        assert client.get("/export").status_code == 200
        assert all(AT_ONCE.acquire(blocking=False) for _ in range(4))
        AT_ONCE.release(4)


class TestWholeCatalogue:
    def test_begins_with_all_authors(
        self, client: Client, member: Client, books: list[dict[str, Any]], make: Factory
    ) -> None:
        other = make.author(member, name="Émile Zola", bio="Of no book here.")
        answer = client.get("/export?authors=true").raise_for_status()
        addresses = [f"/authors/{author['id']}" for author in client.get("/authors").json()]
        assert f"/authors/{other['id']}" in addresses
        addresses += [f"/books/{book['id']}" for book in books]
        assert answer.text.splitlines() == [client.get(address).text for address in addresses]
        assert answer.headers["Content-Type"] == "application/jsonl"

    def test_comes_in_again(self, member: Client, make: Factory) -> None:
        fields = {"name": "Mark Twain", "bio": "American writer.", "aliases": ["Samuel Clemens"], "birth_year": 1835}
        author = make.author(member, **fields)
        make.book(member, title="Tom Sawyer", author_id=author["id"])
        file = member.get("/export?authors=true").content
        for address in (f"/books/{member.get('/books').json()[0]['id']}", f"/authors/{author['id']}"):
            member.delete(address).raise_for_status()
        report = member.post("/imports", content=file).raise_for_status().json()
        assert (report["format"], report["created"], report["errors"]) == ("jsonl", 2, [])
        [found] = member.get("/authors").json()
        assert {name: found[name] for name in fields} == fields
        assert member.get("/books").json()[0]["author_id"] == found["id"]

    @pytest.mark.parametrize(
        ("query", "detail"),
        [
            ("authors=true&format=csv", "needs the format jsonl"),
            ("authors=true&q=emma", "cannot be combined with filters"),
            ("language=en&authors=true", "cannot be combined with filters"),
        ],
    )
    def test_is_whole(self, client: Client, query: str, detail: str) -> None:
        assert faults(client.get(f"/export?{query}")) == [("authors", detail)]
