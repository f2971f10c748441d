"""Sign-ins, passwords and roles that change at the same moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.database import Database
from app.models import User
from app.security.roles import MEMBER
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import PASSWORD
from tests.support.users import SignedInUser, new_admin

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

OFTEN = 5
"""Each time another of the requests is the first."""
ANOTHER = f"{PASSWORD}, and a staple"


def log_in(client: Client, user: SignedInUser, password: str = PASSWORD) -> httpx.Response:
    return client.post("/auth/login", json={"username": user.username, "password": password})


class TestLogin:
    def test_of_one_user_sixteen_times(self, alice: SignedInUser) -> None:
        answers = ConcurrentClients(alice.client).at_once(lambda client, _number: log_in(client, alice))
        assert tally(answers) == {200: SIZE}
        signed_in = [alice.with_tokens(answer.json()) for answer in answers]
        assert all(user.is_signed_in for user in signed_in)
        assert len({user.session_id for user in signed_in}) == SIZE
        assert len({user.refresh_token for user in signed_in}) == SIZE

    def test_beyond_what_one_user_may_have(self, alice: SignedInUser) -> None:
        """A hundred is the most, also where sixteen come at once."""
        clients = ConcurrentClients(alice.client)
        for _ in range(7):
            answers = clients.at_once(lambda client, _number: log_in(client, alice))
            assert tally(answers) == {200: SIZE}
        newest = alice.with_tokens(answers[-1].json())
        assert len(newest.client.get("/auth/sessions?limit=200").json()) == 100


class TestPasswordChange:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_against_logins_leaves_no_session_that_the_old_one_began(self, alice: SignedInUser, attempt: int) -> None:
        def ask(client: Client, number: int) -> httpx.Response:
            if number == attempt * 3:
                body = {"current_password": PASSWORD, "new_password": ANOTHER}
                return client.put("/auth/password", json=body)
            return log_in(client, alice)

        answers = ConcurrentClients(alice.client).at_once(ask)
        assert set(tally(answers)) <= {200, 401}
        assert answers.pop(attempt * 3).status_code == 200
        assert alice.is_signed_in
        assert not any(alice.with_tokens(each.json()).is_signed_in for each in answers if each.status_code == 200)
        assert log_in(alice.anonymous, alice, ANOTHER).status_code == 200

    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_by_all_at_once_lets_one_win(self, alice: SignedInUser, attempt: int) -> None:
        everywhere = [alice.sign_in() for _ in range(SIZE)]

        def ask(client: Client, number: int) -> httpx.Response:
            body = {"current_password": PASSWORD, "new_password": f"{ANOTHER} {attempt} {number}"}
            return client.put("/auth/password", json=body, headers=everywhere[number].client.headers)

        answers = ConcurrentClients(alice.client).at_once(ask)
        assert tally(answers) == {200: 1, 401: SIZE - 1}
        [winner] = [number for number, answer in enumerate(answers) if answer.status_code == 200]
        assert [user.is_signed_in for user in everywhere] == [number == winner for number in range(SIZE)]


@pytest.fixture
def admins(served: Served, database: Database) -> list[SignedInUser]:
    """Two, and there are no others."""
    with database.transaction() as db:
        db.execute(update(User).values(role=MEMBER))
    return [new_admin(served.client(), database) for _ in range(2)]


class TestAdmins:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    @pytest.mark.parametrize("taken", [{"role": "member"}, {"disabled": True}], ids=str)
    def test_two_who_take_it_from_each_other_leave_one(
        self, admins: list[SignedInUser], attempt: int, taken: dict[str, object]
    ) -> None:
        def ask(client: Client, number: int) -> httpx.Response:
            one, other = admins[(number + attempt) % 2], admins[(number + attempt + 1) % 2]
            return client.patch(f"/users/{other.user_id}", json=taken, headers=one.client.headers)

        answers = ConcurrentClients(admins[0].client).at_once(ask)
        assert set(tally(answers)) <= {200, 401, 403, 409}
        [left] = [user for user in admins if user.is_signed_in]
        [admin] = left.client.get("/users?role=admin&disabled=false").json()
        assert admin["id"] == left.user_id
