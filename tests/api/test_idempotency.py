"""Retries with an `Idempotency-Key`: the write is carried out once, and each retry gets the first response."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from sqlalchemy import func, select

from app.errors import DatabaseBusy
from app.models import Author, Book, KeptResponse, User
from app.services import authors, idempotency
from app.services.cleanup.full_sweep import sweep
from devtools.databases import counted_queries
from tests.api.responses import refusal
from tests.support.factories import PASSWORD, isbn13
from tests.support.users import SignedInUser, new_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.openapi_contract import OpenApiContract

KEY = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}
AUTHOR = {"name": "Łódź Ōe 大江"}
IN_A_DAY = timedelta(hours=24, seconds=1)


def is_replayed(reply: httpx.Response) -> bool:
    """Whether a reply says that it is that of an earlier request."""
    assert reply.headers.get("Idempotency-Replayed") in {None, "true"}
    return "Idempotency-Replayed" in reply.headers


def shown(reply: httpx.Response) -> tuple[Any, ...]:
    """What a replay repeats."""
    return reply.status_code, reply.content, *(reply.headers.get(name) for name in ("Location", "ETag", "Content-Type"))


def number_of(database: DatabaseInside, table: Any) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def twice(member: Client) -> Callable[..., httpx.Response]:
    """Sends a request twice with one key. Returns: the first response, which the second one repeats."""

    def send(method: str, path: str, **options: Any) -> httpx.Response:
        options["headers"] = KEY | options.get("headers", {})
        first, second = (member.request(method, path, **options) for _ in range(2))
        assert [is_replayed(reply) for reply in (first, second)] == [False, True]
        assert shown(first) == shown(second)
        return first

    return send


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
        assert (shown(first), is_replayed(second)) == (shown(second), True)
        without = admin.post("/genres/rename", json=body)
        assert refusal(without) == (400, "genre_missing")

    def test_gets_what_was_true_then(self, member: Client) -> None:
        created = member.post("/authors", json=AUTHOR, headers=KEY)
        member.delete(created.headers["Location"]).raise_for_status()
        again = member.post("/authors", json=AUTHOR, headers=KEY)
        assert (shown(again), is_replayed(again)) == (shown(created), True)
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

        monkeypatch.setattr("app.web.revalidation.require_still_valid", fail)
        assert member.post("/authors", json=AUTHOR, headers=KEY).status_code == 503
        assert [number_of(database, table) for table in (Author, KeptResponse)] == [0, 0]


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
        assert shown(first) == shown(second) != shown(third) == shown(fourth)
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
