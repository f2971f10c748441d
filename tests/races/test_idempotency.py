"""The same request many times at once under one key: it is carried out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from devtools.polling import wait_until
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import Factory

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

OFTEN = 5


def key() -> dict[str, str]:
    """A key that was never used."""
    return {"Idempotency-Key": f'"{uuid4()}"'}


def require_one_response(answers: list[httpx.Response], status: int) -> dict[str, Any]:
    """Check that one answer is the first, and all others repeat it or are a 409. Returns: it."""
    others = [answer for answer in answers if answer.status_code != status]
    assert {(answer.status_code, answer.json()["code"]) for answer in others} <= {(409, "idempotency_key_in_use")}
    assert {answer.headers["Retry-After"] for answer in others} <= {"1"}
    same = [answer for answer in answers if answer.status_code == status]
    assert [answer.headers.get("Idempotency-Replayed") for answer in same].count(None) == 1
    assert len({answer.content for answer in same}) == 1
    document: dict[str, Any] = same[0].json()
    return document


class TestSameRequest:
    def test_creates_one_book(self, clients: ConcurrentClients) -> None:
        for _ in range(OFTEN):
            author_id = Factory(clients.member).author(clients.member)["id"]
            body = {"title": "Emma", "author_id": author_id, "genres": [f"Genre {uuid4()}"]}
            once = key()

            def send(
                client: Client, _number: int, body: dict[str, Any] = body, once: dict[str, str] = once
            ) -> httpx.Response:
                return client.post("/books", json=body, headers=once)

            created = require_one_response(clients.at_once(send), 201)
            books = clients.member.get("/books", params={"author_id": author_id}).json()
            assert [book["id"] for book in books] == [created["id"]]
            later = clients.at_once(send)
            assert tally(later) == {201: SIZE}
            assert {(answer.json()["id"], answer.headers["Idempotency-Replayed"]) for answer in later} == {
                (created["id"], "true")
            }

    def test_changes_a_book_once(self, clients: ConcurrentClients) -> None:
        path = f"/books/{Factory(clients.member).book(clients.member)['id']}"
        once = key()
        answers = clients.at_once(lambda client, _: client.patch(path, json={"pages": 9}, headers=once))
        assert require_one_response(answers, 200)["version"] == 2
        assert clients.member.get(path).json()["version"] == 2

    def test_applies_a_batch_once(self, clients: ConcurrentClients) -> None:
        author_id = Factory(clients.member).author(clients.member)["id"]
        body = {"books": [{"title": f"Book {place}", "author_id": author_id} for place in range(20)]}
        once = key()
        answers = clients.at_once(lambda client, _: client.post("/books/batch", json=body, headers=once))
        require_one_response(answers, 207)
        listed = clients.member.get("/books", params={"author_id": author_id, "count": "exact"})
        assert listed.headers["X-Total-Count"] == "20"


class TestOtherRequests:
    def test_with_one_key_are_refused_but_for_one(self, clients: ConcurrentClients) -> None:
        once = key()
        answers = clients.at_once(
            lambda client, number: client.post("/authors", json={"name": f"Author {number}"}, headers=once)
        )
        assert tally(answers)[201] == 1
        codes = {answer.json()["code"] for answer in answers if answer.status_code != 201}
        assert codes <= {"idempotency_key_reused", "idempotency_key_in_use"}

    def test_with_keys_of_their_own_do_not_wait_for_each_other(self, clients: ConcurrentClients) -> None:
        answers = clients.at_once(lambda client, _: client.post("/authors", json={"name": "Emma"}, headers=key()))
        assert tally(answers) == {201: SIZE}
        assert len({answer.json()["id"] for answer in answers}) == SIZE


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
class TestRequestThatStillRuns:
    """On SQLite a repetition waits, as every other writer does."""

    def test_has_its_repetition_refused_at_once(self, clients: ConcurrentClients, served: Served) -> None:
        member = clients.member
        path = f"/books/{Factory(member).book(member)['id']}"
        once = key()
        with psycopg.connect(served.url) as other, ThreadPoolExecutor(1) as pool:
            other.execute("LOCK TABLE books")
            first = pool.submit(member.patch, path, json={"pages": 9}, headers=once)
            wait_until(lambda: _waiting(served.url) == 1)
            again = served.client().as_bearer(member.headers["Authorization"].split()[1])
            refused = again.patch(path, json={"pages": 9}, headers=once)
            assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
            assert refused.headers["Retry-After"] == "1"
            assert not first.done()
            other.rollback()
            assert first.result().status_code == 200
        replayed = member.patch(path, json={"pages": 9}, headers=once)
        assert (replayed.content, replayed.headers["Idempotency-Replayed"]) == (first.result().content, "true")


def _waiting(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchone()
    return row[0] if row else 0
