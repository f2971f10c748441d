"""Invitations whose issuer loses the role or the account: which of them become invalid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from app.models import User
from tests.api.responses import refusal, user_id
from tests.support.factories import PASSWORD
from tests.support.invitations import INVALID, invite, register
from tests.support.time_shift import delete_user

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

ENDINGS: dict[str, Callable[[Client, Client], httpx.Response]] = {
    "loses the role": lambda admin, issuer: admin.patch(f"/users/{user_id(issuer)}", json={"role": "member"}),
    "is disabled": lambda admin, issuer: admin.patch(f"/users/{user_id(issuer)}", json={"disabled": True}),
    "changes the password": lambda _admin, issuer: issuer.put(
        "/auth/password", json={"current_password": PASSWORD, "new_password": "a staple of many readers"}
    ),
    "gets a new password by a reset": lambda admin, issuer: issuer.post(
        "/auth/password-reset",
        json={
            "token": admin.post(f"/users/{user_id(issuer)}/password-reset").json()["token"],
            "new_password": "a staple of many readers",
        },
    ),
    "logs out everywhere": lambda _admin, issuer: issuer.post("/auth/logout-all"),
    "is logged out everywhere": lambda admin, issuer: admin.post(f"/users/{user_id(issuer)}/logout-all"),
}


class TestIssuer:
    @pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
    def test_who_voids_them_and_no_others(
        self,
        admin: Client,
        issuer: Client,
        by_invitation: Client,
        end: Callable[[Client, Client], httpx.Response],
    ) -> None:
        tokens = [invite(who)["token"] for who in (issuer, admin)]
        number = user_id(issuer)
        end(admin, issuer).raise_for_status()
        admin.patch(f"/users/{number}", json={"disabled": False, "role": "admin"}).raise_for_status()
        assert refusal(register(by_invitation, tokens[0])) == INVALID
        assert register(by_invitation, tokens[1]).status_code == 201

    def test_who_is_deleted(self, issuer: Client, by_invitation: Client, database: DatabaseInside) -> None:
        token = invite(issuer)["token"]
        delete_user(database, user_id(issuer))
        assert refusal(register(by_invitation, token)) == INVALID

    @pytest.mark.parametrize("columns", [{"role": "member"}, {"disabled_at": datetime(2026, 1, 1, tzinfo=UTC)}])
    def test_who_is_changed_in_the_database(
        self, issuer: Client, by_invitation: Client, database: DatabaseInside, columns: dict[str, Any]
    ) -> None:
        token = invite(issuer)["token"]
        database.mark(User, user_id(issuer), **columns)
        assert refusal(register(by_invitation, token)) == INVALID

    def test_who_only_logs_out(self, issuer: Client, by_invitation: Client) -> None:
        token = invite(issuer)["token"]
        issuer.post("/auth/logout").raise_for_status()
        assert register(by_invitation, token).status_code == 201
