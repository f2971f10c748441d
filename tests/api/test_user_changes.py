"""What admins change about users: their roles, and whether they may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.security.roles import WRITE
from tests.api.responses import faults, refusal, user_id
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.factories import Factory

ALICE = {"username": "alice", "password": PASSWORD}
NO_ROLE = "must be 'member' or 'admin'"
NO_BOOLEAN = "must be true or false"
READ_ONLY = "is read-only, and the record has another value"
UNKNOWN = "is not a known field"
ENDED = (401, "token_invalid")


@pytest.fixture
def alice(make: Factory) -> Client:
    """A user, signed in."""
    return make.user("alice")


@pytest.fixture
def path(alice: Client) -> str:
    """Her address."""
    return f"/users/{user_id(alice)}"


@pytest.fixture
def program(alice: Client, make: Factory) -> Client:
    """A program with a key of hers."""
    return alice.as_bearer(make.key(alice, WRITE)["key"])


def sign_in(client: Client, **changes: str) -> httpx.Response:
    return client.post("/auth/login", json=ALICE | changes)


def compared(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of a response that is compared: everything but the request's id."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, body, {**answer.headers, "x-request-id": ""}


class TestChange:
    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({}, [("", "must have at least one field")]),
            ({"role": None}, [("/role", NO_ROLE)]),
            ({"role": "owner"}, [("/role", NO_ROLE)]),
            ({"role": "ADMIN"}, [("/role", NO_ROLE)]),
            ({"role": ["admin"]}, [("/role", NO_ROLE)]),
            ({"disabled": None}, [("/disabled", NO_BOOLEAN)]),
            ({"disabled": "true"}, [("/disabled", NO_BOOLEAN)]),
            ({"disabled": 1}, [("/disabled", NO_BOOLEAN)]),
            ({"role": "root", "disabled": "no"}, [("/role", NO_ROLE), ("/disabled", NO_BOOLEAN)]),
            ({"role": "admin", "username": "eve"}, [("/username", READ_ONLY)]),
            ({"disabled_at": "2026-01-01T00:00:00Z"}, [("/disabled_at", READ_ONLY)]),
            ({"password": PASSWORD, "role": "admin"}, [("/password", UNKNOWN)]),
            ({"created_by": 1}, [("/created_by", UNKNOWN)]),
        ],
        ids=str,
    )
    def test_refuses(self, admin: Client, path: str, body: object, wrong: list[tuple[str, str]]) -> None:
        before = admin.get(path).json()
        reply = admin.patch(path, json=body)
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == wrong
        assert admin.get(path).json() == before

    def test_answers_with_the_user_as_they_now_stand(self, admin: Client, path: str) -> None:
        headers = {"Content-Type": "application/merge-patch+json"}
        reply = admin.patch(path, content=b'{"role": "admin"}', headers=headers)
        now = admin.get(path)
        assert reply.json() == now.json() | {"status": "success", "message": "user 'alice' updated"}
        assert now.json()["role"] == "admin"
        assert reply.headers["ETag"] == now.headers["ETag"]
        assert reply.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("body", [{"role": "admin"}, {"disabled": True}, {"role": "member"}])
    def test_with_a_stale_tag_changes_nothing(
        self, admin: Client, alice: Client, path: str, body: dict[str, object]
    ) -> None:
        before = admin.get(path)
        reply = admin.patch(path, json=body, headers={"If-Match": '"0123456789abcdef"'})
        assert refusal(reply) == (412, "version_mismatch")
        assert admin.get(path).json() == before.json()
        assert alice.get("/auth/me").status_code == 200
        fresh = {"If-Match": before.headers["ETag"]}
        assert admin.patch(path, json={"role": "admin"}, headers=fresh).status_code == 200
        assert refusal(admin.patch(path, json={"role": "member"}, headers=fresh)) == (412, "version_mismatch")

    @pytest.mark.parametrize(
        "body", [{"role": "member"}, {"disabled": False}, {"role": "member", "disabled": False}], ids=str
    )
    def test_of_nothing_ends_no_session(self, admin: Client, alice: Client, path: str, body: dict[str, object]) -> None:
        before = admin.get(path)
        assert admin.patch(path, json=body).headers["ETag"] == before.headers["ETag"]
        assert alice.get("/auth/me").json() == before.json()


class TestRole:
    def test_new_ends_every_session(self, admin: Client, alice: Client, client: Client, path: str) -> None:
        login = sign_in(client).json()
        admin.patch(path, json={"role": "admin"}).raise_for_status()
        for token in (alice, client.as_bearer(login["access_token"])):
            assert refusal(token.get("/auth/me")) == ENDED
        spent = client.post("/auth/refresh", json={"refresh_token": login["refresh_token"]})
        assert refusal(spent) == (401, "refresh_token_invalid")
        again = client.as_bearer(sign_in(client).json()["access_token"])
        assert again.get("/users").status_code == 200

    def test_holds_at_once_for_keys_too(self, admin: Client, program: Client, make: Factory, path: str) -> None:
        foreign = [make.book(admin)["id"] for _ in range(2)]
        assert refusal(program.delete(f"/books/{foreign[0]}")) == (403, "not_owner")
        admin.patch(path, json={"role": "admin"}).raise_for_status()
        assert program.delete(f"/books/{foreign[0]}").status_code == 200
        admin.patch(path, json={"role": "member"}).raise_for_status()
        assert refusal(program.delete(f"/books/{foreign[1]}")) == (403, "not_owner")


class TestDisable:
    def test_stops_sessions_and_keys_at_once(
        self, admin: Client, alice: Client, program: Client, client: Client, path: str
    ) -> None:
        refresh_token = sign_in(client).json()["refresh_token"]
        disabled_at = admin.patch(path, json={"disabled": True}).json()["disabled_at"]
        assert disabled_at.endswith("Z")
        assert {refusal(who.get("/auth/me")) for who in (alice, program)} == {ENDED}
        spent = client.post("/auth/refresh", json={"refresh_token": refresh_token})
        assert refusal(spent) == (401, "refresh_token_invalid")
        assert admin.patch(path, json={"disabled": True}).json()["disabled_at"] == disabled_at

    def test_is_not_told_to_who_signs_in(self, admin: Client, client: Client, path: str) -> None:
        wrong = compared(sign_in(client, password="wrong horse battery"))  # noqa: S106  (wrong on purpose)
        admin.patch(path, json={"disabled": True}).raise_for_status()
        assert compared(sign_in(client)) == compared(sign_in(client, username="unknown")) == wrong
        assert wrong[1]["code"] == "bad_credentials"

    def test_keeps_what_the_user_has_added(self, admin: Client, alice: Client, make: Factory, path: str) -> None:
        book = make.book(alice)
        admin.patch(path, json={"disabled": True}).raise_for_status()
        assert admin.get(f"/books/{book['id']}").json() == book

    def test_may_come_with_a_new_role(self, admin: Client, alice: Client, path: str) -> None:
        admin.patch(path, json={"role": "admin"}).raise_for_status()
        user = admin.patch(path, json={"role": "member", "disabled": True}).json()
        assert (user["role"], user["disabled_at"] is None) == ("member", False)
        assert refusal(alice.get("/auth/me")) == ENDED


class TestEnable:
    def test_lets_the_user_sign_in_and_the_keys_work_again(
        self, admin: Client, alice: Client, program: Client, client: Client, path: str
    ) -> None:
        for disabled in (True, False):
            user = admin.patch(path, json={"disabled": disabled}).json()
        assert user["disabled_at"] is None
        assert program.get("/auth/me").status_code == 200
        assert refusal(alice.get("/auth/me")) == ENDED  # a session that was ended stays so
        assert client.as_bearer(sign_in(client).json()["access_token"]).get("/auth/me").status_code == 200
