"""Writes of many large books: few of them are in memory at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.db.text_size import fitting
from app.events.changes import PENDING, write_changes
from app.services import authors, genre_renaming
from app.services.undo import batches

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

BOOKS = 6
LARGE = 9_000
TWO = 25_000
"""Bytes of two of these books, and not of three."""


@pytest.fixture
def author(member: Client, make: Factory) -> dict[str, Any]:
    """An author of large books."""
    author = make.author(member, name="Jane Austen")
    books = [{"title": f"Tale {n}", "author_id": author["id"], "description": "d" * LARGE} for n in range(BOOKS)]
    member.post("/books/batch", json={"books": books}).raise_for_status()
    return author


def names(client: Client) -> set[str]:
    return {part["name"] for book in client.get("/books").json() for part in book["contributors"]}


class TestRenaming:
    def test_of_an_author_writes_few_books_at_once(
        self, member: Client, author: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noted: list[int] = []

        def note(db: Session) -> None:
            noted.append(len(db.info[PENDING]))
            write_changes(db)

        monkeypatch.setattr(authors, "write_changes", note)
        monkeypatch.setattr(authors, "LARGEST_AT_ONCE", TWO)
        member.patch(f"/authors/{author['id']}", json={"name": "Emily Brontë"}).raise_for_status()
        assert noted == [1 + 2, 2, 2]
        assert names(member) == {"Emily Brontë"}
        changes = member.get("/changes?limit=200").json()[-BOOKS:]
        assert [(change["kind"], change["via"], change["version"]) for change in changes] == [("book", "rename", 2)] * 6
        assert [change["before"]["updated_by"] for change in changes] == [
            change["after"]["updated_by"] for change in changes
        ]

    def test_of_a_genre_moves_few_books_at_once(
        self,
        member: Client,
        author: dict[str, Any],
        database: DatabaseInside,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for book in member.get("/books").json():
            member.patch(f"/books/{book['id']}", json={"genres": ["Novel"]}).raise_for_status()
        monkeypatch.setattr(genre_renaming, "LARGEST_AT_ONCE", TWO)
        renaming = genre_renaming.GenreRenaming("Novel", "Tale")
        moved = []
        for _ in range(BOOKS // 2 + 1):
            with database.transaction() as db:
                moved.append(renaming.move_some(db))
        assert moved == [2, 2, 2, 0]
        assert [book["genres"] for book in member.get(f"/authors/{author['id']}/books").json()["books"]] == [
            ["Tale"]
        ] * BOOKS


class TestUndo:
    @pytest.fixture
    def batch_id(self, member: Client, author: dict[str, Any]) -> int:
        del author
        batch_id: int = member.get("/batches?limit=1").json()[0]["id"]
        return batch_id

    def test_changes_few_books_at_once(
        self, member: Client, batch_id: int, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "LARGEST_AT_ONCE", TWO)
        with database.reading() as connection:
            assert [len(nets) for nets in batches.slices_of(connection, batch_id)] == [2, 2, 2]
        reply = member.post(f"/batches/{batch_id}/undo").json()
        assert (reply["records"], reply["complete"], member.get("/books").json()) == (BOOKS, True, [])
        assert {change["batch_id"] for change in member.get("/changes?limit=200").json()[-BOOKS:]} == {
            reply["batch_id"]
        }

    def test_of_what_is_undone_meanwhile_is_no_batch(
        self, member: Client, batch_id: int, database: DatabaseInside
    ) -> None:
        with database.reading() as connection:
            slices = batches.slices_of(connection, batch_id)
        [(first, _)] = batches.undo_slices(slices, database.transaction, None, "undo")
        assert list(batches.undo_slices(slices, database.transaction, None, "again")) == [(None, [])]
        assert [batch["id"] for batch in member.get("/batches").json()] == [first, batch_id]


def test_one_always_fits() -> None:
    assert [fitting(sizes, 10) for sizes in ([11, 1], [10, 1], [5, 5, 1], [5, 5], [])] == [1, 1, 2, 2, 1]
