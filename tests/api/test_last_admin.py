"""The last admin cannot be locked out, not even by mistake."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.models import User
from app.security.roles import ADMIN
from tests.api.responses import refusal, user_id

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

LAST = (409, "last_admin")
WAYS_OUT = [{"role": "member"}, {"disabled": True}, {"role": "member", "disabled": True}]

every_way_out = pytest.mark.parametrize("way_out", WAYS_OUT, ids=str)


@pytest.fixture
def path(admin: Client) -> str:
    """The address of the admin."""
    return f"/users/{user_id(admin)}"


@pytest.fixture
def second(make: Factory, database: DatabaseInside) -> Client:
    """Another admin."""
    second = make.user()
    database.mark(User, user_id(second), role=ADMIN)
    return second


@every_way_out
class TestLast:
    def test_stays(self, admin: Client, make: Factory, path: str, way_out: dict[str, object]) -> None:
        make.user()
        before = admin.get(path).json()
        assert refusal(admin.patch(path, json=way_out)) == LAST
        assert admin.get(path).json() == before  # with the same session

    def test_stays_where_the_others_are_disabled(
        self, admin: Client, second: Client, path: str, way_out: dict[str, object]
    ) -> None:
        admin.patch(f"/users/{user_id(second)}", json={"disabled": True}).raise_for_status()
        assert refusal(admin.patch(path, json=way_out)) == LAST

    def test_of_two_one_may_go(self, admin: Client, second: Client, path: str, way_out: dict[str, object]) -> None:
        remaining = f"/users/{user_id(second)}"
        assert admin.patch(path, json=way_out).status_code == 200
        assert refusal(second.patch(remaining, json=way_out)) == LAST
        assert second.get(remaining).status_code == 200

    def test_of_two_each_may_take_the_other_away(
        self, admin: Client, second: Client, path: str, way_out: dict[str, object]
    ) -> None:
        assert second.patch(path, json=way_out).status_code == 200
        assert refusal(admin.get("/users")) == (401, "token_invalid")

    def test_may_take_away_who_is_disabled(
        self, admin: Client, second: Client, database: DatabaseInside, way_out: dict[str, object]
    ) -> None:
        database.mark(User, user_id(second), disabled_at=datetime.now(UTC))
        [other] = [user for user in admin.get("/users").json() if user["disabled_at"]]
        assert admin.patch(f"/users/{other['id']}", json=way_out).status_code == 200


class TestNoChange:
    @pytest.mark.parametrize("body", [{"role": "admin"}, {"disabled": False}], ids=str)
    def test_is_none_for_the_last(self, admin: Client, path: str, body: dict[str, object]) -> None:
        assert admin.patch(path, json=body).status_code == 200
        assert admin.get(path).json()["role"] == "admin"
