"""Whose books and authors a user may change and delete: their own, those of others, and as an admin all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.models import Author, Book
from app.security.roles import WRITE
from tests.api.responses import refusal, user_id
from tests.support.client import Client
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.factories import Factory

NOT_YOURS = (403, "not_owner")
CHANGES = {
    "PUT of a book": ("PUT", "book", {"title": "Emma!"}),
    "PATCH of a book": ("PATCH", "book", {"pages": None}),
    "PUT of an author": ("PUT", "author", {"name": "Miss Austen"}),
    "PATCH of an author": ("PATCH", "author", {"country": None}),
}

Change = Callable[[Client], httpx.Response]
Among = Callable[[Client], Client]


@pytest.fixture
def other(make: Factory) -> Client:
    """Another user."""
    return make.user()


@pytest.fixture
def author(member: Client, make: Factory) -> str:
    """The address of the member's author, who has no books."""
    return f"/authors/{make.author(member, name='Jane Austen', country='England')['id']}"


@pytest.fixture
def book(member: Client, make: Factory) -> str:
    """The address of the member's book."""
    return f"/books/{make.book(member, title='Emma', isbn=isbn13(1), pages=500)['id']}"


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> Change:
    """One of the ways to change what is the member's."""
    method, which, body = CHANGES[request.param]
    path = request.getfixturevalue(which)
    return lambda client: client.request(method, path, json=body)


@pytest.fixture
def among_owners(service_with: Callable[..., Client]) -> Among:
    """The same client, at a service with `EDITING=owner`."""
    service = service_with(editing="owner")
    return lambda client: service.as_bearer(client.headers["Authorization"].split()[1])


def send(client: Client, *books: dict[str, Any], atomic: str = "false") -> httpx.Response:
    return client.post("/books/batch", params={"atomic": atomic}, json={"books": books})


class TestMembersEdit:
    def test_anybody_s(self, other: Client, change: Change) -> None:
        assert change(other).json()["version"] == 2

    def test_what_they_change_is_not_theirs(self, member: Client, other: Client, book: str) -> None:
        changed = other.put(book, json={"title": "Emma!"}).json()
        assert changed["created_by"] == user_id(member) != user_id(other)

    def test_only_the_owner_deletes(self, other: Client, book: str, author: str) -> None:
        assert {refusal(other.delete(path)) for path in (book, author)} == {NOT_YOURS}
        assert {other.get(path).status_code for path in (book, author)} == {200}

    def test_a_batch_updates_anybody_s(self, member: Client, other: Client, book: str) -> None:
        item = {"title": "Emma!", "isbn": isbn13(1), "author_id": other.get(book).json()["author_id"]}
        [result] = send(other, item).json()["results"]
        assert (result["status"], result["book"]["created_by"]) == (200, user_id(member))


class TestOwnersEdit:
    def test_their_own(self, member: Client, among_owners: Among, change: Change) -> None:
        assert change(among_owners(member)).json()["version"] == 2

    def test_not_another_owners_record(
        self, other: Client, among_owners: Among, change: Change, book: str, author: str
    ) -> None:
        before = other.get(book).json(), other.get(author).json()
        assert refusal(change(among_owners(other))) == NOT_YOURS
        assert before == (other.get(book).json(), other.get(author).json())

    def test_is_told_before_the_tag_is_looked_at(self, other: Client, among_owners: Among, book: str) -> None:
        headers = {"If-Match": '"0123456789abcdef"'}
        assert refusal(among_owners(other).put(book, json={"title": "Emma!"}, headers=headers)) == NOT_YOURS

    def test_in_a_batch_too(self, other: Client, among_owners: Among, make: Factory, book: str) -> None:
        before = other.get(book).json()
        author_id = make.author(other)["id"]
        new = {"title": "Romola", "author_id": author_id}
        foreign = {"title": "Mine now", "isbn": isbn13(1), "author_id": author_id}
        results = send(among_owners(other), new, foreign).json()["results"]
        assert [result["status"] for result in results] == [201, 403]
        assert results[1]["problem"]["code"] == "not_owner"
        assert refusal(send(among_owners(other), new, foreign, atomic="true")) == (400, "invalid_request")
        assert other.get(book).json() == before


class TestAdmin:
    def test_changes_anybody_s(self, admin: Client, among_owners: Among, change: Change) -> None:
        assert change(among_owners(admin)).json()["version"] == 2

    def test_deletes_anybody_s(self, admin: Client, book: str, author: str) -> None:
        assert {admin.delete(path).status_code for path in (book, author)} == {200}
        assert {admin.get(path).status_code for path in (book, author)} == {404}

    def test_deletes_a_record_without_an_owner(
        self, member: Client, admin: Client, database: DatabaseInside, book: str, author: str
    ) -> None:
        """An import from the command line, or a user who is gone, leaves books without an owner."""
        for table, path in ((Book, book), (Author, author)):
            database.mark(table, int(path.rpartition("/")[2]), created_by=None)
            assert refusal(member.delete(path)) == NOT_YOURS
            assert admin.delete(path).status_code == 200

    @pytest.mark.parametrize("atomic", ["false", "true"])
    def test_updates_anybody_s_in_a_batch(
        self, member: Client, admin: Client, among_owners: Among, book: str, atomic: str
    ) -> None:
        item = {"title": "Emma!", "isbn": isbn13(1), "author_id": admin.get(book).json()["author_id"]}
        [result] = send(among_owners(admin), item, atomic=atomic).json()["results"]
        assert (result["status"], result["book"]["created_by"]) == (200, user_id(member))

    def test_with_a_key_has_the_same_power(self, admin: Client, among_owners: Among, make: Factory, book: str) -> None:
        program = among_owners(admin).as_bearer(make.key(admin, WRITE)["key"])
        assert program.patch(book, json={"pages": None}).status_code == 200
        assert program.delete(book).status_code == 200
