"""Accounts that are deleted, by their users and by admins: what ends, what remains, and what the row then says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.models import ApiKey, LinkedIdentity, User, UserSession
from app.services.accounts.deletion import OF_ONE_USER
from tests.api.responses import refusal
from tests.support.authenticators import add_second_factor
from tests.support.factories import PASSWORD, Factory
from tests.support.oidc import exchange, newcomer, sign_in
from tests.support.time_shift import session_was_confirmed
from tests.support.users import SignedInUser, new_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider

    Delete = Callable[[SignedInUser], None]

CONFIRMED = {"current_password": PASSWORD}
ENDED = (401, "token_invalid")
KEPT_OF_A_USER = {"id", "role", "created_at", "disabled_at"}
"""The columns of a row that is kept only for its id."""


@pytest.fixture
def chief(alice: SignedInUser, database: DatabaseInside) -> SignedInUser:
    """An admin."""
    return new_admin(alice.anonymous, database)


@pytest.fixture(params=["by the user", "by an admin"])
def delete(request: pytest.FixtureRequest, chief: SignedInUser) -> Delete:
    """Both ways to delete an account."""

    def by_user(user: SignedInUser) -> None:
        reply = user.sign_in().client.post("/auth/me/deletion", json=CONFIRMED).raise_for_status()
        assert reply.json() == {"status": "success", "message": f"user '{user.username}' deleted"}

    def by_admin(user: SignedInUser) -> None:
        reply = chief.client.delete(f"/users/{user.user_id}").raise_for_status()
        assert reply.json() == {"status": "success", "message": f"user '{user.username}' deleted"}

    return by_user if request.param == "by the user" else by_admin


def row(database: DatabaseInside, user: SignedInUser) -> dict[str, Any] | None:
    """What the database has of a user."""
    found = database.connection.execute(select(User.__table__).where(User.id == user.user_id)).mappings().first()
    return None if found is None else dict(found)


def owned_rows(database: DatabaseInside, user: SignedInUser) -> int:
    """How many rows of other tables belong to a user."""
    counts = [select(func.count()).select_from(column.table).where(column == user.user_id) for column in OF_ONE_USER]
    return sum(database.connection.scalar(count) or 0 for count in counts)


class TestDeletion:
    def test_ends_every_session_key_and_reset_at_once(
        self, alice: SignedInUser, chief: SignedInUser, delete: Delete
    ) -> None:
        elsewhere, key = alice.sign_in(), alice.new_key()
        reset = chief.client.post(f"/users/{alice.user_id}/password-reset").json()["token"]
        delete(alice)
        for token in (alice.access_token, elsewhere.access_token, key):
            assert refusal(alice.anonymous.as_bearer(token).get("/auth/me")) == ENDED
        spent = alice.anonymous.post("/auth/refresh", json={"refresh_token": elsewhere.refresh_token})
        assert refusal(spent) == (401, "refresh_token_invalid")
        redeemed = alice.anonymous.post("/auth/password-reset", json={"token": reset, "new_password": "a new one 123"})
        assert refusal(redeemed) == (401, "reset_invalid")
        login = alice.anonymous.post("/auth/login", json={"username": alice.username, "password": PASSWORD})
        assert refusal(login) == (401, "bad_credentials")

    def test_is_of_a_user_who_is_then_unknown(self, alice: SignedInUser, chief: SignedInUser, delete: Delete) -> None:
        Factory(alice.anonymous).book(alice.client)
        delete(alice)
        path, admin = f"/users/{alice.user_id}", chief.client
        replies = [
            admin.get(path),
            admin.delete(path),
            admin.patch(path, json={"disabled": False}),
            admin.post(f"{path}/logout-all"),
            admin.post(f"{path}/password-reset"),
            admin.get(f"{path}/keys"),
        ]
        assert {refusal(reply) for reply in replies} == {(404, "user_not_found")}
        assert alice.user_id not in [user["id"] for user in admin.get("/users?limit=200").json()]
        assert admin.get(f"/users?username={alice.username}").json() == []

    def test_keeps_records_and_their_owner(self, alice: SignedInUser, bob: SignedInUser, delete: Delete) -> None:
        book = Factory(alice.anonymous).book(alice.client)
        delete(alice)
        address = f"/books/{book['id']}"
        assert alice.anonymous.get(address).json() == book
        assert alice.anonymous.get(f"/books?created_by={alice.user_id}").json() == [book]
        assert bob.client.patch(address, json={"pages": 12}).json()["created_by"] == alice.user_id
        assert refusal(bob.client.delete(address)) == (403, "not_owner")

    def test_leaves_only_the_id_where_records_refer_to_it(
        self, alice: SignedInUser, database: DatabaseInside, delete: Delete
    ) -> None:
        Factory(alice.anonymous).author(alice.client)
        alice.new_key()
        delete(alice)
        kept = row(database, alice)
        assert kept is not None
        assert {name for name, value in kept.items() if value is not None} == KEPT_OF_A_USER
        assert (kept["role"], kept["created_at"]) == ("member", kept["disabled_at"])
        assert owned_rows(database, alice) == 0

    def test_leaves_nothing_where_no_record_refers_to_it(
        self, alice: SignedInUser, database: DatabaseInside, delete: Delete
    ) -> None:
        alice.new_key()
        delete(alice)
        assert row(database, alice) is None
        assert owned_rows(database, alice) == 0

    @pytest.mark.parametrize("with_records", [True, False], ids=["with records", "without"])
    def test_frees_the_name_for_a_user_with_another_id(
        self,
        alice: SignedInUser,
        chief: SignedInUser,
        delete: Delete,
        with_records: bool,  # noqa: FBT001  (a parameter of the test)
    ) -> None:
        books = [Factory(alice.anonymous).book(alice.client)] if with_records else []
        delete(alice)
        impostor = Factory(alice.anonymous).user(alice.username.upper())
        assert impostor.get("/auth/me").json()["id"] > chief.user_id > alice.user_id
        assert impostor.get("/auth/keys").json() == []
        refused = [refusal(impostor.delete(f"/books/{book['id']}")) for book in books]
        assert refused == [(403, "not_owner")] * len(books)

    def test_leaves_no_identity_and_no_code(
        self, oidc: Client, provider: ForgingProvider, alice: SignedInUser, database: DatabaseInside, delete: Delete
    ) -> None:
        link = {"sign_in_code": sign_in(oidc, provider, sub="alice")}
        alice.client.post("/auth/identities", json=link).raise_for_status()
        code, another = (sign_in(oidc, provider, sub=subject) for subject in ("alice", "another"))
        assert owned_rows(database, alice) >= 1
        delete(alice)
        assert owned_rows(database, alice) == 0
        assert refusal(exchange(oidc, code)) == (401, "sign_in_refused")
        assert exchange(oidc, another, username="another").status_code == 200

    def test_touches_no_other_account(
        self, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside, delete: Delete
    ) -> None:
        key = bob.new_key()
        before = row(database, bob)
        delete(alice)
        assert bob.is_signed_in
        assert bob.anonymous.as_bearer(key).get("/auth/me").status_code == 200
        assert row(database, bob) == before

    def test_knows_every_table_that_belongs_to_a_user(self) -> None:
        assert {column.table for column in OF_ONE_USER} >= {
            UserSession.__table__,
            ApiKey.__table__,
            LinkedIdentity.__table__,
        }


class TestOwn:
    def test_needs_the_password(self, alice: SignedInUser) -> None:
        reply = alice.client.post("/auth/me/deletion", json={"current_password": "wrong horse battery"})
        assert refusal(reply) == (401, "bad_credentials")
        assert reply.json()["detail"] == "The current password is wrong."
        assert alice.is_signed_in
        assert alice.sign_in().is_signed_in

    @pytest.mark.parametrize("body", [{}, {"current_password": ""}, {"current_password": None}, {"password": PASSWORD}])
    def test_needs_it_in_the_body(self, alice: SignedInUser, body: dict[str, Any]) -> None:
        assert refusal(alice.client.post("/auth/me/deletion", json=body)) == (400, "invalid_request")
        assert alice.is_signed_in

    def test_needs_a_recent_confirmation(self, alice: SignedInUser, database: DatabaseInside) -> None:
        """The password alone is not enough for an account with a second factor."""
        add_second_factor(alice.client)
        session_was_confirmed(database, alice.session_id, ago=timedelta(minutes=11))
        reply = alice.client.post("/auth/me/deletion", json=CONFIRMED)
        assert refusal(reply) == (401, "confirmation_required")
        assert alice.is_signed_in

    def test_of_a_user_without_a_password_needs_none(
        self, oidc: Client, provider: ForgingProvider, database: DatabaseInside
    ) -> None:
        user = newcomer(oidc, provider)
        session_was_confirmed(database, user.session_id, ago=timedelta(minutes=11))
        assert refusal(user.client.post("/auth/me/deletion", json={})) == (401, "confirmation_required")
        again = user.with_tokens(exchange(oidc, sign_in(oidc, provider, sub="newcomer")).json())
        assert again.client.post("/auth/me/deletion", json={}).status_code == 200
        assert row(database, user) is None

    def test_needs_no_password_where_passwords_are_no_way_to_sign_in(
        self, alice: SignedInUser, oidc_with: Callable[..., Client], database: DatabaseInside
    ) -> None:
        without = oidc_with(password_sign_in=False).as_bearer(alice.access_token)
        assert without.post("/auth/me/deletion", json={}).status_code == 200
        assert row(database, alice) is None

    def test_of_the_last_admin_is_refused(self, chief: SignedInUser, database: DatabaseInside) -> None:
        assert refusal(chief.client.post("/auth/me/deletion", json=CONFIRMED)) == (409, "last_admin")
        assert refusal(chief.client.delete(f"/users/{chief.user_id}")) == (409, "last_admin")
        assert chief.is_signed_in
        second = new_admin(chief.anonymous, database)
        assert chief.client.post("/auth/me/deletion", json=CONFIRMED).status_code == 200
        assert refusal(second.client.post("/auth/me/deletion", json=CONFIRMED)) == (409, "last_admin")


class TestByAdmin:
    def test_of_an_admin_voids_the_resets_that_are_open(
        self, alice: SignedInUser, chief: SignedInUser, database: DatabaseInside
    ) -> None:
        rogue = new_admin(alice.anonymous, database)
        reset = rogue.client.post(f"/users/{alice.user_id}/password-reset").json()["token"]
        chief.client.delete(f"/users/{rogue.user_id}").raise_for_status()
        reply = alice.anonymous.post("/auth/password-reset", json={"token": reset, "new_password": "a new one 123"})
        assert refusal(reply) == (401, "reset_invalid")

    def test_of_a_disabled_user(self, alice: SignedInUser, chief: SignedInUser, database: DatabaseInside) -> None:
        path = f"/users/{alice.user_id}"
        chief.client.patch(path, json={"disabled": True}).raise_for_status()
        assert chief.client.delete(path).status_code == 200
        assert row(database, alice) is None

    def test_with_a_stale_tag_deletes_nothing(self, alice: SignedInUser, chief: SignedInUser) -> None:
        path = f"/users/{alice.user_id}"
        tag = chief.client.get(path).headers["ETag"]
        chief.client.patch(path, json={"role": "admin"}).raise_for_status()
        stale = chief.client.delete(path, headers={"If-Match": tag})
        assert refusal(stale) == (412, "version_mismatch")
        assert chief.client.get(path).json()["role"] == "admin"
        fresh = chief.client.get(path).headers["ETag"]
        assert chief.client.delete(path, headers={"If-Match": fresh}).status_code == 200
