"""`updated_by`: who last changed a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.models import Author, Book

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

RECORDS = {"books": ("title", Book), "authors": ("name", Author)}
CHANGES = [(method, records) for method in ("PUT", "PATCH") for records in RECORDS]


def user_id(client: Client) -> int:
    return int(client.get("/auth/me").json()["id"])


@pytest.fixture
def other(make: Factory) -> Client:
    """Another user."""
    return make.user()


@pytest.fixture
def paths(member: Client, make: Factory) -> dict[str, str]:
    """A book and an author that `member` added."""
    book = make.book(member, title="Emma", isbn="9780141439587")
    return {"books": f"/books/{book['id']}", "authors": f"/authors/{book['author_id']}"}


class TestUpdatedBy:
    @pytest.mark.parametrize("records", RECORDS)
    def test_begins_with_the_user_who_adds_it(self, member: Client, paths: dict[str, str], records: str) -> None:
        assert member.get(paths[records]).json()["updated_by"] == user_id(member)

    @pytest.mark.parametrize(("method", "records"), CHANGES)
    def test_is_the_user_of_the_last_change(
        self,
        member: Client,
        other: Client,
        paths: dict[str, str],
        database: DatabaseInside,
        *,
        method: str,
        records: str,
    ) -> None:
        field, model = RECORDS[records]
        changed = other.request(method, paths[records], json={field: "Another"}).json()
        assert (changed["updated_by"], changed["version"]) == (user_id(other), 2)
        assert other.get(paths[records]).json()["updated_by"] == user_id(other)
        assert database.connection.scalar(select(model.updated_by)) == user_id(other) != user_id(member)

    @pytest.mark.parametrize(("method", "records"), CHANGES)
    def test_stays_where_nothing_changes(
        self, other: Client, paths: dict[str, str], *, method: str, records: str
    ) -> None:
        before = other.get(paths[records]).json()
        other.request(method, paths[records], json=before).raise_for_status()
        assert other.get(paths[records]).json() == before

    def test_of_a_book_stays_where_its_author_is_renamed(
        self, member: Client, other: Client, paths: dict[str, str]
    ) -> None:
        other.patch(paths["authors"], json={"name": "J. Austen"}).raise_for_status()
        book, author = (other.get(paths[records]).json() for records in ("books", "authors"))
        assert (book["updated_by"], book["version"]) == (user_id(member), 2)
        assert author["updated_by"] == user_id(other)

    def test_follows_a_change_of_contributors_alone(
        self, member: Client, other: Client, make: Factory, paths: dict[str, str]
    ) -> None:
        translator = make.author(member)["id"]
        parts = [*other.get(paths["books"]).json()["contributors"], {"author_id": translator, "role": "trl"}]
        changed = other.patch(paths["books"], json={"contributors": parts}).json()
        assert (changed["updated_by"], changed["version"]) == (user_id(other), 2)

    def test_follows_batches(self, other: Client, paths: dict[str, str]) -> None:
        book = other.get(paths["books"]).json()
        items = [book | {"pages": 7}, {"title": "New", "author_id": book["author_id"]}]
        results = other.post("/books/batch", json={"books": items}).json()["results"]
        assert [result["book"]["updated_by"] for result in results] == [user_id(other)] * 2
        assert [result["book"]["created_by"] for result in results] == [book["created_by"], user_id(other)]

    @pytest.mark.parametrize("records", RECORDS)
    def test_can_be_selected(self, member: Client, paths: dict[str, str], records: str) -> None:
        del paths
        assert member.get(f"/{records}?fields=updated_by").json() == [{"updated_by": user_id(member)}]

    @pytest.mark.parametrize("records", RECORDS)
    def test_cannot_be_set(self, other: Client, paths: dict[str, str], records: str) -> None:
        assert other.patch(paths[records], json={"updated_by": user_id(other)}).status_code == 400
