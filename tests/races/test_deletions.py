"""Accounts that are deleted while their users log in, refresh, create keys and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from app.database import Database
from app.models import ApiKey, Book, User, UserSession
from app.security.roles import ADMIN, MEMBER
from tests.api.responses import refusal
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import PASSWORD, Factory
from tests.support.users import SignedInUser, new_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

    Ask = Callable[[Client], httpx.Response]

pytestmark = pytest.mark.slow

OFTEN = 8
"""Each time another of the requests is the first."""
CONFIRMED = {"current_password": PASSWORD}


def count(database: Database, table: type[UserSession | ApiKey], user_id: int) -> int:
    """How many rows of a table belong to a user."""
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(table.user_id == user_id)) or 0


def requests_of(alice: SignedInUser, author_id: int) -> list[Ask]:
    """What a user may be doing while the account is deleted."""
    elsewhere, program = alice.sign_in(), {"Authorization": f"Bearer {alice.new_key()}"}
    book = {"title": "Meanwhile", "author_id": author_id}
    credentials = {"username": alice.username, "password": PASSWORD}
    change = {"current_password": PASSWORD, "new_password": f"{PASSWORD}, and a staple"}
    return [
        lambda client: client.post("/auth/login", json=credentials),
        lambda client: client.post("/auth/refresh", json={"refresh_token": elsewhere.refresh_token}),
        lambda client: client.post("/auth/keys", json={"name": "one more", "scopes": ["books:write"]}),
        lambda client: client.post("/books", json=book),
        lambda client: client.post("/books", json=book, headers=program),
        lambda client: client.post("/books/batch", json={"books": [book] * 20}),
        lambda client: client.get("/auth/me"),
        lambda client: client.get("/auth/me/export"),
        lambda client: client.put("/auth/password", json=change),
        lambda client: client.post("/auth/logout", headers=elsewhere.client.headers),
        lambda client: client.delete(f"/auth/sessions/{elsewhere.session_id}"),
        lambda client: client.post("/authors", json={"name": "Meanwhile"}, headers=program),
    ]


class TestDeletion:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    @pytest.mark.parametrize("by_admin", [True, False], ids=["by an admin", "by the user"])
    def test_leaves_nothing_that_works_and_fails_nothing(
        self,
        alice: SignedInUser,
        database: Database,
        served: Served,
        attempt: int,
        by_admin: bool,  # noqa: FBT001  (a parameter of the test)
    ) -> None:
        admin = new_admin(served.client(), database)
        author_id = Factory(alice.anonymous).author(admin.client)["id"]
        others, at = requests_of(alice, author_id), attempt * 2

        def ask(client: Client, number: int) -> httpx.Response:
            if number != at:
                return others[number % len(others)](client)
            if by_admin:
                return client.delete(f"/users/{alice.user_id}", headers=admin.client.headers)
            return client.post("/auth/me/deletion", json=CONFIRMED)

        answers = ConcurrentClients(alice.client).at_once(ask)
        if answers[at].status_code != 200:  # a logout or a new password came before
            assert not by_admin
            assert refusal(answers[at])[0] == 401
            admin.client.delete(f"/users/{alice.user_id}").raise_for_status()
        assert set(tally(answers)) <= {200, 201, 207, 401, 404}  # 404: a session that has ended
        assert {count(database, table, alice.user_id) for table in (UserSession, ApiKey)} == {0}
        added = sum(answer.status_code == 201 and "title" in answer.json() for answer in answers)
        added += sum(20 for answer in answers if answer.status_code == 207)
        with database.reading() as connection:
            kept = connection.scalar(select(func.count()).select_from(Book).where(Book.created_by == alice.user_id))
        assert kept == added
        for answer in answers:
            if "refresh_token" in answer.json():
                assert not alice.with_tokens(answer.json()).is_signed_in
            if "prefix" in answer.json():
                assert alice.anonymous.as_bearer(answer.json()["key"]).get("/auth/me").status_code == 401

    def test_by_all_at_once_happens_once(self, alice: SignedInUser) -> None:
        everywhere = [alice.sign_in() for _ in range(SIZE)]

        def ask(client: Client, number: int) -> httpx.Response:
            return client.post("/auth/me/deletion", json=CONFIRMED, headers=everywhere[number].client.headers)

        assert tally(ConcurrentClients(alice.client).at_once(ask)) == {200: 1, 401: SIZE - 1}


@pytest.fixture
def admins(served: Served, database: Database) -> list[SignedInUser]:
    """Sixteen, and there are no others."""
    with database.transaction() as db:
        db.execute(update(User).values(role=MEMBER))
    return [new_admin(served.client(), database) for _ in range(SIZE)]


class TestAdmins:
    @pytest.mark.parametrize("by_the_next", [True, False], ids=["by the next", "by themselves"])
    def test_who_are_all_deleted_leave_one(
        self,
        admins: list[SignedInUser],
        database: Database,
        by_the_next: bool,  # noqa: FBT001  (a parameter of the test)
    ) -> None:
        def ask(client: Client, number: int) -> httpx.Response:
            headers = admins[number].client.headers
            if by_the_next:
                return client.delete(f"/users/{admins[(number + 1) % SIZE].user_id}", headers=headers)
            return client.post("/auth/me/deletion", json=CONFIRMED, headers=headers)

        deleted = tally(ConcurrentClients(admins[0].client).at_once(ask))
        with database.reading() as connection:
            left = connection.scalar(select(func.count()).select_from(User).where(User.role == ADMIN))
        assert set(deleted) <= {200, 401, 409}
        assert left == SIZE - deleted[200] >= 1

    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_who_issued_each_other_resets_do_not_wait_for_each_other_in_a_ring(
        self, admins: list[SignedInUser], attempt: int
    ) -> None:
        """A new password and a logout everywhere void the resets that the user issued: rows of other users."""
        for number, admin in enumerate(admins):
            path = f"/users/{admins[number ^ 1].user_id}/password-reset"
            admin.client.post(path).raise_for_status()

        def ask(client: Client, number: int) -> httpx.Response:
            headers = admins[number].client.headers
            if attempt % 2:
                return client.post("/auth/logout-all", headers=headers)
            body = {"current_password": PASSWORD, "new_password": f"{PASSWORD}, and a staple"}
            return client.put("/auth/password", json=body, headers=headers)

        assert tally(ConcurrentClients(admins[0].client).at_once(ask)) == {200: SIZE}
