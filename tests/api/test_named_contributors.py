"""Contributors by name: authors that exist, or new ones, so that a book is added in one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import faults, ids, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory


def written(member: Client, way: str, contributors: list[dict[str, Any]], **fields: Any) -> Any:
    """The response to a write of a book with these contributors."""
    body = {"title": "Emma", "contributors": contributors} | fields
    if way == "batch":
        return member.post("/books/batch?atomic=true", json={"books": [body]})
    if way == "create":
        return member.post("/books", json=body)
    book = other_book(member)
    return member.request(way, f"/books/{book}", json={"contributors": contributors})


def other_book(member: Client) -> int:
    """A book by another author."""
    author_id = member.post("/authors", json={"name": "Another Author"}).raise_for_status().json()["id"]
    book_id: int = member.post("/books", json={"title": "Emma", "author_id": author_id}).json()["id"]
    return book_id


def book_of(reply: Any) -> Any:
    """The book that was written."""
    body = reply.raise_for_status().json()
    return body["results"][0]["book"] if "results" in body else body


every_way = pytest.mark.parametrize("way", ["create", "PUT", "PATCH", "batch"])


class TestNew:
    @every_way
    def test_is_an_author_who_is_created(self, client: Client, member: Client, way: str) -> None:
        book = book_of(written(member, way, [{"name": " Jane Austen "}, {"name": "R. W. Chapman", "role": "edt"}]))
        assert [(part["name"], part["role"]) for part in book["contributors"]] == [
            ("Jane Austen", "aut"),
            ("R. W. Chapman", "edt"),
        ]
        assert book["author_id"] == book["contributors"][0]["author_id"]
        author = client.get(f"/authors/{book['author_id']}").json()
        assert (author["name"], author["sort_name"], author["version"]) == ("Jane Austen", "Austen, Jane", 1)
        assert author["updated_by"] == member.get("/auth/me").json()["id"]
        [created] = client.get(f"/authors/{author['id']}/history").json()
        assert (created["action"], created["after"]) == ("created", author)
        assert ids(client.get("/authors?q=austen").json()) == [author["id"]]
        assert ids(client.get("/authors?q=Jnae Austen").json()) == [author["id"]]
        assert ids(client.get("/books?q=chapman").json()) == [book["id"]]

    def test_is_one_for_all_books_of_a_batch(self, client: Client, member: Client) -> None:
        names = ["Jane Austen", "JANE  AUSTEN", "Austen, Jane"]
        books = [{"title": name, "contributors": [{"name": name}]} for name in names]
        results = member.post("/books/batch", json={"books": books}).json()["results"]
        assert len({result["book"]["author_id"] for result in results}) == 1
        assert len(client.get("/authors").json()) == 1

    def test_counts_for_the_quota_and_can_be_deleted_later(self, member: Client) -> None:
        book = book_of(written(member, "create", [{"name": "Jane Austen"}]))
        member.delete(f"/books/{book['id']}").raise_for_status()
        assert member.delete(f"/authors/{book['author_id']}").status_code == 200


class TestExisting:
    @every_way
    @pytest.mark.parametrize(
        "name", ["Jane Austen", "jane austen", "Austen, Jane", "A Lady", "LADY, A", "Остин, Джейн"]
    )
    def test_is_found_by_any_name(self, member: Client, make: Factory, way: str, name: str) -> None:
        author = make.author(member, name="Jane Austen", aliases=["A Lady", "Джейн Остин"])
        book = book_of(written(member, way, [{"name": name}]))
        assert book["contributors"] == [{"author_id": author["id"], "name": "Jane Austen", "role": "aut"}]

    def test_may_be_stored_in_the_other_order(self, member: Client, make: Factory) -> None:
        author = make.author(member, name="King, Martin Luther, Jr.")
        assert book_of(written(member, "create", [{"name": "Martin Luther King Jr."}]))["author_id"] == author["id"]

    def test_goes_with_ids(self, member: Client, make: Factory) -> None:
        one, other = make.author(member, name="One"), make.author(member, name="Other")
        parts = [{"author_id": one["id"]}, {"name": "Other", "role": "trl"}]
        book = book_of(written(member, "create", parts, author_id=other["id"]))
        assert (book["author_id"], [part["author_id"] for part in book["contributors"]]) == (
            other["id"],
            [one["id"], other["id"]],
        )


class TestRefused:
    """Nothing is written: no book, and no author."""

    @every_way
    def test_if_it_is_the_name_of_several(self, client: Client, member: Client, make: Factory, way: str) -> None:
        some = [make.author(member, name="John Smith"), make.author(member, name="X", aliases=["Smith, John"])]
        reply = written(member, way, [{"name": "New One"}, {"name": "John Smith"}])
        [(pointer, detail)] = faults(reply)
        assert pointer.endswith("/contributors/1/name")
        listed = ", ".join(str(author["id"]) for author in some)
        assert detail == f"is the name of several authors: give the author_id ({listed})"
        assert client.get("/authors?q=new one").json() == []

    @pytest.mark.parametrize(
        ("contributor", "pointer", "detail"),
        [
            ({}, "author_id", "is required, unless there is a name"),
            ({"author_id": None, "name": None}, "author_id", "is required, unless there is a name"),
            ({"name": " "}, "name", "must not be empty"),
            ({"name": ""}, "name", "must not be empty"),
            ({"name": "x" * 256}, "name", "must have at most 255 characters"),
            ({"name": "a\0b"}, "name", "must not contain control characters or line breaks"),
            ({"name": 5}, "name", "must be a string"),
        ],
    )
    def test_if_it_is_no_name(
        self, client: Client, member: Client, contributor: dict[str, Any], pointer: str, detail: str
    ) -> None:
        reply = written(member, "create", [contributor])
        assert faults(reply) == [(f"/contributors/0/{pointer}", detail)]
        assert client.get("/authors").json() == []

    def test_if_it_is_twice_the_same_person(self, member: Client, make: Factory) -> None:
        author = make.author(member, name="Jane Austen")
        for others in ({"name": "Jane Austen"}, {"author_id": author["id"]}):
            reply = written(member, "create", [{"name": "Austen, Jane"}, others])
            assert faults(reply) == [("/contributors", "must not repeat a person in the same role")]
        both = [{"name": "New One"}, {"name": "new  one"}]
        assert faults(written(member, "create", both)) == [
            ("/contributors", "must not repeat a person in the same role")
        ]
        assert member.get("/authors?q=new one").json() == []

    def test_if_the_main_author_is_none_of_them(self, member: Client, make: Factory) -> None:
        author = make.author(member)
        reply = written(member, "create", [{"name": "New One"}], author_id=author["id"])
        assert faults(reply) == [("/author_id", "must be among the contributors")]
        assert member.get("/authors?q=new one").json() == []

    def test_leaves_nothing_of_a_book_whose_isbn_is_taken(self, member: Client, make: Factory) -> None:
        make.book(member, isbn=isbn13(1))
        reply = written(member, "create", [{"name": "New One"}], isbn=isbn13(1))
        assert refusal(reply) == (409, "isbn_taken")
        assert member.get("/authors?q=new one").json() == []
