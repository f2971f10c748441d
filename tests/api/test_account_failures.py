"""Guesses at one account from many addresses: they are slowed down, and the user is not locked out."""

from __future__ import annotations

from itertools import repeat
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from app.rate_limiting import windows
from tests.support.factories import PASSWORD
from tests.support.users import make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

READER = {"username": "reader", "password": PASSWORD}
HOME = {"X-Forwarded-For": "192.0.2.1"}


@pytest.fixture
def service(service_with: Callable[..., Client]) -> Client:
    """Three failures in an hour are enough. `reader` has registered at home."""
    client = service_with(rate_limit_enabled=True, trusted_proxies="127.0.0.1", rate_limit_account_failures="3/hour")
    client.post("/register", json=READER, headers=HOME).raise_for_status()
    return client


def log_in(client: Client, address: int, password: str = "wrong", username: str = "reader") -> httpx.Response:  # noqa: S107
    """Log in from one of many addresses."""
    headers = {"X-Forwarded-For": f"198.51.100.{address}"}
    return client.post("/auth/login", json={"username": username, "password": password}, headers=headers)


def guess(client: Client) -> list[int]:
    """Six guesses, each from another address."""
    return [log_in(client, address).status_code for address in range(6)]


class TestGuessing:
    def test_is_slowed_down_over_all_addresses(self, service: Client) -> None:
        assert guess(service) == [401, 401, 401, 401, 429, 429]
        reply = log_in(service, 9)
        assert 1 <= int(reply.headers["Retry-After"]) <= 6
        assert "Too many failed logins to this account" in reply.json()["detail"]

    def test_goes_on_at_one_guess_in_five_seconds(self, service: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        guess(service)
        for rounds in range(1, 4):
            monkeypatch.setattr(windows, "monotonic", repeat(monotonic() + 11 * rounds).__next__)
            assert guess(service)[:3] == [401, 429, 429]

    def test_is_counted_by_account(self, service: Client) -> None:
        guess(service)
        assert log_in(service, 1, username="another").status_code == 401

    def test_of_unknown_accounts_is_treated_alike(self, service: Client) -> None:
        answers = [log_in(service, address, username="unregistered").status_code for address in range(6)]
        assert answers == [401, 401, 401, 401, 429, 429]

    def test_that_is_refused_does_not_count_against_the_address(self, service: Client) -> None:
        guess(service)
        refused = [log_in(service, 7) for _ in range(12)]
        assert {reply.json()["detail"].partition(".")[0] for reply in refused} == {
            "Too many failed logins to this account"
        }

    def test_is_not_counted_where_the_limit_is_unset(self, service_with: Callable[..., Client]) -> None:
        client = service_with(rate_limit_enabled=True, trusted_proxies="127.0.0.1", rate_limit_account_failures="")
        assert guess(client) == [401] * 6


class TestUser:
    def test_logs_in_at_a_known_address_as_ever(self, service: Client) -> None:
        guess(service)
        for _ in range(3):
            assert service.post("/auth/login", json=READER | {"password": "typo"}, headers=HOME).status_code == 401
            assert service.post("/auth/login", json=READER, headers=HOME).status_code == 200

    def test_makes_an_address_known_by_a_login(self, service: Client) -> None:
        assert log_in(service, 50, PASSWORD).status_code == 200
        guess(service)
        assert log_in(service, 50, PASSWORD).status_code == 200
        assert log_in(service, 51, PASSWORD).status_code == 429

    def test_is_not_slowed_down_by_logins_from_many_addresses(self, service: Client) -> None:
        assert {log_in(service, address, PASSWORD).status_code for address in range(8)} == {200}

    def test_keeps_the_session(self, service: Client) -> None:
        tokens = service.post("/auth/login", json=READER, headers=HOME).json()
        guess(service)
        elsewhere = {"X-Forwarded-For": "203.0.113.5"}
        session = service.as_bearer(tokens["access_token"])
        assert service.post(
            "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}, headers=elsewhere
        ).is_success
        change = {"current_password": PASSWORD, "new_password": f"not {PASSWORD}"}
        assert session.put("/auth/password", json=change, headers=elsewhere).status_code == 200

    def test_gets_in_at_a_new_address_with_a_reset_link(self, service: Client, database: DatabaseInside) -> None:
        tokens = service.post("/auth/login", json=READER, headers=HOME).json()
        admin = service.as_bearer(tokens["access_token"])
        user_id = admin.get("/auth/me").json()["id"]
        make_admin(database, user_id)
        token = admin.post(f"/users/{user_id}/password-reset").json()["token"]
        guess(service)
        new = {"token": token, "new_password": f"not {PASSWORD}"}
        elsewhere = {"X-Forwarded-For": "198.51.100.77"}
        assert service.post("/auth/password-reset", json=new, headers=elsewhere).status_code == 200
        assert log_in(service, 77, new["new_password"]).status_code == 200
