"""Books, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import counted_queries
from tests.api.responses import faults, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

EMMA = {"title": "Emma", "isbn": "978-0-14-143958-7", "published_year": 1815, "genres": ["Fiction", "Classics"]}
NO_SUCH_ID = 10**17
"""The id of nothing."""


class TestGet:
    def test_what_was_created(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, **EMMA)
        assert client.get(f"/books/{book['id']}").json() == book

    def test_takes_one_query(self, client: Client, member: Client, make: Factory, database: DatabaseInside) -> None:
        book = make.book(member, **EMMA)
        client.has_twin = False
        with counted_queries(database.engine) as statements:
            client.get(f"/books/{book['id']}").raise_for_status()
        assert len(statements) == 1

    def test_a_missing_one(self, client: Client) -> None:
        assert refusal(client.get(f"/books/{NO_SUCH_ID}")) == (404, "book_not_found")


class TestCreate:
    def test_a_book_with_everything(self, member: Client, make: Factory) -> None:
        author = make.author(member)
        reply = member.post("/books", json=EMMA | {"author_id": author["id"]})
        book = reply.json()
        assert reply.status_code == 201
        assert reply.headers["Location"] == f"/books/{book['id']}"
        assert (book["status"], book["message"]) == ("success", "book 'Emma' created")
        assert (book["title"], book["isbn"], book["published_year"]) == ("Emma", "9780141439587", 1815)
        assert (book["author_id"], book["genres"], book["version"]) == (author["id"], ["Fiction", "Classics"], 1)
        assert book["created_by"] == member.get("/auth/me").json()["id"]
        assert book["created_at"] == book["updated_at"]
        assert book["created_at"].endswith("Z")

    def test_only_a_title_and_an_author_are_needed(self, member: Client, make: Factory) -> None:
        book = make.book(member)
        assert (book["isbn"], book["published_year"], book["genres"]) == (None, None, [])

    def test_null_is_as_good_as_nothing(self, member: Client, make: Factory) -> None:
        book = make.book(member, id=None, isbn=None, published_year=None)
        assert (book["isbn"], book["published_year"]) == (None, None)

    def test_two_books_may_share_everything_but_the_isbn(self, member: Client, make: Factory) -> None:
        book = make.book(member, title="Emma")
        twin = make.book(member, title="Emma", author_id=book["author_id"])
        assert twin["id"] != book["id"]

    def test_not_by_an_author_who_is_not_there(self, member: Client) -> None:
        reply = member.post("/books", json=EMMA | {"author_id": NO_SUCH_ID})
        assert refusal(reply) == (400, "author_missing")
        assert faults(reply) == [("/author_id", "there is no author with that id")]

    def test_no_two_with_one_isbn_however_it_is_spelled(self, member: Client, make: Factory) -> None:
        book = make.book(member, isbn="0-14-143958-0")
        reply = member.post("/books", json=EMMA | {"author_id": book["author_id"]})
        assert refusal(reply) == (409, "isbn_taken")

    def test_a_refused_one_leaves_nothing_behind(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, isbn=EMMA["isbn"])
        member.post("/books", json=EMMA | {"author_id": book["author_id"]})
        assert client.get("/books").json() == [book]

    def test_only_for_those_who_are_signed_in(self, client: Client) -> None:
        assert refusal(client.post("/books", content=b"not even JSON")) == (401, "token_missing")


class TestUpdate:
    def test_changes_the_fields_that_are_given_and_no_others(
        self, client: Client, member: Client, make: Factory
    ) -> None:
        book = make.book(member, **EMMA)
        reply = member.put(f"/books/{book['id']}", json={"published_year": 1816})
        changed = reply.json()
        assert (reply.status_code, changed["status"], changed["message"]) == (200, "success", "book 'Emma' updated")
        differing = {name for name, value in book.items() if changed[name] != value}
        assert differing == {"published_year", "version", "updated_at"}
        assert client.get(f"/books/{book['id']}").json().items() <= changed.items()

    @pytest.mark.parametrize(
        ("change", "stands"),
        [
            ({"title": " Emma: A Novel "}, dict.fromkeys(("title", "sort_title"), "Emma: A Novel")),
            ({"isbn": "0-306-40615-2"}, {"isbn": "9780306406157"}),
            ({"isbn": None}, {"isbn": None}),
            ({"published_year": -750}, {"published_year": -750}),
            ({"published_year": None}, {"published_year": None}),
            ({"genres": []}, {"genres": []}),
            ({"genres": ["Classics", "Satire"]}, {"genres": ["Classics", "Satire"]}),
            ({"genres": ["Classics", "Fiction"]}, {"genres": ["Classics", "Fiction"]}),
            (
                {"title": "Persuasion", "published_year": 1817},
                {"title": "Persuasion", "sort_title": "Persuasion", "published_year": 1817},
            ),
        ],
        ids=str,
    )
    def test_a_change_stands_and_is_one_version(
        self, member: Client, make: Factory, change: dict[str, object], stands: dict[str, object]
    ) -> None:
        book = make.book(member, **EMMA)
        member.put(f"/books/{book['id']}", json=change).raise_for_status()
        now = member.get(f"/books/{book['id']}").json()
        assert now == book | stands | {"version": 2, "updated_at": now["updated_at"]}

    @pytest.mark.parametrize("same", [{name: value} for name, value in EMMA.items()] + [EMMA], ids=str)
    def test_what_does_not_differ_is_no_new_version(
        self, member: Client, make: Factory, same: dict[str, object]
    ) -> None:
        book = make.book(member, **EMMA)
        reply = member.put(f"/books/{book['id']}", json=same).raise_for_status()
        assert book.items() <= reply.json().items()

    def test_another_author(self, member: Client, make: Factory) -> None:
        book, author = make.book(member), make.author(member)
        reply = member.put(f"/books/{book['id']}", json={"author_id": author["id"]})
        assert reply.json()["author_id"] == author["id"]

    def test_anyone_who_is_signed_in_may(self, member: Client, make: Factory) -> None:
        book = make.book(member, title="Emma")
        changed = make.user().put(f"/books/{book['id']}", json={"title": "Emma!"}).raise_for_status().json()
        assert (changed["title"], changed["created_by"]) == ("Emma!", book["created_by"])

    @pytest.mark.parametrize(
        ("change", "answer"),
        [
            ({"author_id": NO_SUCH_ID}, (400, "author_missing")),
            ({"isbn": isbn13(1)}, (409, "isbn_taken")),
            ({"title": None}, (400, "invalid_request")),
            ({}, (400, "invalid_request")),
        ],
        ids=str,
    )
    def test_a_refused_change_changes_nothing(
        self, member: Client, make: Factory, change: dict[str, object], answer: tuple[int, str]
    ) -> None:
        make.book(member, isbn=isbn13(1))
        book = make.book(member, **EMMA)
        assert refusal(member.put(f"/books/{book['id']}", json=change)) == answer
        assert member.get(f"/books/{book['id']}").json() == book

    def test_a_missing_one(self, member: Client) -> None:
        assert refusal(member.put(f"/books/{NO_SUCH_ID}", json=EMMA)) == (404, "book_not_found")

    def test_only_for_those_who_are_signed_in(self, client: Client) -> None:
        assert refusal(client.put(f"/books/{NO_SUCH_ID}", json={})) == (401, "token_missing")


class TestDelete:
    def test_it_is_gone(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, **EMMA)
        reply = member.delete(f"/books/{book['id']}")
        assert (reply.status_code, reply.json()) == (200, {"status": "success", "message": "book 'Emma' deleted"})
        assert refusal(client.get(f"/books/{book['id']}")) == (404, "book_deleted")
        assert refusal(member.delete(f"/books/{book['id']}")) == (404, "book_deleted")

    def test_its_isbn_is_free_again(self, member: Client, make: Factory) -> None:
        member.delete(f"/books/{make.book(member, **EMMA)['id']}").raise_for_status()
        assert make.book(member, **EMMA)["isbn"] == "9780141439587"

    def test_only_the_owner(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member)
        assert refusal(make.user().delete(f"/books/{book['id']}")) == (403, "not_owner")
        assert client.get(f"/books/{book['id']}").json() == book

    def test_only_for_those_who_are_signed_in(self, client: Client, member: Client, make: Factory) -> None:
        assert refusal(client.delete(f"/books/{make.book(member)['id']}")) == (401, "token_missing")
        assert refusal(client.delete(f"/books/{NO_SUCH_ID}")) == (401, "token_missing")
