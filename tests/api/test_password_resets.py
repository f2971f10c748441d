"""Password resets: an admin issues one, and the user sets a new password with it, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.models import User
from app.security.roles import READ
from tests.api.responses import faults, refusal, user_id
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

NEW = "a staple of many readers"
VOID = (401, "reset_invalid")
WRONG = (401, "bad_credentials")
ALICE = {"username": "alice", "password": PASSWORD}


@pytest.fixture
def alice(make: Factory) -> Client:
    """A user, signed in."""
    return make.user("alice")


@pytest.fixture
def path(alice: Client) -> str:
    """Her address."""
    return f"/users/{user_id(alice)}"


@pytest.fixture
def token(admin: Client, path: str) -> str:
    """A reset that was issued for her."""
    return issue(admin, path)


def issue(admin: Client, path: str) -> str:
    token: str = admin.post(f"{path}/password-reset").raise_for_status().json()["token"]
    return token


def use(client: Client, token: object, new_password: object = NEW) -> httpx.Response:
    return client.post("/auth/password-reset", json={"token": token, "new_password": new_password})


def sign_in(client: Client, password: str) -> httpx.Response:
    return client.post("/auth/login", json=ALICE | {"password": password})


class TestIssue:
    def test_gives_a_link_and_its_token(self, admin: Client, path: str) -> None:
        before = datetime.now(UTC)
        reply = admin.post(f"{path}/password-reset")
        issued = reply.json()
        assert reply.status_code == 200
        assert issued == {
            "status": "success",
            "message": "password reset for 'alice' issued; it is not shown again",
            "link": f"/reset#{issued['token']}",
            "token": issued["token"],
            "expires_at": issued["expires_at"],
        }
        assert issued["token"].startswith("bp_")
        assert len(issued["token"]) == 46
        lasts = datetime.fromisoformat(issued["expires_at"]) - before
        assert timedelta(hours=24) <= lasts < timedelta(hours=24, minutes=1)
        assert reply.headers["Cache-Control"] == "no-store"

    def test_its_time_is_a_setting(self, admin: Client, path: str, service_with: Callable[..., Client]) -> None:
        other = service_with(password_reset_lifetime=timedelta(minutes=5)).as_bearer(
            admin.headers["Authorization"].split()[1]
        )
        lasts = datetime.fromisoformat(other.post(f"{path}/password-reset").json()["expires_at"]) - datetime.now(UTC)
        assert timedelta(minutes=4) < lasts <= timedelta(minutes=5)

    def test_changes_nothing_yet(self, admin: Client, alice: Client, client: Client, path: str) -> None:
        before = admin.get(path).json()
        issue(admin, path)
        assert admin.get(path).json() == before == alice.get("/auth/me").json()
        assert sign_in(client, PASSWORD).status_code == 200


class TestUse:
    def test_sets_the_password(self, client: Client, token: str) -> None:
        reply = use(client, token)
        assert reply.json() == {"status": "success", "message": "password set; log in with it"}
        assert reply.headers["Cache-Control"] == "no-store"
        assert refusal(sign_in(client, PASSWORD)) == WRONG
        assert sign_in(client, NEW).status_code == 200

    def test_ends_every_session_and_no_key(self, client: Client, alice: Client, make: Factory, token: str) -> None:
        login = sign_in(client, PASSWORD).json()
        program = client.as_bearer(make.key(alice, READ)["key"])
        use(client, token).raise_for_status()
        for who in (alice, client.as_bearer(login["access_token"])):
            assert refusal(who.get("/auth/me")) == (401, "token_invalid")
        spent = client.post("/auth/refresh", json={"refresh_token": login["refresh_token"]})
        assert refusal(spent) == (401, "refresh_token_invalid")
        assert program.get("/auth/me").status_code == 200

    def test_once(self, client: Client, token: str) -> None:
        use(client, token).raise_for_status()
        assert refusal(use(client, token, "another staple of readers")) == VOID
        assert sign_in(client, NEW).status_code == 200

    def test_of_the_newest_alone(self, admin: Client, client: Client, path: str, token: str) -> None:
        newer = issue(admin, path)
        assert refusal(use(client, token)) == VOID
        assert use(client, newer).status_code == 200

    def test_until_its_time_is_over(self, alice: Client, client: Client, token: str, database: DatabaseInside) -> None:
        database.mark(User, user_id(alice), reset_expires_at=datetime.now(UTC))
        assert refusal(use(client, token)) == VOID
        assert sign_in(client, PASSWORD).status_code == 200

    def test_until_the_password_is_changed(self, alice: Client, client: Client, token: str) -> None:
        passwords = {"current_password": PASSWORD, "new_password": "another staple of readers"}
        alice.put("/auth/password", json=passwords).raise_for_status()
        assert refusal(use(client, token)) == VOID

    def test_until_an_admin_goes(self, admin: Client, client: Client, make: Factory, token: str) -> None:
        """Who issued it may be that admin, and have kept the link."""
        other = make.user("former")
        address = f"/users/{user_id(other)}"
        admin.patch(address, json={"role": "admin"}).raise_for_status()
        admin.patch(address, json={"role": "member"}).raise_for_status()
        assert refusal(use(client, token)) == VOID

    def test_does_not_enable_who_is_disabled(self, admin: Client, client: Client, path: str, token: str) -> None:
        admin.patch(path, json={"disabled": True}).raise_for_status()
        assert use(client, token).status_code == 200
        assert refusal(sign_in(client, NEW)) == WRONG
        admin.patch(path, json={"disabled": False}).raise_for_status()
        assert sign_in(client, NEW).status_code == 200

    def test_is_of_its_user_alone(self, admin: Client, client: Client, make: Factory, token: str) -> None:
        make.user("bob")
        use(client, token).raise_for_status()
        assert admin.get("/auth/me").status_code == 200
        assert client.post("/auth/login", json=ALICE | {"username": "bob"}).status_code == 200


class TestRefusal:
    @pytest.mark.parametrize(
        "change",
        [
            lambda token: token[:-1],
            lambda token: token + "A",
            lambda token: f" {token}",
            lambda token: token.swapcase(),
            lambda _token: "bp_",
            lambda _token: "bp_%",
            lambda _token: "\N{GREEK SMALL LETTER ALPHA}" * 500,
        ],
    )
    def test_of_a_wrong_token(self, client: Client, token: str, change: Callable[[str], str]) -> None:
        reply = use(client, change(token))
        assert refusal(reply) == VOID
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="books-api"'
        assert sign_in(client, PASSWORD).status_code == 200

    def test_of_what_the_database_keeps(
        self, alice: Client, client: Client, token: str, database: DatabaseInside
    ) -> None:
        """What is in the database cannot be used to sign in."""
        with database.transaction() as db:
            kept = db.get_one(User, user_id(alice)).reset_hash
        assert kept
        assert token not in kept
        assert refusal(use(client, kept)) == VOID

    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({"new_password": "7 chars"}, [("/new_password", "must have at least 8 characters")]),
            ({"new_password": "p" * 257}, [("/new_password", "must have at most 256 characters")]),
            ({"new_password": "nul\0 within"}, [("/new_password", "must not contain a NUL")]),
            ({"new_password": None}, [("/new_password", "must be a string")]),
            ({"token": "bp_\0"}, [("/token", "must not contain a NUL")]),
            ({"token": "x" * 501}, [("/token", "must have at most 500 characters")]),
            ({"token": None}, [("/token", "must be a string")]),
            ({"username": "admin"}, [("/username", "is not a known field")]),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_of_a_body_spends_nothing(
        self, client: Client, token: str, body: dict[str, Any], wrong: list[tuple[str, str]]
    ) -> None:
        reply = client.post("/auth/password-reset", json={"token": token, "new_password": NEW} | body)
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == wrong
        assert use(client, token).status_code == 200
