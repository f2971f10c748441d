"""Responses kept for retries: for how long, at what cost, and what an account that is deleted leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from app.models import Author, KeptResponse, User
from app.services import idempotency
from app.services.cleanup.full_sweep import sweep
from devtools.databases import counted_queries
from tests.api.responses import refusal
from tests.support.factories import PASSWORD
from tests.support.idempotency import AUTHOR, KEY, is_replayed, number_of, repeated

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.users import SignedInUser

IN_A_DAY = timedelta(hours=24, seconds=1)


class TestExpiry:
    """Access tokens do not last for a day, API keys do."""

    @pytest.fixture
    def by_key(self, alice: SignedInUser) -> Client:
        return alice.anonymous.as_bearer(alice.new_key())

    def test_comes_after_24_hours(self, by_key: Client, database: DatabaseInside) -> None:
        now = datetime.now(UTC)
        first, second, third, fourth = (
            self._send(by_key, now + later)
            for later in (timedelta(0), IN_A_DAY - timedelta(minutes=1), IN_A_DAY, IN_A_DAY + timedelta(hours=1))
        )
        assert [is_replayed(reply) for reply in (first, second, third, fourth)] == [False, True, False, True]
        assert repeated(first) == repeated(second) != repeated(third) == repeated(fourth)
        assert [number_of(database, table) for table in (Author, KeptResponse)] == [2, 1]

    def test_frees_the_key_for_another_request(self, by_key: Client) -> None:
        now = datetime.now(UTC)
        assert self._send(by_key, now).status_code == 201
        assert refusal(self._send(by_key, now, name="Another")) == (422, "idempotency_key_reused")
        assert self._send(by_key, now + IN_A_DAY, name="Another").status_code == 201

    def test_removes_the_response_when_another_is_kept(
        self, by_key: Client, service_with: Callable[..., Client], database: DatabaseInside
    ) -> None:
        for number in range(3):
            by_key.post("/authors", json=AUTHOR, headers={"Idempotency-Key": f"key-{number}"}).raise_for_status()
        just_started = service_with()
        just_started.headers = by_key.headers
        with time_machine.travel(datetime.now(UTC) + IN_A_DAY, tick=True):
            just_started.post("/authors", json=AUTHOR, headers={"Idempotency-Key": "new"}).raise_for_status()
        assert number_of(database, KeptResponse) == 1

    def test_is_looked_for_once_in_a_while(
        self, by_key: Client, service_with: Callable[..., Client], database: DatabaseInside
    ) -> None:
        service = service_with()
        service.headers = by_key.headers
        sent = []
        for number in range(2):
            with counted_queries(database.engine) as statements:
                service.post("/authors", json=AUTHOR, headers={"Idempotency-Key": f"{number}"}).raise_for_status()
            sent.append(len([text for text in statements if text.startswith("DELETE FROM idempotency_keys")]))
        assert sent == [1, 0]

    def test_lets_the_command_remove_them_all(
        self, by_key: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(idempotency, "SWEPT_AT_ONCE", 2)
        for number in range(5):
            by_key.post("/authors", json=AUTHOR, headers={"Idempotency-Key": f"key-{number}"}).raise_for_status()
        assert sweep(database).responses == 0
        with time_machine.travel(datetime.now(UTC) + IN_A_DAY, tick=True):
            assert sweep(database).responses == 5
        assert number_of(database, KeptResponse) == 0

    def _send(self, client: Client, at: datetime, **fields: str) -> httpx.Response:
        with time_machine.travel(at, tick=True):
            return client.post("/authors", json=AUTHOR | fields, headers=KEY)


class TestCost:
    def test_is_nothing_without_the_header_and_at_most_two_statements_with_it(
        self, member: Client, database: DatabaseInside
    ) -> None:
        member.post("/authors", json=AUTHOR, headers=KEY).raise_for_status()  # the first one also sweeps
        sent = []
        for headers in ({}, {"Idempotency-Key": "counted"}, {"Idempotency-Key": "counted"}):
            with counted_queries(database.engine) as statements:
                member.post("/authors", json=AUTHOR, headers=headers).raise_for_status()
            sent.append(statements)
        without, with_key, replayed = ([text for text in some if not text.startswith("ROLLBACK")] for some in sent)
        assert not [text for text in without if "idempotency" in text]
        own = 1 if database.engine.dialect.name == "postgresql" else 2  # there the response is kept with the author
        assert len(with_key) == len(without) + own
        assert len(replayed) == 2, "the session, and the response"

    def test_in_room_is_limited_by_account(
        self, alice: SignedInUser, bob: SignedInUser, service_with: Callable[..., Client], database: DatabaseInside
    ) -> None:
        service = service_with(rate_limit_enabled=True, rate_limit_kept_responses="2/day")
        of_alice, of_bob = (service.as_bearer(user.access_token) for user in (alice, bob))
        replies = [of_alice.post("/authors", json=AUTHOR, headers={"Idempotency-Key": f"{n}"}) for n in range(3)]
        assert [reply.status_code for reply in replies] == [201, 201, 429]
        assert '"kept-responses";q=2;w=86400' in replies[2].headers["RateLimit-Policy"]
        assert [number_of(database, table) for table in (Author, KeptResponse)] == [2, 2]
        assert is_replayed(of_alice.post("/authors", json=AUTHOR, headers={"Idempotency-Key": "1"}))
        assert of_alice.post("/authors", json=AUTHOR).status_code == 201
        assert of_bob.post("/authors", json=AUTHOR, headers=KEY).status_code == 201


class TestDeletedAccount:
    def test_leaves_no_response(self, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside) -> None:
        """Whether the row of the user is deleted, or remains since records refer to it."""
        for user in (alice, bob):
            created = user.client.post("/authors", json=AUTHOR, headers=KEY).raise_for_status()
        bob.client.delete(created.headers["Location"]).raise_for_status()
        for user in (alice, bob):
            user.client.post("/auth/me/deletion", json={"current_password": PASSWORD}).raise_for_status()
        assert number_of(database, KeptResponse) == 0
        assert number_of(database, User) == 1
