"""Authors, and their books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import counted_queries
from tests.api.responses import faults, ids, pages, refusal

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

AUSTEN = {"name": "Jane Austen", "bio": "English novelist.\n1775 to 1817.", "country": "England"}
NO_SUCH_ID = 10**17
UNKNOWN = "is not a known field"


class TestCreate:
    def test_an_author_with_everything(self, client: Client, member: Client) -> None:
        reply = member.post("/authors", json=AUSTEN)
        author = reply.json()
        assert reply.status_code == 201
        assert reply.headers["Location"] == f"/authors/{author['id']}"
        assert (author["status"], author["message"]) == ("success", "author 'Jane Austen' created")
        assert AUSTEN.items() <= author.items()
        assert client.get(reply.headers["Location"]).json().items() <= author.items()

    def test_only_a_name_is_needed(self, make: Factory, member: Client) -> None:
        author = make.author(member, name=" Homer ")
        assert (author["name"], author["bio"], author["country"], author["version"]) == ("Homer", None, None, 1)

    def test_two_persons_may_share_a_name(self, make: Factory, member: Client) -> None:
        assert make.author(member, name="John Smith")["id"] != make.author(member, name="John Smith")["id"]

    @pytest.mark.parametrize(
        ("field", "sent"),
        [("name", "é" * 255), ("bio", "b" * 10_000), ("bio", ""), ("bio", None), ("country", "c" * 100)],
    )
    def test_takes_as_much_as_it_says(self, member: Client, field: str, sent: object) -> None:
        assert member.post("/authors", json=AUSTEN | {field: sent}).json()[field] == sent

    @pytest.mark.parametrize(
        ("field", "sent", "detail"),
        [
            ("name", "", "must not be empty"),
            ("name", " \n", "must not be empty"),
            ("name", None, "must be a string"),
            ("name", 5, "must be a string"),
            ("name", "x" * 256, "must have at most 255 characters"),
            ("name", "a\0", "must not contain control characters or line breaks"),
            ("bio", "x" * 10_001, "must have at most 10000 characters"),
            ("bio", "a\0", "must not contain control characters other than tabs and line breaks"),
            ("bio", 5, "must be a string"),
            ("country", "x" * 101, "must have at most 100 characters"),
            ("country", "a\0", "must not contain control characters or line breaks"),
            ("country", ["England"], "must be a string"),
            ("nationality", "English", UNKNOWN),
        ],
    )
    def test_refuses(self, member: Client, field: str, sent: object, detail: str) -> None:
        reply = member.post("/authors", json=AUSTEN | {field: sent})
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == [(f"/{field}", detail)]

    def test_requires_a_name(self, member: Client) -> None:
        assert faults(member.post("/authors", json={})) == [("/name", "is required")]

    def test_only_for_those_who_are_signed_in(self, client: Client) -> None:
        assert refusal(client.post("/authors", json={})) == (401, "token_missing")


class TestGet:
    def test_takes_one_query(self, client: Client, member: Client, make: Factory, database: DatabaseInside) -> None:
        author = make.author(member)
        client.has_twin = False
        with counted_queries(database.engine) as statements:
            assert client.get(f"/authors/{author['id']}").json() == author
        assert len(statements) == 1

    def test_a_missing_one(self, client: Client) -> None:
        assert refusal(client.get(f"/authors/{NO_SUCH_ID}")) == (404, "author_not_found")


class TestBooks:
    def test_the_author_and_the_books(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member)
        books = [make.book(member, author_id=author["id"]) for _ in range(2)]
        make.book(member)
        reply = client.get(f"/authors/{author['id']}/books")
        assert reply.json() == {"status": "success", "author": author, "books": books}

    def test_of_an_author_without_any(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member)
        reply = client.get(f"/authors/{author['id']}/books")
        assert reply.json() == {"status": "success", "author": author, "books": []}
        assert set(reply.links) == {"first"}

    def test_of_an_author_who_is_not_there(self, client: Client) -> None:
        assert refusal(client.get(f"/authors/{NO_SUCH_ID}/books")) == (404, "author_not_found")

    @pytest.mark.parametrize("limit", [1, 2, 3, 200])
    def test_a_walk_shows_each_once(self, client: Client, member: Client, make: Factory, limit: int) -> None:
        author = make.author(member)["id"]
        everything = [make.book(member, author_id=author)["id"] for _ in range(3)]
        walk = pages(client, f"/authors/{author}/books?limit={limit}")
        assert [number for page in walk for number in ids(page.json()["books"])] == everything

    @pytest.mark.parametrize("limit", [1, 200])
    def test_a_page_takes_two_queries(
        self, client: Client, member: Client, make: Factory, database: DatabaseInside, limit: int
    ) -> None:
        author = make.author(member)["id"]
        for _ in range(3):
            make.book(member, author_id=author)
        client.has_twin = False
        with counted_queries(database.engine) as statements:
            client.get(f"/authors/{author}/books", params={"limit": limit}).raise_for_status()
        assert len(statements) == 2
