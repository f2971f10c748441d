"""Undoing all changes of a batch."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from app.routers import undo
from app.services.imports.importer import import_books
from app.services.undo import batches
from app.transfer.tables.table import Table
from tests.api.responses import refusal
from tests.api.test_undo import content
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

ROWS = "title,author,genres\nEmma,Jane Austen,Fiction\nGerminal,Émile Zola,Fiction\n"


def imported(database: DatabaseInside, member: Client) -> int:
    """An import of two books by new authors, which belong to the user. Returns: its batch."""
    owner_id = member.get("/auth/me").json()["id"]
    report = import_books(database, Table(BytesIO(ROWS.encode())), owner_id=owner_id, summary="import of books.csv")
    assert report.batch_id is not None
    return report.batch_id


def everything(client: Client) -> list[Any]:
    """All books, authors and genres."""
    return [client.get(path, params={"limit": 200}).json() for path in ("/books", "/authors", "/genres")]


class TestImport:
    def test_is_undone_as_a_whole(self, member: Client, make: Factory, database: DatabaseInside) -> None:
        make.book(member, title="Nana", by="Zola", genres=["Fiction"])
        before = everything(member)
        batch = imported(database, member)
        reply = member.post(f"/batches/{batch}/undo").json()
        assert (reply["records"], reply["complete"]) == (4, True)
        assert everything(member) == before
        assert refusal(member.post(f"/batches/{batch}/undo")) == (409, "nothing_to_undo")

    def test_its_undo_can_be_undone(self, member: Client, database: DatabaseInside) -> None:
        batch = imported(database, member)
        before = member.get("/books").json()
        undone = member.post(f"/batches/{batch}/undo").json()["batch_id"]
        assert member.get("/books").json() == []
        assert member.post(f"/batches/{undone}/undo").status_code == 200
        assert list(map(content, member.get("/books").json())) == list(map(content, before))
        summaries = [one["summary"] for one in member.get("/batches").json()]
        again = "undo of undo of import of books.csv"
        assert summaries == [again, "undo of import of books.csv", "import of books.csv"]

    def test_that_takes_too_long_is_continued_by_the_same_request(
        self, member: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "AT_ONCE", 1)
        monkeypatch.setattr(undo, "SECONDS", -1)
        batch = imported(database, member)
        replies = [member.post(f"/batches/{batch}/undo").json() for _ in range(4)]
        assert [reply["records"] for reply in replies] == [1] * 4
        assert [reply["complete"] for reply in replies] == [False] * 3 + [True]
        assert "send the request again" in replies[0]["message"]
        assert everything(member) == [[], [], []]

    def test_with_a_book_that_was_changed_since(self, member: Client, database: DatabaseInside) -> None:
        batch = imported(database, member)
        [emma, germinal] = member.get("/books").json()
        member.patch(f"/books/{emma['id']}", json={"pages": 1}).raise_for_status()
        reply = member.post(f"/batches/{batch}/undo")
        assert refusal(reply) == (409, "undo_conflict")
        assert [fault["pointer"] for fault in reply.json()["errors"]] == [f"/books/{emma['id']}/pages"]
        assert member.get(f"/books/{germinal['id']}").status_code == 200

    def test_with_an_author_who_has_other_books_by_now(
        self, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        batch = imported(database, member)
        [book, _] = member.get("/books").json()
        make.book(member, author_id=book["author_id"])
        assert refusal(member.post(f"/batches/{batch}/undo", params={"dry_run": "true"})) == (409, "undo_conflict")
        assert refusal(member.post(f"/batches/{batch}/undo")) == (409, "undo_conflict")
        assert len(member.get("/books").json()) == 3

    def test_by_others(self, member: Client, make: Factory, admin: Client, database: DatabaseInside) -> None:
        batch = imported(database, member)
        assert refusal(make.user().post(f"/batches/{batch}/undo")) == (403, "not_owner")
        assert admin.post(f"/batches/{batch}/undo", params={"dry_run": "true"}).json()["records"] == 4
        assert len(admin.get("/books").json()) == 2


class TestBatchOfBooks:
    def test_restores_what_it_updated_and_deletes_what_it_created(self, member: Client, make: Factory) -> None:
        book = make.book(member, title="Emma", isbn=isbn13(1), genres=["Fiction"])
        items = [
            {"title": "Emma!", "author_id": book["author_id"], "isbn": isbn13(1), "genres": []},
            {"title": "Persuasion", "author_id": book["author_id"]},
        ]
        batch = member.post("/books/batch", json={"books": items}).json()["batch_id"]
        assert member.post(f"/batches/{batch}/undo").json()["records"] == 2
        assert list(map(content, member.get("/books").json())) == [content(book)]

    def test_that_changes_nothing_is_none(self, member: Client, make: Factory) -> None:
        book = make.book(member, isbn=isbn13(1))
        reply = member.post(
            "/books/batch",
            json={"books": [{"title": book["title"], "isbn": isbn13(1), "author_id": book["author_id"]}]},
        )
        assert reply.json()["batch_id"] is None
        assert member.get("/batches").json() == []


class TestRenamedGenre:
    def test_gets_its_name_back(self, admin: Client, make: Factory) -> None:
        books = [make.book(admin, genres=["Sci-Fi", "Novel"]) for _ in range(2)]
        admin.post("/genres/rename", json={"name": "Sci-Fi", "new_name": "Science Fiction"}).raise_for_status()
        [batch] = admin.get("/batches").json()
        assert batch["summary"] == "genre 'Sci-Fi' renamed to 'Science Fiction'"
        assert admin.post(f"/batches/{batch['id']}/undo").json()["records"] == 2
        assert list(map(content, admin.get("/books").json())) == list(map(content, books))
