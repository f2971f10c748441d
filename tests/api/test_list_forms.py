"""Lists: what an entry shows, and what a page costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import counted_queries
from tests.api.responses import faults, ids, pages, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

SORTS = ["id", "-id", "title", "-title", "published_year", "-published_year", "created_at", "updated_at", "-updated_at"]
COSTS = [
    *[(f"/books?sort={sort}", 1) for sort in SORTS],
    *[(f"/books?q=emma&sort={sort}", 2) for sort in SORTS],
    ("/books?genre=fiction&language=en&author_id={}&role=aut&published_from=0", 3),
    ("/books?q=emma", 6),
    ("/books?q=emma&genre=fiction&role=aut", 15),
    (f"/books?q={isbn13(1)}", 1),
    ("/books?q=emna", 13),
    ("/books?q=emna&sort=title", 5),
    ("/books?q=nothing", 13),
    ("/books?count=exact", 2),
    ("/books?q=emma&count=exact", 8),
    ("/authors?", 1),
    ("/authors?sort=-name", 1),
    ("/authors?q=jane", 6),
    ("/authors?q=jnae", 13),
    ("/authors/{}/books?", 2),
    ("/genres?", 1),
    ("/languages?", 1),
    ("/series?", 1),
    ("/publishers?q=p", 1),
    ("/genres?count=exact", 2),
]
"""The statements of each list. A search reads tier by tier until the page is full: of those it is the most."""


@pytest.fixture
def austen(member: Client, make: Factory) -> int:
    """An author with three books."""
    author: int = make.author(member, name="Jane Austen")["id"]
    for number in range(3):
        make.book(
            member,
            title="Emma",
            author_id=author,
            published_year=1815,
            language=["en", "fr", "de"][number],
            genres=["Fiction", f"Genre {number}"],
            series=["Works", "Novels", None][number],
            publisher=["Penguin", "PENGUIN", "Faber"][number],
            isbn=isbn13(number),
        )
    return author


class TestCost:
    @pytest.mark.parametrize(("address", "queries"), COSTS)
    def test_is_the_same_however_long_the_page(
        self, client: Client, austen: int, database: DatabaseInside, address: str, queries: int
    ) -> None:
        for limit in (1, 2, 200):
            with counted_queries(database.engine) as statements:
                client.get(f"{address.format(austen)}&limit={limit}").raise_for_status()
            assert len(statements) == queries or ("q=" in address and len(statements) < queries)


class TestFields:
    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("/books", "title"),
            ("/books", "title,id"),
            ("/books", "version,contributors,genres,isbn"),
            ("/books", "id,title,id"),
            ("/authors", "sort_name,name,id"),
        ],
    )
    @pytest.mark.usefixtures("austen")
    def test_are_exactly_those_that_are_named(self, client: Client, path: str, fields: str) -> None:
        whole = client.get(path).json()
        names = list(dict.fromkeys(fields.split(",")))
        found = client.get(path, params={"fields": fields}).json()
        assert [list(record) for record in found] == [names] * len(whole)
        assert found == [{name: record[name] for name in names} for record in whole]

    @pytest.mark.usefixtures("austen")
    def test_may_be_all_of_them_and_go_with_everything_else(self, client: Client) -> None:
        (book,) = client.get("/books?limit=1&sort=-id").json()
        address = f"/books?fields={','.join(book)}&sort=-id&q=emma&genre=fiction&limit=1"
        assert next(pages(client, address)).json() == [book]
        assert len(list(pages(client, address))) == 3

    @pytest.mark.parametrize("path", ["/books", "/authors"])
    @pytest.mark.parametrize("fields", ["titel", "id,", ",id", "id, version", "ID", "document", "id;version", "%00"])
    def test_that_there_are_not(self, client: Client, path: str, fields: str) -> None:
        reply = client.get(f"{path}?fields={fields}")
        assert refusal(reply) == (400, "invalid_request")
        ((where, detail),) = faults(reply)
        assert (where, detail.startswith("has unknown names (1); the fields are id, ")) == ("fields", True)


class TestCount:
    @pytest.mark.parametrize(
        ("address", "number"),
        [
            ("/books?", 3),
            ("/books?sort=-title", 3),
            ("/books?language=fr", 1),
            ("/books?q=emma", 3),
            ("/books?q=emna", 3),
            ("/books?q=emma&sort=-id&genre=genre 1", 1),
            ("/books?q=nothing", 0),
            (f"/books?q={isbn13(2)}", 1),
            ("/authors?", 1),
            ("/authors?q=austen", 1),
            ("/genres?", 4),
            ("/languages?", 3),
            ("/series?", 2),
            ("/publishers?q=penguin", 1),
        ],
    )
    @pytest.mark.usefixtures("austen")
    def test_is_that_of_the_whole_list(self, client: Client, address: str, number: int) -> None:
        walk = list(pages(client, f"{address}&limit=1&count=exact"))
        assert {page.headers["X-Total-Count"] for page in walk} == {str(number)}
        assert sum(len(page.json()) for page in walk) == number
        assert "X-Total-Count" not in client.get(address).headers


class TestAuthorList:
    @pytest.mark.parametrize(
        ("query", "where"),
        [
            ("author_id=1", "author_id"),
            ("genre=x", "genre"),
            ("sort=title", "sort"),
            ("q=a&q=b", "q"),
            ("updated_since=now", "updated_since"),
            ("limit=0", "limit"),
            ("name=Jane", "name"),
        ],
    )
    def test_refuses(self, client: Client, query: str, where: str) -> None:
        reply = client.get(f"/authors?{query}")
        assert (refusal(reply), [name for name, _ in faults(reply)]) == ((400, "invalid_request"), [where])

    def test_since_a_change(self, client: Client, member: Client, make: Factory) -> None:
        first, second = make.author(member), make.author(member)
        assert ids(client.get(f"/authors?updated_since={second['created_at']}").json()) == [second["id"]]
        changed = member.put(f"/authors/{first['id']}", json={"bio": "New."}).raise_for_status().json()
        assert ids(client.get(f"/authors?updated_since={changed['updated_at']}").json()) == [first["id"]]
