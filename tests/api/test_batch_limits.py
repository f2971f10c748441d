"""What one batch may read and add: large books that exist, and new genres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.services import batches
from tests.api.batches import send, statuses
from tests.api.responses import faults
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory


@pytest.fixture
def author(member: Client, make: Factory) -> int:
    """Who wrote them all."""
    author_id: int = make.author(member)["id"]
    return author_id


class TestLargeBooks:
    def test_that_exist_are_read_up_to_a_size_together(
        self, member: Client, author: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        large = [
            {"title": "Emma", "author_id": author, "isbn": isbn13(number), "description": "x" * 9_000}
            for number in range(2)
        ]
        assert statuses(send(member, *large)) == [201, 201]
        monkeypatch.setattr(batches, "MOST_EXISTING", 25_000)
        small = {"title": "Emma", "author_id": author}
        changed = [{"title": "Emma", "isbn": book["isbn"], "author_id": author, "pages": 7} for book in large]
        reply = send(member, changed[0], changed[0], changed[1], small, changed[0])
        assert statuses(reply) == [200, 200, 400, 201, 400]
        assert reply.json()["results"][2]["problem"]["code"] == "batch_too_large"
        pages = [book["pages"] for book in member.get("/books").json()]
        assert pages == [7, None, None]
        assert statuses(send(member, changed[1])) == [200]


class TestNewGenres:
    def test_are_limited_by_the_number_of_books(self, member: Client, author: int) -> None:
        def item(first: int, number: int) -> dict[str, Any]:
            return {"title": "Emma", "author_id": author, "genres": [f"G{first + place}" for place in range(number)]}

        reply = send(
            member, item(0, 60), {"title": " "}, item(0, 60), item(60, 55), item(60, 54), item(0, 100), item(115, 16)
        )
        assert statuses(reply) == [201, 400, 201, 201, 201, 201, 400]
        assert reply.json()["results"][-1]["problem"]["code"] == "too_many_new_genres"
        assert len(member.get("/genres?limit=200").json()) == 115
        assert statuses(send(member, item(115, 16))) == [201]

    def test_of_an_item_that_fails_do_not_remain(self, member: Client, author: int) -> None:
        names = [f"G{number}" for number in range(100)]
        reply = send(member, {"title": "Lost", "author_id": 10**17, "genres": names})
        assert statuses(reply) == [400]
        assert member.get("/genres").json() == []
        assert statuses(send(member, {"title": "Emma", "author_id": author, "genres": names})) == [201]

    def test_beyond_the_limit_refuse_an_atomic_batch(self, member: Client, author: int) -> None:
        books = [
            {"title": "Emma", "author_id": author, "genres": [f"{number} {place}" for place in range(100)]}
            for number in range(2)
        ]
        reply = send(member, *books, atomic="true")
        assert faults(reply) == [("/books/1/genres", "would bring more new genres than a batch may")]
        assert member.get("/genres").json() == []
