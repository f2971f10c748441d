"""The trail of what admins did to accounts, and of keys: by whom, to whom, and nothing secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.security.roles import WRITE
from tests.api.responses import user_id

if TYPE_CHECKING:
    import io

    from tests.support.client import Client
    from tests.support.factories import Factory

NEW = "a staple of many readers"


def noted(log: io.StringIO) -> list[dict[str, Any]]:
    """The lines of the audit log, without what every line has."""
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    common = {"level", "timestamp", "request_id", "address"}
    assert all(common <= line.keys() for line in lines)
    return [
        {name: value for name, value in line.items() if name not in common}
        for line in lines
        if line["event"] != "request"
    ]


class TestOfAdmins:
    @pytest.mark.parametrize(
        ("body", "events"),
        [
            ({"role": "admin"}, [{"event": "role_changed", "role": "admin"}]),
            ({"disabled": True}, [{"event": "user_disabled"}]),
            (
                {"role": "admin", "disabled": True},
                [{"event": "role_changed", "role": "admin"}, {"event": "user_disabled"}],
            ),
            ({"role": "member"}, []),
        ],
        ids=str,
    )
    def test_changes(
        self, admin: Client, member: Client, log: io.StringIO, body: dict[str, object], events: list[dict[str, Any]]
    ) -> None:
        facts = {"user_id": user_id(member), "by": user_id(admin), "sessions_ended": 1}
        admin.patch(f"/users/{facts['user_id']}", json=body).raise_for_status()
        assert noted(log) == [event | facts for event in events]

    def test_enabling(self, admin: Client, member: Client, log: io.StringIO) -> None:
        facts = {"user_id": user_id(member), "by": user_id(admin)}
        for disabled in (True, False):
            admin.patch(f"/users/{facts['user_id']}", json={"disabled": disabled}).raise_for_status()
        assert noted(log)[1] == facts | {"event": "user_enabled", "sessions_ended": 0}

    def test_what_failed_is_not_in_it(self, admin: Client, log: io.StringIO) -> None:
        admin.patch(f"/users/{user_id(admin)}", json={"role": "member"})
        assert noted(log) == []

    def test_ended_sessions(self, admin: Client, member: Client, log: io.StringIO) -> None:
        facts = {"user_id": user_id(member), "by": user_id(admin)}
        admin.post(f"/users/{facts['user_id']}/logout-all").raise_for_status()
        ended = {"sessions_ended": 1, "resets_voided": 0, "invitations_voided": 0, "keys_revoked": 0}
        assert noted(log) == [facts | ended | {"event": "signed_out_everywhere"}]

    def test_resets(self, admin: Client, member: Client, client: Client, log: io.StringIO) -> None:
        facts = {"user_id": user_id(member)}
        token = admin.post(f"/users/{facts['user_id']}/password-reset").json()["token"]
        client.post("/auth/password-reset", json={"token": token, "new_password": NEW}).raise_for_status()
        assert noted(log) == [
            facts | {"event": "password_reset_issued", "by": user_id(admin)},
            facts | {"event": "password_reset", "sessions_ended": 1, "resets_voided": 0, "invitations_voided": 0},
        ]
        assert not [secret for secret in (token, NEW) if secret in log.getvalue()]


class TestOfKeys:
    def test_comes_and_goes(self, member: Client, make: Factory, log: io.StringIO) -> None:
        key = make.key(member, WRITE)
        make.author(member.as_bearer(key["key"]))
        member.delete(f"/auth/keys/{key['id']}").raise_for_status()
        facts = {"user_id": user_id(member), "key_id": key["id"]}
        assert noted(log) == [
            facts | {"event": "key_created", "scopes": [WRITE]},
            facts | {"event": "key_revoked"},
        ]
        assert key["key"] not in log.getvalue()
