"""`SECOND_FACTOR`: what an account can do that must have a second factor and has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.support.authenticators import add_second_factor
from tests.support.users import SignedInUser, make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.api.conftest import Clock
    from tests.support.client import Client

MISSING = (403, "second_factor_missing")
KEY = {"name": "nightly import", "scopes": ["books:write"]}
ADMINISTRATION: dict[str, Any] = {
    "GET /users": None,
    "GET /users/{user_id}": None,
    "PATCH /users/{user_id}": {"disabled": True},
    "POST /users/{user_id}/logout-all": {},
    "POST /users/{user_id}/password-reset": None,
    "GET /users/{user_id}/keys": None,
    "DELETE /users/{user_id}/totp": None,
}
WRITES: dict[str, Any] = {"POST /authors": {"name": "Jane Austen"}, "POST /auth/keys": KEY}
STILL: dict[str, Any] = {
    "GET /books": None,
    "GET /auth/me": None,
    "GET /auth/sessions": None,
    "GET /auth/keys": None,
    "GET /auth/totp": None,
    "POST /auth/totp": None,
    "POST /auth/step-up": {"password": "correct horse battery"},
    "POST /auth/logout": {},
}


@pytest.fixture
def chief(alice: SignedInUser, database: DatabaseInside) -> SignedInUser:
    """An admin without a second factor."""
    make_admin(database, alice.user_id)
    return alice


def answer(client: Client, operation: str, body: Any, user_id: int) -> Any:
    method, path = operation.format(user_id=user_id).split()
    return client.request(method, path, json=body)


class TestOfAdmins:
    def test_an_admin_without_one_may_only_add_it(
        self, chief: SignedInUser, bob: SignedInUser, service_with: Callable[..., Client], clock: Clock
    ) -> None:
        client = service_with(second_factor="admins").as_bearer(chief.access_token)
        operations = ADMINISTRATION | WRITES
        refused = [answer(client, operation, body, bob.user_id) for operation, body in operations.items()]
        assert [refusal(reply) for reply in refused] == [MISSING] * len(operations)
        assert "POST /auth/totp" in refused[0].json()["detail"]
        add_second_factor(client, clock.now)
        allowed = [answer(client, operation, body, bob.user_id) for operation, body in operations.items()]
        assert {reply.status_code for reply in allowed} == {200, 201, 409}

    def test_what_is_left(self, chief: SignedInUser, service_with: Callable[..., Client]) -> None:
        client = service_with(second_factor="admins").as_bearer(chief.access_token)
        answers = {operation: answer(client, operation, body, chief.user_id) for operation, body in STILL.items()}
        assert {operation: reply.status_code for operation, reply in answers.items()} == dict.fromkeys(STILL, 200)

    def test_members_need_none(self, bob: SignedInUser, service_with: Callable[..., Client]) -> None:
        client = service_with(second_factor="admins").as_bearer(bob.access_token)
        assert [answer(client, *write, bob.user_id).status_code for write in WRITES.items()] == [201] * len(WRITES)

    def test_one_that_was_removed_is_missing_at_once(
        self, chief: SignedInUser, service_with: Callable[..., Client], clock: Clock
    ) -> None:
        client = service_with(second_factor="admins").as_bearer(chief.access_token)
        add_second_factor(client, clock.now)
        client.delete("/auth/totp").raise_for_status()
        assert refusal(client.get("/users")) == MISSING


class TestOfEveryone:
    def test_a_member_without_one_reads_and_may_add_it(
        self, bob: SignedInUser, service_with: Callable[..., Client], clock: Clock
    ) -> None:
        client = service_with(second_factor="everyone").as_bearer(bob.access_token)
        assert client.get("/books").status_code == 200
        assert [refusal(answer(client, *write, bob.user_id)) for write in WRITES.items()] == [MISSING] * len(WRITES)
        add_second_factor(client, clock.now)
        assert [answer(client, *write, bob.user_id).status_code for write in WRITES.items()] == [201] * len(WRITES)

    def test_a_member_is_not_told_of_it_where_only_admins_are_admitted(
        self, bob: SignedInUser, service_with: Callable[..., Client]
    ) -> None:
        client = service_with(second_factor="everyone").as_bearer(bob.access_token)
        assert refusal(client.get("/users")) == (403, "not_admin")

    def test_keys_from_before_continue_to_work(self, bob: SignedInUser, service_with: Callable[..., Client]) -> None:
        client = service_with(second_factor="everyone").as_bearer(bob.new_key())
        assert client.post("/authors", json={"name": "Jane Austen"}).status_code == 201
