"""Retries with an `Idempotency-Key`: the write is carried out once, and each retry gets the first response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.models import Author, Book, KeptResponse
from tests.api.responses import refusal
from tests.support.idempotency import AUTHOR, KEY, is_replayed, number_of, repeated
from tests.support.users import SignedInUser, new_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.openapi_contract import OpenApiContract


class TestRetry:
    def test_of_a_creation_creates_nothing(
        self, twice: Callable[..., httpx.Response], database: DatabaseInside, member: Client
    ) -> None:
        author = twice("POST", "/authors", json=AUTHOR)
        assert (author.status_code, author.json()["name"]) == (201, AUTHOR["name"])
        assert number_of(database, Author) == 1
        assert member.get(author.headers["Location"]).headers["ETag"] == author.headers["ETag"]

    def test_of_a_book(self, twice: Callable[..., httpx.Response], database: DatabaseInside, make: Factory) -> None:
        author_id = make.author(make.user())["id"]
        book = twice("POST", "/books", json={"title": "Ἰλιάς 🏛", "author_id": author_id, "genres": ["Épopée"]})
        assert book.status_code == 201
        assert number_of(database, Book) == 1

    @pytest.mark.parametrize("records", ["books", "authors"])
    def test_of_a_patch_changes_nothing(
        self, twice: Callable[..., httpx.Response], member: Client, make: Factory, records: str
    ) -> None:
        record, body = {
            "books": (make.book, {"title": "Persuasion", "pages": 7}),
            "authors": (make.author, {"name": "Anne Elliot"}),
        }[records]
        path = f"/{records}/{record(member)['id']}"
        seen = member.get(path).headers["ETag"]
        changed = twice("PATCH", path, json=body, headers={"If-Match": seen})
        assert (changed.status_code, changed.json()["version"]) == (200, 2)
        assert member.get(path).headers["ETag"] == changed.headers["ETag"]

    def test_of_a_batch(self, twice: Callable[..., httpx.Response], database: DatabaseInside, make: Factory) -> None:
        author_id = make.author(make.user())["id"]
        books = [{"title": f"Book {place}", "author_id": author_id} for place in range(5)] + [{"title": "No author"}]
        batch = twice("POST", "/books/batch", json={"books": books})
        assert [result["status"] for result in batch.json()["results"]] == [201] * 5 + [400]
        assert number_of(database, Book) == 5

    def test_of_a_renamed_genre(
        self, member: Client, make: Factory, database: DatabaseInside, request: pytest.FixtureRequest
    ) -> None:
        make.book(member, genres=["Sci-Fi"])
        admin = new_admin(request.getfixturevalue("client"), database).client
        body = {"name": "Sci-Fi", "new_name": "Science Fiction"}
        first, second = (admin.post("/genres/rename", json=body, headers=KEY) for _ in range(2))
        assert (first.status_code, first.json()["books_changed"]) == (200, 1)
        assert (repeated(first), is_replayed(second)) == (repeated(second), True)
        without = admin.post("/genres/rename", json=body)
        assert refusal(without) == (400, "genre_missing")

    def test_gets_what_was_true_then(self, member: Client) -> None:
        created = member.post("/authors", json=AUTHOR, headers=KEY)
        member.delete(created.headers["Location"]).raise_for_status()
        again = member.post("/authors", json=AUTHOR, headers=KEY)
        assert (repeated(again), is_replayed(again)) == (repeated(created), True)
        assert member.get(created.headers["Location"]).status_code == 404

    def test_is_compressed_as_its_client_wants(self, member: Client) -> None:
        body = AUTHOR | {"bio": "Of many words. " * 100}
        replies = [
            member.post("/authors", json=body, headers=KEY | {"Accept-Encoding": coding})
            for coding in ("gzip", "identity", "gzip")
        ]
        assert [reply.headers.get("Content-Encoding") for reply in replies] == ["gzip", None, "gzip"]
        assert len({reply.content for reply in replies}) == 1
        assert [is_replayed(reply) for reply in replies] == [False, True, True]

    def test_with_a_key_without_quotes_is_the_same(self, member: Client) -> None:
        member.post("/authors", json=AUTHOR, headers=KEY).raise_for_status()
        bare = {"Idempotency-Key": KEY["Idempotency-Key"].strip('"')}
        assert is_replayed(member.post("/authors", json=AUTHOR, headers=bare))

    def test_with_another_token_of_the_user_is_the_same(self, alice: SignedInUser, database: DatabaseInside) -> None:
        by_key = alice.anonymous.as_bearer(alice.new_key())
        for client in (alice.client, alice.sign_in().client, by_key):
            assert client.post("/authors", json=AUTHOR, headers=KEY).status_code == 201
        assert number_of(database, Author) == 1

    def test_is_logged_as_one(self, member: Client, capsys: pytest.CaptureFixture[str]) -> None:
        member.post("/authors", json=AUTHOR, headers=KEY)
        assert "replayed" not in capsys.readouterr().err
        member.post("/authors", json=AUTHOR, headers=KEY)
        assert "replayed" in capsys.readouterr().err


class TestOtherRequest:
    def test_with_the_same_key_is_refused(self, member: Client, database: DatabaseInside) -> None:
        author = member.post("/authors", json=AUTHOR, headers=KEY).raise_for_status().json()
        path = f"/authors/{author['id']}"
        others = [
            member.post("/authors", json={"name": "Another"}, headers=KEY),
            member.post("/authors", content=b'{"name": "Another"}', headers=KEY | {"Content-Type": "application/json"}),
            member.patch(path, json=AUTHOR, headers=KEY),
            member.post("/books", json={"title": "Emma", "author_id": author["id"]}, headers=KEY),
            member.post("/books/batch", json={"books": [{"title": "Emma"}]}, headers=KEY),
        ]
        assert [refusal(reply) for reply in others] == [(422, "idempotency_key_reused")] * len(others)
        assert [number_of(database, table) for table in (Author, Book, KeptResponse)] == [1, 0, 1]
        assert member.get(path).json()["version"] == 1

    def test_differs_in_its_query(self, member: Client, make: Factory) -> None:
        books = {"books": [{"title": "Emma", "author_id": make.author(member)["id"]}]}
        assert member.post("/books/batch", json=books, headers=KEY).status_code == 207
        assert member.post("/books/batch?atomic=true", json=books, headers=KEY).status_code == 422

    def test_of_another_user_has_nothing_to_do_with_it(
        self, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside
    ) -> None:
        first = alice.client.post("/authors", json=AUTHOR, headers=KEY).json()
        of_bob = bob.client.post("/authors", json=AUTHOR, headers=KEY)
        assert (of_bob.status_code, is_replayed(of_bob)) == (201, False)
        assert of_bob.json()["id"] != first["id"]
        assert bob.client.post("/authors", json={"name": "Another"}, headers=KEY).status_code == 422
        assert number_of(database, Author) == 2

    def test_of_an_account_ignores_the_header(self, alice: SignedInUser, database: DatabaseInside) -> None:
        """Their responses have secrets, which are not stored."""
        body = {"name": "import", "scopes": ["books:write"]}
        keys = [alice.client.post("/auth/keys", json=body, headers=KEY).raise_for_status().json() for _ in range(2)]
        assert keys[0]["key"] != keys[1]["key"]
        assert number_of(database, KeptResponse) == 0

    def test_that_is_idempotent_by_itself_ignores_it(
        self, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        path = f"/authors/{make.author(member)['id']}"
        assert member.put(path, json=AUTHOR, headers=KEY).status_code == 200
        assert member.delete(path, headers=KEY).status_code == 200
        assert number_of(database, KeptResponse) == 0


class TestKey:
    def test_is_escaped_within_quotes(self, member: Client, database: DatabaseInside) -> None:
        keys = ["a" * 255, '"a \\"b\\", \\\\"', '"c"', "c"]
        replies = [member.post("/authors", json=AUTHOR, headers={"Idempotency-Key": key}) for key in keys]
        assert [is_replayed(reply) for reply in replies] == [False, False, False, True]
        with database.reading() as connection:
            assert set(connection.scalars(select(KeptResponse.key))) == {"a" * 255, 'a "b", \\', "c"}

    def test_of_another_form_is_refused_by_name(self, member: Client, database: DatabaseInside) -> None:
        for key in ("", "a b", '"a", "b"', "a" * 10_000):
            reply = member.post("/authors", json=AUTHOR, headers={"Idempotency-Key": key})
            assert refusal(reply) == (400, "invalid_request")
            assert [fault["header"] for fault in reply.json()["errors"]] == ["Idempotency-Key"]
            assert reply.json()["detail"].startswith("Invalid header: Idempotency-Key: must be one string")
        assert number_of(database, Author) == 0

    def test_is_looked_at_after_the_credentials(self, client: Client) -> None:
        reply = client.post("/authors", json=AUTHOR, headers={"Idempotency-Key": "a b"})
        assert refusal(reply) == (401, "token_missing")


class TestRoutes:
    def test_that_write_the_catalogue_take_the_header(self, contract: OpenApiContract) -> None:
        """A new one that forgets it fails here."""
        takes, should = set(), set()
        for path, operations in contract.document["paths"].items():
            for method, operation in operations.items():
                name = f"{method.upper()} {path}"
                if "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}:
                    takes.add(name)
                    assert {"409", "422"} <= set(operation["responses"])
                scopes = [scheme["bearer"] for scheme in operation["security"]]
                if method in {"post", "patch"} and scopes in ([["books:write"]], [["imports"]]):
                    should.add(name)
        assert len(should) == 8
        assert takes == should | {"POST /genres/rename"}

    def test_that_forget_to_keep_the_response_fail(
        self, member: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.routers.authors.kept", lambda _db, response: response)
        assert member.post("/authors", json=AUTHOR, headers=KEY).status_code == 500
        assert number_of(database, Author) == 0
