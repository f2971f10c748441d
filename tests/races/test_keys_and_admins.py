"""Keys and admins, when all want them at the same moment: the limits hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from app.database import Database
from app.models import User
from app.security.roles import ADMIN, MEMBER, READ
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import Factory

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

MOST_KEYS = 100


class TestKeys:
    def test_are_never_more_than_a_hundred(self, clients: ConcurrentClients) -> None:
        make = Factory(clients.member)
        there = len(clients.member.get("/auth/keys?limit=200").json())
        for _ in range(MOST_KEYS - SIZE // 2 - there):
            make.key(clients.member, READ)
        body = {"name": "one more", "scopes": [READ]}
        answers = clients.at_once(lambda client, _: client.post("/auth/keys", json=body))
        assert tally(answers) == {201: SIZE // 2, 409: SIZE // 2}
        assert len(clients.member.get("/auth/keys?limit=200").json()) == MOST_KEYS

    def test_is_revoked_once(self, clients: ConcurrentClients) -> None:
        key_id = clients.member.get("/auth/keys?limit=1").json()[0]["id"]
        answers = clients.at_once(lambda client, _: client.delete(f"/auth/keys/{key_id}"))
        assert tally(answers) == {200: 1, 404: SIZE - 1}


@pytest.fixture
def admins(served: Served, database: Database) -> dict[int, Client]:
    """Sixteen admins by their ids, and no other."""
    members = [served.member() for _ in range(SIZE)]
    by_id = {member.get("/auth/me").json()["id"]: member for member in members}
    with database.transaction() as db:
        db.execute(update(User).values(role=MEMBER))
        db.execute(update(User).where(User.id.in_(by_id)).values(role=ADMIN))
    return by_id


@pytest.mark.parametrize("way_out", [{"role": "member"}, {"disabled": True}], ids=str)
class TestAdmins:
    def test_who_all_go_are_stopped_by_the_last(
        self, clients: ConcurrentClients, admins: dict[int, Client], way_out: dict[str, object]
    ) -> None:
        everyone = list(admins.items())

        def go(_client: Client, number: int) -> httpx.Response:
            own_id, admin = everyone[number]
            return admin.patch(f"/users/{own_id}", json=way_out)

        assert tally(clients.at_once(go)) == {200: SIZE - 1, 409: 1}

    def test_who_all_take_the_next_one_away_leave_one(
        self, clients: ConcurrentClients, admins: dict[int, Client], database: Database, way_out: dict[str, object]
    ) -> None:
        everyone = list(admins.items())

        def take_away(_client: Client, number: int) -> httpx.Response:
            next_id, _ = everyone[(number + 1) % SIZE]
            return everyone[number][1].patch(f"/users/{next_id}", json=way_out)

        went = tally(clients.at_once(take_away))
        with database.reading() as connection:
            left = connection.scalar(
                select(func.count()).select_from(User).where(User.role == ADMIN, User.disabled_at.is_(None))
            )
        assert set(went) <= {200, 401, 409}  # 401: deleted before
        assert left == SIZE - went[200] > 0


class TestTakenAway:
    @pytest.mark.parametrize("first", [0, 7, 15])
    def test_an_admin_does_not_come_back_by_what_was_under_way(
        self, clients: ConcurrentClients, admins: dict[int, Client], first: int
    ) -> None:
        """Fifteen requests of an admin wait for the one that removes the role: none of them restores it."""
        (rogue_id, rogue), (_, honest) = list(admins.items())[:2]
        path = f"/users/{rogue_id}"

        def take_away_or_come_back(_client: Client, number: int) -> httpx.Response:
            if number == first:
                return honest.patch(path, json={"role": "member"})
            return rogue.patch(path, json={"role": "admin"})

        answers = clients.at_once(take_away_or_come_back)
        assert answers[first].status_code == 200
        assert set(tally(answers)) <= {200, 401, 403}
        assert honest.get(path).json()["role"] == "member"
