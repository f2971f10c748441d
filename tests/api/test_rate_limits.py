"""Limits: who is refused after how often, what each answer says of them, and what costs nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import httpx
import pytest

from app.errors import DatabaseUnavailable, HashingBusy
from app.security.hashing import Hasher
from app.security.roles import WRITE
from tests.support.factories import PASSWORD, Factory

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from tests.support.client import Client

    Limited = Callable[..., Client]

POLICY = re.compile(r'"([a-z-]+)";q=(\d+);w=(\d+)')
WRONG = "wrong password"
STATE = re.compile(r'"([a-z-]+)";r=(\d+);t=(\d+)')


@pytest.fixture
def limited(service_with: Callable[..., Client]) -> Limited:
    """A client of a service with limits: `limited(rate_limit_writes="2/minute")`."""

    def client(**limits: str) -> Client:
        return service_with(rate_limit_enabled=True, trusted_proxies="127.0.0.1", **limits)

    return client


def policies(answer: httpx.Response) -> dict[str, tuple[int, int]]:
    """By the name of each limit how often, in how many seconds."""
    return {name: (int(q), int(w)) for name, q, w in POLICY.findall(answer.headers["RateLimit-Policy"])}


def left(answer: httpx.Response) -> dict[str, int]:
    """By the name of each limit how often more."""
    return {name: int(r) for name, r, _ in STATE.findall(answer.headers["RateLimit"])}


def require_refused(answer: httpx.Response, what: str, window: int) -> None:
    """A 429 that says what was too often, and when to come again."""
    assert answer.status_code == 429
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= window
    problem = answer.json()
    assert problem["code"] == "too_many_requests"
    assert problem["detail"].startswith(what)
    assert f"Try again in {wait} second" in problem["detail"]


def sign_in(client: Client, username: str = "reader", password: str = WRONG, **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/auth/login", json={"username": username, "password": password}, headers=names)


def from_address(address: str) -> dict[str, str]:
    return {"X_Forwarded_For": address}


class TestFailures:
    def test_lock_an_account_for_the_address_that_guesses(self, limited: Limited) -> None:
        client = limited(rate_limit_login_failures="3/15 minute")
        Factory(client).user("reader")
        assert [sign_in(client).status_code for _ in range(5)] == [401, 401, 401, 429, 429]
        require_refused(sign_in(client), "Too many failed logins to this account from your address.", 900)

    def test_lock_it_whatever_the_spelling_of_its_name(self, limited: Limited) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        answers = [sign_in(client, name).status_code for name in ("Zoë", "ZOË", "zoe\u0308")]
        assert answers == [401, 401, 429]

    def test_do_not_lock_the_user_out_at_another_address(self, limited: Limited) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        Factory(client).user("reader")
        attacker = from_address("203.0.113.9")
        assert [sign_in(client, **attacker).status_code for _ in range(3)] == [401, 401, 429]
        assert sign_in(client, password=PASSWORD, **attacker).status_code == 429
        assert sign_in(client, password=PASSWORD, **from_address("198.51.100.7")).status_code == 200

    def test_lock_no_other_account(self, limited: Limited) -> None:
        client = limited(rate_limit_login_failures="1/15 minute")
        assert [sign_in(client, name).status_code for name in ("a", "a", "b", "b")] == [401, 429, 401, 429]

    def test_are_forgiven_by_a_success(self, limited: Limited) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        Factory(client).user("reader")
        for _ in range(3):
            assert sign_in(client).status_code == 401
            right = sign_in(client, password=PASSWORD)
            assert (right.status_code, left(right)["login-failures"]) == (200, 2)

    def test_count_for_unknown_usernames(self, limited: Limited) -> None:
        client = limited(rate_limit_login_failures="1/15 minute")
        assert [sign_in(client, "unknown").status_code for _ in range(2)] == [401, 429]

    def test_do_not_tell_who_has_an_account(self, limited: Limited) -> None:
        client = limited(rate_limit_login_failures="1/15 minute")
        Factory(client).user("reader")
        told = [[sign_in(client, name) for _ in range(2)] for name in ("reader", "unknown")]
        seen = [[(answer.status_code, answer.headers["RateLimit"].count(";")) for answer in each] for each in told]
        assert seen[0] == seen[1]

    @pytest.mark.parametrize("reason", [HashingBusy, DatabaseUnavailable])
    def test_are_not_counted_unless_the_password_was_checked(
        self, limited: Limited, monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
    ) -> None:
        client = limited(rate_limit_login_failures="2/15 minute")
        Factory(client).user("reader")
        with monkeypatch.context() as patch:
            patch.setattr(Hasher, "verify", Mock(side_effect=reason))
            answers = [sign_in(client, password=PASSWORD) for _ in range(3)]
        assert [(answer.status_code, left(answer)["login-failures"]) for answer in answers] == [(503, 2)] * 3
        assert sign_in(client, password=PASSWORD).status_code == 200


class TestAddresses:
    def test_have_an_allowance_of_sign_ins_good_or_bad(self, limited: Limited) -> None:
        client = limited(rate_limit_logins="3/5 minute")
        Factory(client).user("reader")
        assert [sign_in(client, f"name{number}").status_code for number in range(3)] == [401, 401, 429]
        require_refused(sign_in(client, password=PASSWORD), "Too many logins from your address.", 300)

    def test_have_each_their_own(self, limited: Limited) -> None:
        client = limited(rate_limit_logins="1/5 minute")
        addresses = ["203.0.113.9", "203.0.113.10", "203.0.113.9"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 401, 429]

    def test_of_ipv6_count_by_their_64_bits(self, limited: Limited) -> None:
        client = limited(rate_limit_logins="1/5 minute")
        addresses = ["2001:db8::1", "2001:db8::ffff:0:0:9", "2001:db8:0:1::1"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 429, 401]

    def test_of_ipv4_within_ipv6_are_ipv4(self, limited: Limited) -> None:
        client = limited(rate_limit_logins="1/5 minute")
        addresses = ["::ffff:203.0.113.9", "::ffff:203.0.113.10", "203.0.113.9"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 401, 429]

    def test_ignore_an_untrusted_forwarded_address(self, service_with: Callable[..., Client]) -> None:
        client = service_with(rate_limit_enabled=True, rate_limit_logins="1/5 minute")
        addresses = ["203.0.113.9", "203.0.113.10"]
        assert [sign_in(client, **from_address(address)).status_code for address in addresses] == [401, 429]

    @pytest.mark.parametrize("path", ["/auth/login", "/auth/refresh", "/auth/password-reset", "/register"])
    def test_count_what_is_malformed_too(self, limited: Limited, path: str) -> None:
        """Parsing costs something, whatever the result."""
        client = limited(rate_limit_logins="2/hour", rate_limit_registrations="2/hour")
        statuses = [client.post(path, json={"unknown": 1}).status_code for _ in range(3)]
        assert statuses == [400, 400, 429]

    def test_may_register_so_often(self, limited: Limited) -> None:
        client = limited(rate_limit_registrations="2/hour")
        answers = [
            client.post("/register", json={"username": f"new{number}", "password": PASSWORD}) for number in range(3)
        ]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        require_refused(answers[2], "Too many registrations from your address.", 3600)


class TestWrites:
    def test_are_limited_by_account_from_wherever(self, limited: Limited) -> None:
        client = limited(rate_limit_writes="3/minute")
        one, other = Factory(client).user("one"), Factory(client).user("other")
        author = Factory(client).author(one)
        assert one.put(f"/authors/{author['id']}", json={"bio": "x"}).status_code == 200
        assert one.delete(f"/authors/{author['id']}", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200
        require_refused(one.post("/authors", json={"name": "x"}), "Too many changes by your account.", 60)
        assert other.post("/authors", json={"name": "x"}).status_code == 201

    def test_count_a_batch_once(self, limited: Limited) -> None:
        member = Factory(limited(rate_limit_writes="2/minute")).user()
        author = Factory(member).author(member)
        books = [{"title": str(number), "author_id": author["id"]} for number in range(9)]
        answer = member.post("/books/batch", json={"books": books})
        assert (answer.status_code, left(answer)) == (207, {"writes": 0, "records": 59_991})

    def test_a_stolen_key_cannot_use_up_the_owners_limit(self, limited: Limited) -> None:
        make = Factory(limited(rate_limit_writes="2/minute"))
        owner = make.user("owner")
        key = make.key(owner, WRITE)
        thief, elsewhere = owner.as_bearer(key["key"]), sign_in(make.client, "owner", PASSWORD).json()
        assert [thief.post("/authors", json={"name": "x"}).status_code for _ in range(3)] == [201, 201, 429]
        assert [owner.delete("/auth/sessions/1").status_code for _ in range(2)] == [404, 429]
        owner = owner.as_bearer(elsewhere["access_token"])
        assert owner.delete(f"/auth/keys/{key['id']}").status_code == 200
        assert owner.post("/auth/logout-all").status_code == 200

    def test_are_not_reads(self, limited: Limited) -> None:
        member = Factory(limited(rate_limit_writes="1/minute")).user()
        assert [member.get("/auth/me").status_code for _ in range(3)] == [200] * 3
        assert "writes" not in left(member.get("/auth/me"))

    def test_without_authentication_are_not_counted(self, limited: Limited) -> None:
        client = limited(rate_limit_writes="1/minute")
        answers = [client.post("/authors", json={"name": "x"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401] * 3


class TestReads:
    def test_have_a_default_that_lets_an_app_read_the_whole_catalogue(self, limited: Limited) -> None:
        """A million books are five thousand pages."""
        answer = limited().get("/books")
        assert (left(answer)["reads"], policies(answer)["reads"]) == (29_999, (30_000, 60))

    def test_may_be_unlimited(self, limited: Limited) -> None:
        answer = limited(rate_limit_reads="none").get("/books")
        assert not {"RateLimit", "RateLimit-Policy"} & set(answer.headers)

    def test_say_after_each_how_many_are_left(self, limited: Limited) -> None:
        client = limited(rate_limit_reads="1000/minute")
        assert [left(client.get("/"))["reads"] for _ in range(50)] == list(range(999, 949, -1))

    def test_may_be(self, limited: Limited) -> None:
        client = limited(rate_limit_reads="3/minute")
        answers = [client.get(path) for path in ("/books", "/books/1", "/", "/authors")]
        assert [answer.status_code for answer in answers] == [200, 404, 200, 429]
        assert [left(answer)["reads"] for answer in answers] == [2, 1, 0, 0]
        require_refused(answers[3], "Too many requests from your address.", 60)
        assert client.get("/books", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200

    @pytest.mark.parametrize("path", ["/authors/{id}", "/authors", "/openapi.json"])
    def test_a_304_costs_nothing(self, limited: Limited, path: str) -> None:
        client = limited(rate_limit_reads="3/minute")
        address = path.format_map(Factory(client).author(Factory(client).user()))
        first = client.get(address)
        again = [client.get(address, headers={"If-None-Match": first.headers["ETag"]}) for _ in range(9)]
        assert {(answer.status_code, left(answer)["reads"]) for answer in again} == {(304, 2)}

    def test_looking_whether_it_lives_costs_nothing(self, limited: Limited) -> None:
        client = limited(rate_limit_reads="1/minute")
        answers = [client.get(path) for path in ("/healthz", "/readyz") * 3]
        assert {answer.status_code for answer in answers} == {200}
        assert not any("RateLimit" in answer.headers for answer in answers)


class TestBatches:
    def test_count_by_the_books_in_them(self, limited: Limited) -> None:
        client = limited(rate_limit_records="5/minute")
        member = Factory(client).user()
        books = [{"title": "No author", "author_id": 10**15}] * 3
        first = member.post("/books/batch", json={"books": books})
        assert (first.status_code, left(first)["records"], policies(first)["records"]) == (207, 2, (5, 60))
        assert left(first)["writes"] == policies(first)["writes"][0] - 1
        second = member.post("/books/batch", json={"books": books})
        require_refused(second, "Too many books in batches of your account.", 120)
        assert left(second)["records"] == 2
        assert member.post("/books/batch", json={"books": books[:2]}).status_code == 207
        assert "records" not in left(member.post("/authors", json={"name": "Jane Austen"}))

    def test_of_each_account_count_by_themselves(self, limited: Limited) -> None:
        client = limited(rate_limit_records="1/minute")
        books = {"books": [{"title": "No author", "author_id": 10**15}]}
        answers = [Factory(client).user().post("/books/batch", json=books) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [207, 207]

    def test_have_a_default_that_lets_importers_go_on(self, limited: Limited) -> None:
        """A batch of a thousand each second, which no server manages."""
        client = limited()
        member = Factory(client).user()
        answer = member.post("/books/batch", json={"books": [{}] * 1000})
        assert (left(answer)["records"], policies(answer)["records"]) == (59_000, (60_000, 60))


class TestAnswers:
    def test_say_the_policy_and_what_is_left(self, limited: Limited) -> None:
        client = limited(rate_limit_logins="600/5 minute", rate_limit_login_failures="10/15 minute")
        answer = sign_in(client)
        assert answer.headers["RateLimit-Policy"] == '"logins";q=600;w=300, "login-failures";q=10;w=900'
        assert STATE.sub("", answer.headers["RateLimit"]) == ", "
        assert left(answer) == {"logins": 599, "login-failures": 9}
        times = [int(t) for _, _, t in STATE.findall(answer.headers["RateLimit"])]
        assert all(0 < seconds <= window for seconds, (_, window) in zip(times, policies(answer).values(), strict=True))

    def test_say_so_when_they_refuse_too(self, limited: Limited) -> None:
        client = limited(rate_limit_logins="1/hour")
        sign_in(client)
        refusal = sign_in(client)
        assert policies(refusal) == {"logins": (1, 3600)}
        assert left(refusal) == {"logins": 0}
        assert f";t={refusal.headers['Retry-After']}" in refusal.headers["RateLimit"]

    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")  # the database counts nothing
    def test_have_defaults_that_allow_many_clients_behind_one_address(self, limited: Limited) -> None:
        """As the founding README's Locust run does: a hundred of one address register and sign in, and later again."""
        client = limited()
        for run in range(2):
            for number in range(100):
                Factory(client).user(f"reader-{run}-{number}")

    def test_nothing_is_limited_where_limits_are_off(self, service_with: Callable[..., Client]) -> None:
        client = service_with(rate_limit_login_failures="1/hour", rate_limit_reads="1/hour")
        assert [sign_in(client).status_code for _ in range(3)] == [401] * 3
        assert [client.get("/books").status_code for _ in range(3)] == [200] * 3


class TestLog:
    @pytest.fixture
    def client(self, limited: Limited) -> Client:
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
