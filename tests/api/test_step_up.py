"""Confirmations: what a session may do only for ten minutes after the user gave the password or a code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.support.authenticators import STEP, Authenticator, add_second_factor
from tests.support.factories import PASSWORD
from tests.support.time_shift import session_was_confirmed
from tests.support.users import SignedInUser, make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.api.conftest import Clock
    from tests.support.client import Client

KEY = {"name": "nightly import", "scopes": ["books:write"]}
SENSITIVE: dict[str, tuple[Any, int]] = {
    "POST /auth/keys": (KEY, 201),
    "POST /auth/identities": ({}, 400),
    "DELETE /auth/identities/1": (None, 404),
    "POST /auth/me/deletion": ({"current_password": PASSWORD}, 409),
    "DELETE /users/{user_id}": (None, 200),
    "PATCH /users/{user_id}": ({"disabled": True}, 200),
    "POST /users/{user_id}/password-reset": (None, 200),
    "DELETE /users/{user_id}/totp": (None, 409),
    "POST /auth/totp": (None, 200),
    "POST /auth/totp/recovery-codes": (None, 409),
    "DELETE /auth/totp": (None, 409),
}
"""With what they answer a confirmed admin; the user has no second factor and no identity, and is the last admin."""
REVOCATIONS: dict[str, Any] = {
    "DELETE /auth/keys/{key_id}": None,
    "DELETE /users/{user_id}/keys/{users_key_id}": None,
    "POST /users/{user_id}/logout-all": {"revoke_keys": True},
    "POST /auth/logout-all": {"revoke_keys": True},
    "POST /auth/logout": {},
}
TEN_MINUTES = timedelta(minutes=10)
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def chief(alice: SignedInUser, database: DatabaseInside) -> SignedInUser:
    """An admin."""
    make_admin(database, alice.user_id)
    return alice


def attempt(client: Client, operation: str, body: Any, **known: int) -> Any:
    method, path = operation.format(**known).split()
    return client.request(method, path, json=body)


def let_it_lapse(database: DatabaseInside, user: SignedInUser) -> None:
    session_was_confirmed(database, user.session_id, ago=TEN_MINUTES + A_SECOND)


class TestSensitiveOperation:
    @pytest.mark.parametrize("operation", SENSITIVE)
    def test_follows_a_login(self, chief: SignedInUser, bob: SignedInUser, operation: str) -> None:
        body, status = SENSITIVE[operation]
        assert attempt(chief.client, operation, body, user_id=bob.user_id).status_code == status

    @pytest.mark.parametrize("operation", SENSITIVE)
    def test_is_refused_later_until_the_session_is_confirmed(
        self, chief: SignedInUser, bob: SignedInUser, database: DatabaseInside, operation: str
    ) -> None:
        body, status = SENSITIVE[operation]
        let_it_lapse(database, chief)
        refused = attempt(chief.client, operation, body, user_id=bob.user_id)
        assert refusal(refused) == (401, "confirmation_required")
        assert refused.headers["WWW-Authenticate"] == (
            'Bearer realm="books-api", error="insufficient_user_authentication", max_age="600"'
        )
        chief.client.post("/auth/step-up", json={"password": PASSWORD}).raise_for_status()
        assert attempt(chief.client, operation, body, user_id=bob.user_id).status_code == status

    def test_is_allowed_in_the_last_second(self, alice: SignedInUser, database: DatabaseInside) -> None:
        session_was_confirmed(database, alice.session_id, ago=TEN_MINUTES - 5 * A_SECOND)
        assert alice.client.post("/auth/keys", json=KEY).status_code == 201

    def test_is_not_unlocked_by_a_refresh(self, alice: SignedInUser, database: DatabaseInside) -> None:
        let_it_lapse(database, alice)
        assert refusal(alice.refresh().client.post("/auth/keys", json=KEY)) == (401, "confirmation_required")

    def test_is_not_unlocked_by_another_session(self, alice: SignedInUser, database: DatabaseInside) -> None:
        let_it_lapse(database, alice)
        alice.sign_in().client.post("/auth/step-up", json={"password": PASSWORD}).raise_for_status()
        assert refusal(alice.client.post("/auth/keys", json=KEY)) == (401, "confirmation_required")

    def test_has_a_lifetime_that_is_a_setting(self, alice: SignedInUser, service_with: Callable[..., Client]) -> None:
        client = service_with(step_up_lifetime=timedelta(microseconds=1)).as_bearer(alice.access_token)
        assert refusal(client.post("/auth/keys", json=KEY)) == (401, "confirmation_required")


class TestRevocation:
    @pytest.mark.parametrize("operation", REVOCATIONS)
    def test_needs_no_confirmation(
        self, chief: SignedInUser, bob: SignedInUser, database: DatabaseInside, operation: str
    ) -> None:
        ids = {
            f"{name}key_id": user.client.post("/auth/keys", json=KEY).json()["id"]
            for name, user in (("", chief), ("users_", bob))
        }
        let_it_lapse(database, chief)
        answer = attempt(chief.client, operation, REVOCATIONS[operation], user_id=bob.user_id, **ids)
        assert answer.status_code == 200


class TestConfirmation:
    def test_says_until_when(self, alice: SignedInUser) -> None:
        reply = alice.client.post("/auth/step-up", json={"password": PASSWORD}).json()
        left = datetime.fromisoformat(reply["confirmed_until"]) - datetime.now(UTC)
        assert TEN_MINUTES - timedelta(minutes=1) < left <= TEN_MINUTES

    @pytest.mark.parametrize("wrong", ["wrong horse battery", PASSWORD.upper(), "p" * 73])
    def test_with_a_wrong_password_is_refused(self, alice: SignedInUser, database: DatabaseInside, wrong: str) -> None:
        let_it_lapse(database, alice)
        assert refusal(alice.client.post("/auth/step-up", json={"password": wrong})) == (401, "bad_credentials")
        assert refusal(alice.client.post("/auth/keys", json=KEY)) == (401, "confirmation_required")

    @pytest.mark.parametrize("body", [{}, {"password": None}, {"code": "123456"}])
    def test_without_the_password_says_that_it_is_needed(self, alice: SignedInUser, body: dict[str, Any]) -> None:
        reply = alice.client.post("/auth/step-up", json=body)
        assert refusal(reply) == (401, "bad_credentials")
        assert reply.json()["detail"] == "This account has no second factor: send its 'password'."

    def test_with_a_code(self, alice: SignedInUser, clock: Clock, database: DatabaseInside) -> None:
        authenticator = add_second_factor(alice.client, clock.now)
        let_it_lapse(database, alice)
        replay = {"code": authenticator.code(at=clock.now)}
        clock.now += STEP
        assert refusal(alice.client.post("/auth/step-up", json=replay)) == (401, "second_factor_invalid")
        for code in (authenticator.code(at=clock.now), authenticator.recovery_codes[0]):
            let_it_lapse(database, alice)
            alice.client.post("/auth/step-up", json={"code": code}).raise_for_status()
            assert alice.client.post("/auth/keys", json=KEY).status_code == 201

    @pytest.mark.parametrize("more", [{}, {"code": "recovery"}])
    def test_by_the_password_alone_does_not_remove_the_second_factor(
        self, alice: SignedInUser, clock: Clock, database: DatabaseInside, more: dict[str, str]
    ) -> None:
        authenticator = add_second_factor(alice.client, clock.now)
        let_it_lapse(database, alice)
        code = {name: authenticator.wrong_code(clock.now) for name in more}
        confirmed = alice.client.post("/auth/step-up", json={"password": PASSWORD} | code)
        assert confirmed.status_code == 401
        assert confirmed.json()["code"] == ("second_factor_invalid" if more else "second_factor_required")
        assert refusal(alice.client.delete("/auth/totp")) == (401, "confirmation_required")


@pytest.fixture
def limited(service_with: Callable[..., Client]) -> Client:
    return service_with(rate_limit_enabled=True, rate_limit_code_failures="3/day", rate_limit_login_failures="100/hour")


class TestGuessing:
    def guess(self, client: Client, user: SignedInUser, code: str) -> int:
        return client.post(
            "/auth/login", json={"username": user.username, "password": PASSWORD, "code": code}
        ).status_code

    def test_is_limited_by_account_over_login_and_confirmation(
        self, alice: SignedInUser, clock: Clock, limited: Client
    ) -> None:
        authenticator: Authenticator = add_second_factor(alice.client, clock.now)
        wrong, here = authenticator.wrong_code(clock.now), limited.as_bearer(alice.access_token)
        clock.now += STEP
        assert [self.guess(limited, alice, wrong) for _ in range(2)] == [401] * 2
        assert here.post("/auth/step-up", json={"code": wrong}).status_code == 401
        refused = here.post("/auth/step-up", json={"code": authenticator.code(at=clock.now)})
        assert refusal(refused) == (429, "too_many_requests")
        assert "a recovery code still works" in refused.json()["detail"]
        assert self.guess(limited, alice, authenticator.code(at=clock.now)) == 429
        assert self.guess(limited, alice, authenticator.recovery_codes[0]) == 200

    def test_is_not_forgiven_by_a_right_code(self, alice: SignedInUser, clock: Clock, limited: Client) -> None:
        authenticator = add_second_factor(alice.client, clock.now)
        wrong = authenticator.wrong_code(clock.now)
        clock.now += STEP
        assert [self.guess(limited, alice, wrong) for _ in range(2)] == [401] * 2
        assert self.guess(limited, alice, authenticator.code(at=clock.now)) == 200
        assert [self.guess(limited, alice, wrong) for _ in range(2)] == [401, 429]

    def test_costs_a_stranger_nothing(self, alice: SignedInUser, clock: Clock, limited: Client) -> None:
        """The code is checked only after the password, so a stranger cannot use up its limit."""
        authenticator = add_second_factor(alice.client, clock.now)
        clock.now += STEP
        for _ in range(5):
            body = {"username": alice.username, "password": "wrong horse battery", "code": "123456"}
            assert limited.post("/auth/login", json=body).status_code == 401
        assert self.guess(limited, alice, authenticator.code(at=clock.now)) == 200

    def test_of_the_password_is_limited_too(self, alice: SignedInUser, service_with: Callable[..., Client]) -> None:
        client = service_with(rate_limit_enabled=True, rate_limit_login_failures="2/hour").as_bearer(alice.access_token)
        wrong = [client.post("/auth/step-up", json={"password": "wrong horse"}).status_code for _ in range(3)]
        assert wrong == [401, 401, 429]
