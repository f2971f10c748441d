"""Limits on logins and registrations: when guessing is refused, by account and by address, and what the log says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from app.errors import DatabaseUnavailable, HashingBusy
from app.security.hashing import Hasher
from tests.support.factories import PASSWORD, Factory
from tests.support.rate_limits import from_address, remaining, require_refused, sign_in

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from tests.support.client import Client


class TestFailures:
    def test_lock_an_account_for_the_address_that_guesses(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_login_failures="3/15 minute")
        Factory(client).user("reader")
        assert [sign_in(client).status_code for _ in range(5)] == [401, 401, 401, 429, 429]
        require_refused(sign_in(client), "Too many failed logins to this account from your address.", 900)

    def test_lock_it_whatever_the_spelling_of_its_name(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        answers = [sign_in(client, name).status_code for name in ("Zoë", "ZOË", "zoe\u0308")]
        assert answers == [401, 401, 429]

    def test_do_not_lock_the_user_out_at_another_address(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        Factory(client).user("reader")
        attacker = from_address("203.0.113.9")
        assert [sign_in(client, **attacker).status_code for _ in range(3)] == [401, 401, 429]
        assert sign_in(client, password=PASSWORD, **attacker).status_code == 429
        assert sign_in(client, password=PASSWORD, **from_address("198.51.100.7")).status_code == 200

    def test_lock_no_other_account(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_login_failures="1/15 minute")
        assert [sign_in(client, name).status_code for name in ("a", "a", "b", "b")] == [401, 429, 401, 429]

    def test_are_forgiven_by_a_success(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        Factory(client).user("reader")
        for _ in range(3):
            assert sign_in(client).status_code == 401
            right = sign_in(client, password=PASSWORD)
            assert (right.status_code, remaining(right)["login-failures"]) == (200, 2)

    def test_count_for_unknown_usernames(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_login_failures="1/15 minute")
        assert [sign_in(client, "unknown").status_code for _ in range(2)] == [401, 429]

    def test_do_not_tell_who_has_an_account(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_login_failures="1/15 minute")
        Factory(client).user("reader")
        answers = [[sign_in(client, name) for _ in range(2)] for name in ("reader", "unknown")]
        seen = [[(answer.status_code, answer.headers["RateLimit"].count(";")) for answer in each] for each in answers]
        assert seen[0] == seen[1]

    @pytest.mark.parametrize("reason", [HashingBusy, DatabaseUnavailable])
    def test_are_not_counted_unless_the_password_was_checked(
        self, limited: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
    ) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        Factory(client).user("reader")
        with monkeypatch.context() as patch:
            patch.setattr(Hasher, "verify", Mock(side_effect=reason))
            answers = [sign_in(client, password=PASSWORD) for _ in range(3)]
        assert [(answer.status_code, remaining(answer)["login-failures"]) for answer in answers] == [(503, 2)] * 3
        assert sign_in(client, password=PASSWORD).status_code == 200


class TestAddresses:
    def test_have_an_allowance_of_sign_ins_good_or_bad(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_logins="3/5 minute")
        Factory(client).user("reader")
        assert [sign_in(client, f"name{number}").status_code for number in range(3)] == [401, 401, 429]
        require_refused(sign_in(client, password=PASSWORD), "Too many logins from your address.", 300)

    def test_have_each_their_own(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_logins="1/5 minute")
        addresses = ["203.0.113.9", "203.0.113.10", "203.0.113.9"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 401, 429]

    def test_of_ipv6_count_by_their_64_bits(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_logins="1/5 minute")
        addresses = ["2001:db8::1", "2001:db8::ffff:0:0:9", "2001:db8:0:1::1"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 429, 401]

    def test_of_ipv4_within_ipv6_are_ipv4(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_logins="1/5 minute")
        addresses = ["::ffff:203.0.113.9", "::ffff:203.0.113.10", "203.0.113.9"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 401, 429]

    def test_ignore_an_untrusted_forwarded_address(self, service_with: Callable[..., Client]) -> None:
        client = service_with(rate_limit_enabled=True, rate_limit_logins="1/5 minute")
        addresses = ["203.0.113.9", "203.0.113.10"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 429]

    @pytest.mark.parametrize("path", ["/auth/login", "/auth/refresh", "/auth/password-reset", "/register"])
    def test_count_what_is_malformed_too(self, limited: Callable[..., Client], path: str) -> None:
        """Parsing costs something, whatever the result."""
        client = limited(rate_limit_logins="2/hour", rate_limit_registrations="2/hour")
        statuses = [client.post(path, json={"unknown": 1}).status_code for _ in range(3)]
        assert statuses == [400, 400, 429]

    def test_may_register_so_often(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_registrations="2/hour")
        answers = [
            client.post("/register", json={"username": f"new{number}", "password": PASSWORD}) for number in range(3)
        ]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        require_refused(answers[2], "Too many registrations from your address.", 3600)


class TestLog:
    @pytest.fixture
    def client(self, limited: Callable[..., Client]) -> Client:
        """Before the fixture `log`, since a new service sets up the log too."""
        return limited(rate_limit_login_failures="1/hour")

    def test_a_refusal_names_the_limit_and_the_address_but_no_user(self, client: Client, log: io.StringIO) -> None:
        for _ in range(2):
            sign_in(client, "a-secret-reader", "a secret password", **from_address("203.0.113.9"))
        [event] = [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "rate_limited"]
        del event["timestamp"], event["request_id"]
        assert event == {
            "event": "rate_limited",
            "level": "warning",
            "limit": "login-failures",
            "address": "203.0.113.9",
        }
        assert "secret" not in log.getvalue()
