"""What a batch sends to the database: as many statements for a hundred books as for two, whatever becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.services import book_rows
from devtools.databases import counted_queries
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

FIRST = 720_000_000


def items(author: dict[str, Any], number: int, title: str) -> list[dict[str, Any]]:
    """Books with ISBNs, genres and contributors."""
    part = {"author_id": author["id"], "name": author["name"]}
    return [
        {
            "title": f"{title} {place}",
            "contributors": [part],
            "isbn": isbn13(FIRST + place),
            "genres": ["Shared", f"Genre {place % 4}"],
        }
        for place in range(number)
    ]


class TestStatements:
    def test_do_not_increase_with_the_books(self, member: Client, make: Factory, database: DatabaseInside) -> None:
        author = make.author(member)
        sent = []
        for title, number in (("Book", 8), ("Book updated", 8), ("Book", 80), ("Book changed", 80)):
            with counted_queries(database.engine) as statements:
                reply = member.post("/books/batch", json={"books": items(author, number, title)}).json()
            assert [result["outcome"] for result in reply["results"]] == ["succeeded"] * number
            sent.append(len(statements))
        created, updated, _mixed, many_updated = sent
        assert updated == many_updated
        assert max(sent) <= created + 10

    def test_do_not_increase_with_supplied_ids(self, member: Client, make: Factory, database: DatabaseInside) -> None:
        author_id = make.author(member)["id"]
        sent = []
        for number in (4, 60):
            books = [{"title": "Emma", "author_id": author_id} for _ in range(number)]
            for place in range(0, number, 2):
                books[place]["id"] = FIRST + number * 1000 + place
            with counted_queries(database.engine) as statements:
                reply = member.post("/books/batch", json={"books": books}).json()
            assert [result["status"] for result in reply["results"]] == [201] * number
            sent.append(len(statements))
        assert sent[1] <= sent[0]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
class TestIsbn:
    """On SQLite a batch is the only writer."""

    def test_that_is_taken_while_the_batch_is_prepared(
        self, member: Client, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        author = make.author(member)
        existing = make.book(member, author_id=author["id"], isbn=isbn13(FIRST), title="Emma")
        monkeypatch.setattr(book_rows, "load", lambda *_: [])
        first, second = items(author, 2, "Persuasion")
        again = first | {"title": "Sanditon", "genres": ["Lost"]}
        results = member.post("/books/batch", json={"books": [first, second, again]}).json()["results"]
        assert [result["status"] for result in results] == [409, 201, 409]
        assert results[0]["problem"]["code"] == "isbn_taken"
        monkeypatch.undo()
        assert member.get(f"/books/{existing['id']}").json() == existing
        assert [genre["name"] for genre in member.get("/genres").json()] == ["Genre 1", "Shared"]
        assert [len(member.get(f"/books?q={q}").json()) for q in ("sanditon", "persuasion")] == [0, 1]

    def test_that_is_taken_refuses_an_atomic_batch(
        self, member: Client, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        author = make.author(member)
        make.book(member, author_id=author["id"], isbn=isbn13(FIRST + 1), title="Emma")
        monkeypatch.setattr(book_rows, "load", lambda *_: [])
        reply = member.post("/books/batch?atomic=true", json={"books": items(author, 2, "Persuasion")})
        assert reply.status_code == 400
        assert reply.json()["errors"][0]["pointer"] == "/books/1"
        assert [book["title"] for book in member.get("/books").json()] == ["Emma"]
