"""What a thief with a stolen session may leave behind, and what its owner and admins do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.attacks.attack_fixtures import AttackContext
from tests.support.factories import PASSWORD
from tests.support.users import make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.copied_users import UserCopies

ANOTHER = f"{PASSWORD}, and a staple"

ENDS: dict[str, Callable[..., Any]] = {
    "password change": lambda context, **more: context.elsewhere.client.put(
        "/auth/password", json={"current_password": PASSWORD, "new_password": ANOTHER} | more
    ),
    "logout-all": lambda context, **more: context.elsewhere.client.post("/auth/logout-all", json=more),
    "logout-all by an admin": lambda context, **more: context.admin.client.post(
        f"/users/{context.victim.user_id}/logout-all", json=more
    ),
}


@pytest.fixture
def context(client: Client, database: DatabaseInside, user_copies: UserCopies) -> AttackContext:
    """The victim is an admin whose session was stolen, and who is signed in elsewhere."""
    context = AttackContext(client, database, user_copies)
    make_admin(database, context.victim.user_id)
    assert context.elsewhere.is_signed_in
    assert context.admin.is_signed_in
    return context


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
class TestEnd:
    def test_voids_the_resets_that_the_session_issued(self, context: AttackContext, end: Callable[..., Any]) -> None:
        issued = context.victim.client.post(f"/users/{context.attacker.user_id}/password-reset").raise_for_status()
        end(context).raise_for_status()
        body = {"token": issued.json()["token"], "new_password": ANOTHER}
        assert refusal(context.anonymous.post("/auth/password-reset", json=body)) == (401, "reset_invalid")

    def test_leaves_the_resets_of_other_admins(self, context: AttackContext, end: Callable[..., Any]) -> None:
        issued = context.admin.client.post(f"/users/{context.attacker.user_id}/password-reset").raise_for_status()
        end(context).raise_for_status()
        body = {"token": issued.json()["token"], "new_password": ANOTHER}
        context.anonymous.post("/auth/password-reset", json=body).raise_for_status()

    @pytest.mark.parametrize(
        ("more", "status"), [({}, 200), ({"revoke_keys": False}, 200), ({"revoke_keys": True}, 401)]
    )
    def test_revokes_the_keys_where_that_is_wanted(
        self, context: AttackContext, end: Callable[..., Any], more: dict[str, bool], status: int
    ) -> None:
        program = context.anonymous.as_bearer(context.victim.new_key())
        others = context.anonymous.as_bearer(context.attacker.new_key())
        end(context, **more).raise_for_status()
        assert program.get("/auth/me").status_code == status
        others.get("/auth/me").raise_for_status()


class TestKeysOfUser:
    def test_are_listed_for_admins(self, context: AttackContext) -> None:
        context.attacker.new_key(name="left behind")
        keys = context.admin.client.get(f"/users/{context.attacker.user_id}/keys").raise_for_status().json()
        assert [key["name"] for key in keys] == ["left behind"]
        assert "key" not in keys[0]

    def test_are_revoked_by_admins(self, context: AttackContext) -> None:
        program = context.anonymous.as_bearer(context.attacker.new_key())
        [key] = context.admin.client.get(f"/users/{context.attacker.user_id}/keys").json()
        context.admin.client.delete(f"/users/{context.attacker.user_id}/keys/{key['id']}").raise_for_status()
        assert refusal(program.get("/auth/me")) == (401, "token_invalid")

    def test_of_another_user_are_not_found(self, context: AttackContext) -> None:
        context.attacker.new_key()
        [key] = context.admin.client.get(f"/users/{context.attacker.user_id}/keys").json()
        reply = context.admin.client.delete(f"/users/{context.victim.user_id}/keys/{key['id']}")
        assert refusal(reply) == (404, "key_not_found")

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_of_an_unknown_user_are_not_found(self, context: AttackContext, method: str) -> None:
        path = "/users/999999/keys" + ("/1" if method == "DELETE" else "")
        assert refusal(context.admin.client.request(method, path)) == (404, "user_not_found")


class TestReset:
    def test_voids_the_resets_that_the_session_issued(self, context: AttackContext) -> None:
        """An admin whose password a thief has changed gets the account back in this way."""
        issued = context.victim.client.post(f"/users/{context.attacker.user_id}/password-reset").raise_for_status()
        own = {"token": context.reset, "new_password": ANOTHER}
        context.anonymous.post("/auth/password-reset", json=own).raise_for_status()
        body = {"token": issued.json()["token"], "new_password": ANOTHER}
        assert refusal(context.anonymous.post("/auth/password-reset", json=body)) == (401, "reset_invalid")
