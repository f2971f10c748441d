"""Books."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.client import Client
    from tests.factories import Factory

EMMA = {"title": "Emma", "isbn": "978-0-14-143958-7", "published_year": 1815, "genres": ["Fiction", "Classics"]}


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

    def test_only_a_title_and_an_author_are_needed(self, member: Client, make: Factory) -> None:
        book = make.book(member)
        assert (book["isbn"], book["published_year"], book["genres"]) == (None, None, [])
