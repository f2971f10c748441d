"""Lists of books: pages, cursors, filters and counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app.web.cursors import Cursors
from devtools.databases import counted_queries
from tests.api.responses import faults, ids, next_cursor, pages, refusal

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

MADE = 5
NOT_OURS = "was not issued by this list"
SPOILED: dict[str, Callable[[str], str]] = {
    "shorter": lambda cursor: cursor[:-1],
    "longer": lambda cursor: cursor + "A",
    "padded": lambda cursor: cursor + "=",
    "capitals": lambda cursor: cursor.swapcase(),
    "turned": lambda cursor: cursor[1:] + cursor[0],
    "nought": lambda _cursor: "0",
    "nonsense": lambda _cursor: "nonsense",
    "no base64": lambda _cursor: "%\0\N{SNOWMAN}",
    "long": lambda _cursor: "A" * 1000,
    "forged": lambda _cursor: Cursors(["another secret"]).encode([1], "/books?"),
}


@pytest.fixture
def author_id(member: Client, make: Factory) -> int:
    """An author with five books."""
    author: int = make.author(member)["id"]
    for _ in range(MADE):
        make.book(member, author_id=author)
    return author


@pytest.fixture(params=["/books?", "/books?author_id={}&"])
def address(request: pytest.FixtureRequest, author_id: int) -> str:
    """A list of exactly those five: what holds for all books holds for a filter too."""
    return str(request.param).format(author_id)


class TestPage:
    def test_is_a_bare_array_of_whole_books(self, client: Client, address: str) -> None:
        books = client.get(address).json()
        assert len(books) == MADE
        assert books == [client.get(f"/books/{number}").json() for number in ids(books)]

    def test_holds_no_more_than_the_limit(self, client: Client, address: str) -> None:
        assert len(client.get(f"{address}limit=3").json()) == 3

    def test_holds_fifty_when_nothing_is_said(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member)["id"]
        everything = [make.book(member, author_id=author)["id"] for _ in range(51)]
        assert ids(client.get("/books").json()) == everything[:50]

    @pytest.mark.parametrize("limit", [1, 200])
    def test_takes_one_query_however_long_it_is(
        self, client: Client, address: str, database: DatabaseInside, limit: int
    ) -> None:
        client.has_twin = False
        with counted_queries(database.engine) as statements:
            client.get(f"{address}limit={limit}").raise_for_status()
        assert len(statements) == 1

    def test_of_nothing(self, client: Client, member: Client, make: Factory) -> None:
        reply = client.get("/books", params={"author_id": make.author(member)["id"]})
        assert (reply.status_code, reply.json()) == (200, [])
        assert set(reply.links) == {"first"}

    def test_of_an_author_who_is_not_there(self, client: Client, author_id: int) -> None:
        assert client.get("/books", params={"author_id": author_id + 10**6}).json() == []


class TestFilter:
    def test_by_author(self, client: Client, member: Client, make: Factory, author_id: int) -> None:
        other = make.book(member)
        assert ids(client.get("/books", params={"author_id": other["author_id"]}).json()) == [other["id"]]
        assert {book["author_id"] for book in client.get("/books", params={"author_id": author_id}).json()} == {
            author_id
        }


class TestLinks:
    def test_the_first_page_leads_on(self, client: Client, address: str) -> None:
        reply = client.get(f"{address}limit=3")
        assert set(reply.links) == {"next", "first"}
        assert client.get(reply.links["first"]["url"]).json() == reply.json()

    @pytest.mark.parametrize("limit", [MADE, MADE + 1])
    def test_the_last_page_does_not(self, client: Client, address: str, limit: int) -> None:
        assert set(client.get(f"{address}limit={limit}").links) == {"first"}

    def test_keep_the_query(self, client: Client, author_id: int) -> None:
        parameters = {"author_id": str(author_id), "limit": "2", "count": "exact"}
        links = client.get("/books", params=parameters).links
        assert dict(client.build_request("GET", links["first"]["url"]).url.params) == parameters
        assert parameters.items() <= dict(client.build_request("GET", links["next"]["url"]).url.params).items()

    def test_the_limit_may_differ_from_page_to_page(self, client: Client, address: str) -> None:
        everything = ids(client.get(address).json())
        cursor = next_cursor(client.get(f"{address}limit=2"))
        following = client.get(f"{address}limit=3&cursor={cursor}")
        assert ids(following.json()) == everything[2:]


class TestWalk:
    @pytest.mark.parametrize("limit", [1, MADE - 1, MADE, 200])
    def test_shows_every_book_once_and_in_order(self, client: Client, address: str, limit: int) -> None:
        seen = [number for page in pages(client, f"{address}limit={limit}") for number in ids(page.json())]
        assert seen == ids(client.get(address).json())
        assert len(seen) == MADE

    def test_whatever_is_added_and_deleted_meanwhile(
        self, client: Client, member: Client, make: Factory, author_id: int
    ) -> None:
        existing = ids(client.get("/books").json())
        walk = pages(client, "/books?limit=2")
        seen = ids(next(walk).json())
        member.delete(f"/books/{existing[1]}").raise_for_status()  # the one that the cursor stands on
        member.delete(f"/books/{existing[4]}").raise_for_status()
        added = make.book(member, author_id=author_id)["id"]
        seen += [number for page in walk for number in ids(page.json())]
        assert seen == [*existing[:4], *existing[5:], added]


class TestCursor:
    @pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
    def test_that_was_tampered_with(
        self, client: Client, member: Client, make: Factory, spoil: Callable[[str], str]
    ) -> None:
        make.book(member, author_id=make.book(member)["author_id"])
        cursor = next_cursor(client.get("/books?limit=1"))
        assert client.get("/books", params={"cursor": cursor}).status_code == 200
        reply = client.get("/books", params={"cursor": spoil(cursor)})
        assert refusal(reply) == (400, "invalid_cursor")
        assert faults(reply) == [("cursor", NOT_OURS)]

    @pytest.mark.parametrize("other", ["/books?", "/books?author_id={one}&", "/books?author_id={two}&"])
    def test_of_another_list(self, client: Client, member: Client, make: Factory, author_id: int, other: str) -> None:
        target = other.format(one=author_id, two=make.author(member)["id"])
        lists = {"/books?", f"/books?author_id={author_id}&", f"/authors/{author_id}/books?"} - {target}
        cursors = [next_cursor(client.get(f"{address}limit=2")) for address in lists]
        replies = [client.get(f"{target}cursor={cursor}") for cursor in cursors]
        assert [refusal(reply) for reply in replies] == [(400, "invalid_cursor")] * len(lists)

    def test_of_another_author(self, client: Client, member: Client, make: Factory, author_id: int) -> None:
        cursor = next_cursor(client.get(f"/authors/{author_id}/books?limit=2"))
        other = make.author(member)["id"]
        assert client.get(f"/authors/{author_id}/books?cursor={cursor}").status_code == 200
        assert refusal(client.get(f"/authors/{other}/books?cursor={cursor}")) == (400, "invalid_cursor")

    def test_that_is_too_long(self, client: Client) -> None:
        assert faults(client.get("/books", params={"cursor": "A" * 5001})) == [
            ("cursor", "must have at most 5000 characters")
        ]
