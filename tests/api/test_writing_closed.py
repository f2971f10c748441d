"""`WRITING`: who may change the catalogue at present, and what else continues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.models import User
from app.security.roles import ADMIN
from tests.api.responses import refusal
from tests.contract.principals import token_of
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

CLOSED = (403, "writing_closed")


@pytest.fixture
def book(member: Client, make: Factory) -> str:
    """A book of the member's, added while the catalogue was open."""
    return f"/books/{make.book(member)['id']}"


class TestClosed:
    def test_keeps_admins_out_too(
        self,
        service_with: Callable[..., Client],
        member: Client,
        book: str,
        database: DatabaseInside,
    ) -> None:
        database.mark(User, member.get("/auth/me").json()["id"], role=ADMIN)
        closed = service_with(writing="closed")
        admin = closed.as_bearer(token_of(member))
        before = closed.get(book).json()
        for answer in (
            admin.patch(book, json={"title": "Changed"}),
            admin.delete(book),
            admin.post("/authors", json={"name": "Too Late"}),
            admin.post("/books/batch", json={"books": [{"title": "Emma", "author_id": 1}]}),
            admin.post("/genres/rename", json={"name": "Fiction", "new_name": "Novels"}),
        ):
            assert refusal(answer) == CLOSED
        assert closed.get(book).json() == before

    def test_leaves_accounts_and_reading_as_they_are(
        self, service_with: Callable[..., Client], member: Client, book: str
    ) -> None:
        closed = service_with(writing="closed")
        user = closed.as_bearer(token_of(member))
        assert user.get(book).status_code == 200
        assert user.post("/auth/step-up", json={"password": PASSWORD}).status_code == 200
        key = user.post("/auth/keys", json={"name": "nightly import", "scopes": ["books:write"]})
        assert key.status_code == 201
        assert refusal(closed.as_bearer(key.json()["key"]).delete(book)) == CLOSED
        assert user.delete(f"/auth/keys/{key.json()['id']}").status_code == 200
        assert user.post("/auth/logout").status_code == 200

    def test_does_not_tell_what_exists(self, service_with: Callable[..., Client], member: Client) -> None:
        user = service_with(writing="closed").as_bearer(token_of(member))
        assert refusal(user.delete("/books/999999")) == CLOSED

    def test_is_announced(self, service_with: Callable[..., Client]) -> None:
        modes = ["members", "admins", "closed"]
        assert [service_with(writing=mode).get("/").json()["writing"] for mode in modes] == modes
