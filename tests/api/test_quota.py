"""The quota of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.models import User
from app.security.roles import ADMIN, WRITE
from tests.api.responses import faults, refusal
from tests.support.factories import Factory, isbn13

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

REACHED = (403, "quota_reached")
MOST = 3


@pytest.fixture
def client(service_with: Callable[..., Client]) -> Client:
    """A client of a service with a quota."""
    return service_with(quota_records=MOST)


def statuses(member: Client, *books: dict[str, Any], atomic: str = "false") -> list[int]:
    answer = member.post(f"/books/batch?atomic={atomic}", json={"books": books})
    return [result["status"] for result in answer.raise_for_status().json()["results"]]


class TestQuota:
    def test_counts_books_and_authors_that_exist(self, member: Client, make: Factory) -> None:
        author_id = make.author(member)["id"]
        book = make.book(member, author_id=author_id)
        make.book(member, author_id=author_id)
        more = {"title": "One more", "author_id": author_id}
        assert refusal(member.post("/books", json=more)) == REACHED
        assert refusal(member.post("/authors", json={"name": "One More"})) == REACHED
        assert len(member.get("/books").json()) == MOST - 1
        member.delete(f"/books/{book['id']}").raise_for_status()
        assert member.post("/books", json=more).status_code == 201

    def test_is_each_members_own(self, member: Client, make: Factory) -> None:
        for user in (member, make.user()):
            for _ in range(MOST):
                make.author(user)
            assert refusal(user.post("/authors", json={"name": "One More"})) == REACHED

    def test_holds_for_keys(self, member: Client, make: Factory) -> None:
        for _ in range(MOST):
            make.author(member)
        program = member.as_bearer(make.key(member, WRITE)["key"])
        assert refusal(program.post("/authors", json={"name": "One More"})) == REACHED

    def test_lets_changes_through(self, member: Client, make: Factory) -> None:
        author_id = make.author(member)["id"]
        books = [make.book(member, author_id=author_id, isbn=isbn13(number)) for number in range(MOST - 1)]
        item = {"id": books[0]["id"], "title": "Changed", "author_id": author_id, "isbn": isbn13(0)}
        assert statuses(member, item) == [200]

    def test_does_not_bind_admins(self, member: Client, make: Factory, database: DatabaseInside) -> None:
        database.mark(User, member.get("/auth/me").json()["id"], role=ADMIN)
        for _ in range(MOST + 1):
            make.author(member)

    def test_is_none_by_default(self, service_with: Callable[..., Client]) -> None:
        unbound = service_with()
        member = Factory(unbound).user()
        for _ in range(MOST + 1):
            Factory(unbound).author(member)


class TestBatch:
    def test_is_filled_up_to_the_quota(self, member: Client, make: Factory) -> None:
        author_id = make.author(make.user())["id"]
        items = [{"title": f"Book {number}", "author_id": author_id, "isbn": isbn13(number)} for number in range(5)]
        items[1]["author_id"] = 10**15  # an item that fails takes no room
        assert statuses(member, *items, items[0]) == [201, 400, 201, 201, 403, 200]
        assert statuses(member, {"title": "One more", "author_id": author_id}) == [403]

    def test_that_is_atomic_is_refused(self, member: Client, make: Factory) -> None:
        author_id = make.author(make.user())["id"]
        books = [{"title": f"Book {number}", "author_id": author_id} for number in range(MOST + 1)]
        answer = member.post("/books/batch?atomic=true", json={"books": books})
        assert refusal(answer) == (400, "invalid_request")
        [(where, _)] = faults(answer)
        assert where == f"/books/{MOST}"
        assert member.get("/books").json() == []
