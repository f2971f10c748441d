"""Many books in one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.batches import send, statuses
from tests.api.responses import faults, ids, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

NO_SUCH_ID = 10**17


@pytest.fixture
def author(member: Client, make: Factory) -> int:
    """Who wrote them all."""
    author_id: int = make.author(member)["id"]
    return author_id


class TestBatch:
    def test_creates_updates_and_refuses_in_order(self, member: Client, make: Factory, author: int) -> None:
        existing = make.book(member, title="Emma", author_id=author, isbn=isbn13(1), pages=512, genres=["Fiction"])
        reply = send(
            member,
            {"title": "Persuasion", "author_id": author, "genres": ["Fiction", "New"]},
            {"title": "Emma!", "author_id": author, "isbn": isbn13(1)},
            {"title": " ", "author_id": author},
            {"title": "Lost", "author_id": NO_SUCH_ID},
            {"title": "Sanditon", "contributors": [{"author_id": author, "role": "aut"}], "series_position": 1},
        )
        results = reply.json()["results"]
        assert statuses(reply) == [201, 200, 400, 400, 201]
        assert reply.json()["message"] == "2 created, 1 updated, 2 failed"
        assert [result["index"] for result in results] == [0, 1, 2, 3, 4]
        outcomes = ["succeeded", "succeeded", "failed", "failed", "succeeded"]
        assert [result["outcome"] for result in results] == outcomes
        codes = [result["problem"] and result["problem"]["code"] for result in results]
        assert codes == [None, None, "invalid_request", "author_missing", None]
        assert results[2]["problem"]["errors"] == [{"pointer": "/title", "detail": "must not be empty"}]
        read = {book["id"]: book for book in member.get("/books").json()}
        assert [result["book"] for result in results if result["book"]] == [
            read[result["book"]["id"]] for result in results if result["book"]
        ]
        updated = read[existing["id"]]
        assert (updated["title"], updated["pages"], updated["genres"]) == ("Emma!", 512, ["Fiction"])
        assert (updated["version"], len(read)) == (2, 3)

    def test_of_what_does_not_differ_is_no_new_version(self, member: Client, make: Factory, author: int) -> None:
        book = make.book(member, title="Emma", author_id=author, isbn=isbn13(1))
        reply = send(member, {"title": "Emma", "author_id": author, "isbn": isbn13(1)})
        assert reply.json()["results"] == [
            {"index": 0, "outcome": "succeeded", "status": 200, "book": book, "problem": None}
        ]

    @pytest.mark.parametrize("atomic", ["false", "true"])
    def test_of_two_with_one_isbn_is_one_book(self, member: Client, author: int, atomic: str) -> None:
        items = [{"title": title, "author_id": author, "isbn": isbn13(1)} for title in ("Emma", "Emma: A Novel")]
        assert statuses(send(member, *items, atomic=atomic)) == [201, 200]
        assert [book["title"] for book in member.get("/books").json()] == ["Emma: A Novel"]

    @pytest.mark.parametrize("first", ["in the catalogue", "in the batch"])
    def test_of_two_titles_with_one_isbn_is_a_conflict(
        self, member: Client, make: Factory, author: int, first: str
    ) -> None:
        emma, persuasion = (
            {"title": title, "author_id": author, "isbn": isbn13(1)} for title in ("Emma", "Persuasion")
        )
        if first == "in the catalogue":
            make.book(member, **emma)
        reply = send(member, emma, persuasion)
        assert statuses(reply) == [200 if first == "in the catalogue" else 201, 409]
        problem = reply.json()["results"][1]["problem"]
        assert problem["code"] == "isbn_taken"
        assert "“Emma”, has that ISBN and another title" in problem["detail"]
        assert [book["title"] for book in member.get("/books").json()] == ["Emma"]

    def test_renames_a_book_whose_id_it_has(self, member: Client, make: Factory, author: int) -> None:
        book = make.book(member, title="Emma", author_id=author, isbn=isbn13(1))
        reply = send(member, {"title": "Persuasion", "author_id": author, "isbn": isbn13(1), "id": book["id"]})
        assert statuses(reply) == [200]

    def test_may_bring_ids_amid_others(self, member: Client, author: int) -> None:
        brought = [None, 10**8, None, 10**8, None]
        reply = send(member, *({"title": "Emma", "author_id": author, "id": number} for number in brought))
        assert statuses(reply) == [201, 201, 201, 409, 201]
        assert reply.json()["results"][3]["problem"]["code"] == "id_taken"
        assert len(set(ids(member.get("/books").json()))) == 4

    def test_with_the_isbn_of_one_and_the_id_of_another(self, member: Client, make: Factory, author: int) -> None:
        make.book(member, isbn=isbn13(1), author_id=author)
        reply = send(member, {"title": "Emma", "author_id": author, "isbn": isbn13(1), "id": 10**8})
        assert statuses(reply) == [409]

    def test_is_found_by_search(self, member: Client, author: int) -> None:
        send(member, {"title": "Emma Watson", "author_id": author, "isbn": isbn13(1)})
        send(member, {"title": "Emma Woodhouse Watson", "author_id": author, "isbn": isbn13(1)})
        send(member, {"title": "Emma Woodhouse", "author_id": author, "isbn": isbn13(1)})
        assert [len(member.get(f"/books?q={q}").json()) for q in ("woodhouse", "watson")] == [1, 0]

    def test_leaves_nothing_of_what_failed(self, member: Client, make: Factory, author: int) -> None:
        make.book(member, author_id=author, genres=["Fiction"])
        reply = send(
            member,
            {"title": "Lost", "author_id": NO_SUCH_ID, "genres": ["fiction", "Lost", "Shared"]},
            {"title": "Emma", "author_id": author, "genres": ["Shared"]},
        )
        assert statuses(reply) == [400, 201]
        assert [genre["name"] for genre in member.get("/genres").json()] == ["Fiction", "Shared"]

    def test_takes_a_thousand(self, member: Client, author: int) -> None:
        reply = send(member, {"title": "Emma", "author_id": author}, *[{"title": " ", "author_id": author}] * 999)
        assert statuses(reply) == [201] + [400] * 999
        assert member.get("/books?limit=1&count=exact").headers["X-Total-Count"] == "1"


class TestManyFaults:
    def test_are_listed_up_to_a_hundred_of_the_whole_batch(self, member: Client, author: int) -> None:
        """A batch of 1 MB used to be answered with 15."""
        wrong = {f"unknown {number}": 1 for number in range(30)}
        body = {"books": [*[wrong] * 50, {"title": "Emma", "author_id": author}]}
        results = member.post("/books/batch", json=body).json()["results"]
        assert [result["status"] for result in results] == [400] * 50 + [201]
        assert sum(len(result["problem"].get("errors", [])) for result in results[:-1]) == 100
        assert results[49]["problem"]["detail"] == "Invalid request body: 32 faults"

    def test_of_one_item_are_one_where_most_fields_are_unknown(self, member: Client) -> None:
        wrong = {f"unknown {number}": 1 for number in range(1_000)}
        [result] = member.post("/books/batch", json={"books": [wrong]}).json()["results"]
        assert len(result["problem"]["errors"]) == 1


class TestAtomic:
    def test_is_all_of_it(self, member: Client, author: int) -> None:
        items = [{"title": title, "author_id": author} for title in ("Emma", "Persuasion")]
        assert statuses(send(member, *items, atomic="true")) == [201, 201]

    def test_or_nothing(self, member: Client, make: Factory, author: int) -> None:
        existing = make.book(member, title="Emma", author_id=author, isbn=isbn13(1), id=10**8)
        reply = send(
            member,
            {"title": "Emma!", "author_id": author, "isbn": isbn13(1)},
            {"title": " ", "author_id": author, "genres": ["", "New"]},
            {"title": "Right", "author_id": author},
            {"title": "Lost", "contributors": [{"author_id": NO_SUCH_ID}]},
            {"title": "Taken", "author_id": author, "id": 10**8},
            atomic="true",
        )
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == [
            ("/books/1/title", "must not be empty"),
            ("/books/1/genres/0", "must not be empty"),
            ("/books/3/contributors/0/author_id", "there is no author with that id"),
            ("/books/4", "Another record already has that id."),
        ]
        assert member.get("/books").json() == [existing]
        assert member.get("/genres").json() == []
        assert member.get("/books?q=right").json() == []


class TestRefused:
    @pytest.mark.parametrize(
        ("body", "where", "detail"),
        [
            ({"books": []}, "/books", "must not be empty"),
            ({"books": [{}] * 1001}, "/books", "must have at most 1000 entries"),
            ({"books": {}}, "/books", "must be a list"),
            ({"books": None}, "/books", "must be a list"),
            ({"books": [5]}, "/books/0", "must be a JSON object"),
            ({}, "/books", "is required"),
            ({"books": [{}], "mode": 1}, "/mode", "is not a known field"),
        ],
        ids=lambda value: str(value)[:20],
    )
    def test_is_what_is_no_batch(self, member: Client, body: dict[str, Any], where: str, detail: str) -> None:
        reply = member.post("/books/batch", json=body)
        assert (refusal(reply), faults(reply)) == ((400, "invalid_request"), [(where, detail)])

    @pytest.mark.parametrize("query", ["atomic=yes", "atomic=", "atomic=true&atomic=true", "dry_run=true"])
    def test_is_what_is_no_option(self, member: Client, author: int, query: str) -> None:
        reply = member.post(f"/books/batch?{query}", json={"books": [{"title": "Emma", "author_id": author}]})
        assert refusal(reply) == (400, "invalid_request")
        assert member.get("/books").json() == []

    def test_is_who_is_not_signed_in(self, client: Client) -> None:
        assert refusal(client.post("/books/batch", content=b"{")) == (401, "token_missing")
