"""Refusals of requests with an `Idempotency-Key`: which are kept for retries, and which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.errors import DatabaseBusy
from app.models import Author, Book, KeptResponse
from app.services import authors
from tests.api.responses import refusal
from tests.support.factories import isbn13
from tests.support.idempotency import AUTHOR, KEY, is_replayed, number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.users import SignedInUser


class TestRefusal:
    def test_of_a_write_is_kept(
        self, twice: Callable[..., httpx.Response], member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        other = make.book(member, isbn=isbn13(1))
        body = {"title": "Emma", "author_id": other["author_id"], "isbn": isbn13(1)}
        assert refusal(twice("POST", "/books", json=body)) == (409, "isbn_taken")
        member.delete(f"/books/{other['id']}").raise_for_status()
        again = member.post("/books", json=body, headers=KEY)
        assert (refusal(again), is_replayed(again)) == ((409, "isbn_taken"), True)
        assert member.post("/books", json=body, headers={"Idempotency-Key": "another"}).status_code == 201
        assert number_of(database, Book) == 1

    def test_is_kept_once_the_write_has_begun(self, twice: Callable[..., httpx.Response]) -> None:
        requests: list[tuple[str, str, dict[str, Any], int]] = [
            ("POST", "/books", {"title": "Emma", "author_id": 10**15}, 400),
            ("PATCH", "/books/123456789012", {"title": "Emma"}, 404),
            ("PATCH", "/authors/123456789012", {"name": "Emma"}, 404),
            ("POST", "/books/batch?atomic=true", {"books": [{"title": "Emma"}]}, 400),
        ]
        for number, (method, path, body, status) in enumerate(requests):
            reply = twice(method, path, json=body, headers={"Idempotency-Key": f"{number}"})
            assert reply.status_code == status

    def test_of_a_precondition_is_kept(
        self, twice: Callable[..., httpx.Response], member: Client, make: Factory
    ) -> None:
        path = f"/authors/{make.author(member)['id']}"
        assert twice("PATCH", path, json=AUTHOR, headers={"If-Match": '"9"'}).status_code == 412
        right = member.patch(path, json=AUTHOR, headers=KEY | {"If-Match": '"1"'})
        assert refusal(right) == (422, "idempotency_key_reused"), "the precondition belongs to the request"

    def test_of_a_body_is_not_kept(self, member: Client) -> None:
        wrong = [member.post("/authors", json={"name": ""}, headers=KEY) for _ in range(2)]
        assert [(refusal(reply), is_replayed(reply)) for reply in wrong] == [((400, "invalid_request"), False)] * 2
        assert member.post("/authors", json=AUTHOR, headers=KEY).status_code == 201

    def test_for_lack_of_permission_is_not_kept(
        self, service_with: Callable[..., Client], alice: SignedInUser, database: DatabaseInside
    ) -> None:
        limited = service_with(quota_records=1).as_bearer(alice.access_token)
        limited.post("/authors", json=AUTHOR).raise_for_status()
        assert refusal(limited.post("/authors", json=AUTHOR, headers=KEY)) == (403, "quota_reached")
        again = alice.client.post("/authors", json=AUTHOR, headers=KEY)
        assert (again.status_code, is_replayed(again)) == (201, False)
        retried = limited.post("/authors", json=AUTHOR, headers=KEY)
        assert (retried.status_code, is_replayed(retried)) == (201, True), "nothing is added, so the quota is no matter"
        assert number_of(database, Author) == 2

    @pytest.mark.parametrize("error", [DatabaseBusy, RuntimeError])
    def test_by_a_fault_of_the_service_is_not_kept(
        self, member: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
    ) -> None:
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(authors.AuthorService, "create", fail)
        assert member.post("/authors", json=AUTHOR, headers=KEY).status_code in {500, 503}
        monkeypatch.undo()
        reply = member.post("/authors", json=AUTHOR, headers=KEY)
        assert (reply.status_code, is_replayed(reply)) == (201, False)
        assert number_of(database, Author) == 1

    def test_by_a_fault_after_it_was_kept_leaves_nothing(
        self, member: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The response is kept in the transaction of the write, and rolled back with it."""

        def fail(*_: object) -> None:
            raise DatabaseBusy

        monkeypatch.setattr("app.web.write_transaction.require_still_valid", fail)
        assert member.post("/authors", json=AUTHOR, headers=KEY).status_code == 503
        assert [number_of(database, table) for table in (Author, KeptResponse)] == [0, 0]
