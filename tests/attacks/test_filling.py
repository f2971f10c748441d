"""A member fills tables that clients cannot clear, and deletes what can be deleted: nothing remains of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.models import BookGenre, Genre, SearchWord
from app.services.cleanup.full_sweep import sweep
from tests.support.factories import Factory

if TYPE_CHECKING:
    from tests.attacks.attack_fixtures import AttackContext

BOOKS = 20
MOST_GENRES = 100 + 5 * BOOKS
MOST_WORDS = 50 + 10 * BOOKS
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def random_word() -> str:
    return secrets.token_hex(10).translate(LETTERS)


def size(context: AttackContext) -> list[int]:
    """The rows that outlast a deleted book, unless the service removes them."""
    words = select(func.count()).select_from(SearchWord)
    with context.database.reading() as connection:
        return [
            connection.scalar(counted) or 0
            for counted in (
                select(func.count()).select_from(Genre),
                select(func.count()).select_from(BookGenre),
                words.where(SearchWord.variant == SearchWord.word),
                words,
            )
        ]


def filling(author_id: int) -> dict[str, Any]:
    """A batch of nothing but new words, with 9 new genres in each book."""
    genres = [[f"{random_word()} {random_word()}" for _ in range(9)] for _ in range(BOOKS)]
    return {"books": [{"title": random_word(), "author_id": author_id, "genres": some} for some in genres]}


class TestFilling:
    @pytest.fixture
    def author_id(self, context: AttackContext) -> int:
        author_id: int = Factory(context.anonymous).author(context.attacker.client)["id"]
        return author_id

    def test_leaves_the_tables_as_they_were(self, context: AttackContext, author_id: int) -> None:
        sweep(context.database)
        before = size(context)
        member = context.attacker.client
        books = []
        for _ in range(2):
            answer = member.post("/books/batch", json=filling(author_id)).raise_for_status()
            books += [result["book"]["id"] for result in answer.json()["results"] if result["book"]]
        grown = [after - was for after, was in zip(size(context), before, strict=True)]
        assert len(books) == 2 * BOOKS
        assert 0 < grown[0] <= 2 * MOST_GENRES
        assert 0 < grown[2] <= 2 * MOST_WORDS
        for book_id in books:
            member.delete(f"/books/{book_id}").raise_for_status()
        assert size(context)[:2] == before[:2]
        sweep(context.database)
        assert size(context) == before

    def test_with_genres_alone_is_limited(self, context: AttackContext, author_id: int) -> None:
        names = [[random_word() for _ in range(100)] for _ in range(BOOKS)]
        books = [{"title": "Emma", "author_id": author_id, "genres": some} for some in names]
        before = size(context)[0]
        answer = context.attacker.client.post("/books/batch", json={"books": books})
        statuses = [result["status"] for result in answer.json()["results"]]
        assert statuses == [201] * 2 + [400] * (BOOKS - 2)
        assert size(context)[0] - before == MOST_GENRES
