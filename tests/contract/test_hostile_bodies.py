"""Bodies of every shape: a 4xx that is a problem, never a 5xx; the client holds each answer against the document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.schemas.base import SmallBody
from tests.contract.hostile_bodies import (
    CONTENT_TYPES,
    ITEMS,
    NOT_AN_OBJECT,
    NOT_JSON,
    NOT_THE_RIGHT_OBJECT,
    OPERATIONS,
    TOO_LARGE,
    VALUES,
    Operation,
)

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.factories import Factory

pytestmark = pytest.mark.slow

MEDIA_TYPE = "application/problem+json"
JSON = {"Content-Type": "application/json"}
VALID: dict[str, dict[str, object]] = {
    "POST /books": {"title": "Emma", "author_id": 1},
    "PUT /books/1": {"title": "Emma"},
    "PATCH /books/1": {"title": "Emma"},
    "POST /books/batch": {"books": [{"title": "Emma", "author_id": 1}]},
    "POST /authors": {"name": "Jane Austen"},
    "PUT /authors/1": {"name": "Jane Austen"},
    "PATCH /authors/1": {"name": "Jane Austen"},
    "POST /register": {"username": "jane", "password": "correct horse battery"},
    "POST /auth/login": {"username": "jane", "password": "correct horse battery"},
    "POST /auth/refresh": {"refresh_token": "br_unknown"},
    "POST /auth/password-reset": {"token": "bp_unknown", "new_password": "correct horse battery"},
    "PUT /auth/password": {"current_password": "not the one", "new_password": "correct horse battery"},
    "POST /auth/step-up": {"password": "not the one", "code": "123456"},
    "POST /auth/totp/confirm": {"code": "123456"},
    "POST /auth/keys": {"name": "nightly import", "scopes": ["imports"], "expires_at": None},
    "POST /auth/oidc/token": {"sign_in_code": "bo_unknown"},
}


def valid_body(operation: Operation) -> bytes:
    """A body that is right."""
    return json.dumps(VALID[str(operation)]).encode()


def every_body(bodies: dict[str, bytes]) -> pytest.MarkDecorator:
    """Each of a table of bodies, by its name."""
    return pytest.mark.parametrize("body", bodies.values(), ids=bodies.keys())


@pytest.fixture
def sender(member: Client, make: Factory) -> Client:
    """A signed-in user, in whose catalogue there is book 1 by author 1."""
    make.book(member, id=1, author_id=make.author(member, id=1)["id"])
    return member


def send(sender: Client, operation: Operation, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    """Send a body as JSON, unless the headers say that it is something else."""
    encoded = {name.encode(): value.encode("latin-1") for name, value in (JSON | (headers or {})).items()}
    return sender.request(operation.method, operation.path, content=body, headers=encoded)


def everywhere(answers: dict[Operation, httpx.Response]) -> set[int]:
    """The statuses of problems, which are short, of every operation; where they differ, the failed test shows where."""
    statuses = {str(operation): answer.status_code for operation, answer in answers.items()}
    assert {answer.headers["Content-Type"] for answer in answers.values()} == {MEDIA_TYPE}, statuses
    assert max(len(answer.content) for answer in answers.values()) < 50_000
    assert len(set(statuses.values())) == 1, statuses
    return set(statuses.values())


class TestBody:
    @every_body(NOT_JSON | NOT_AN_OBJECT | NOT_THE_RIGHT_OBJECT)
    def test_that_is_not_what_is_due(self, sender: Client, body: bytes) -> None:
        """Where a few short values are due, it may also be too large."""
        small = {operation for operation in OPERATIONS if not operation.path.startswith(("/books", "/authors"))}
        assert everywhere({operation: send(sender, operation, body) for operation in {*OPERATIONS} - small}) == {400}
        if body.strip() == b"{}":
            # a 401, as the account decides which field a confirmation needs: see its tests
            small -= {operation for operation in small if str(operation) == "POST /auth/step-up"}
        status = 413 if len(body) > SmallBody.at_most else 400
        assert everywhere({operation: send(sender, operation, body) for operation in small}) == {status}

    @every_body(TOO_LARGE)
    def test_that_is_too_large(self, sender: Client, body: bytes) -> None:
        assert everywhere({operation: send(sender, operation, body) for operation in OPERATIONS}) == {413}

    def test_with_a_byte_order_mark(self, sender: Client) -> None:
        """RFC 8259, section 8.1: a sender must not add one, a receiver may refuse it."""
        assert everywhere(
            {operation: send(sender, operation, b"\xef\xbb\xbf" + valid_body(operation)) for operation in OPERATIONS}
        ) == {400}

    def test_with_a_wrong_value_after_the_right_one(self, sender: Client) -> None:
        again = {
            operation: valid_body(operation)[:-1] + f', "{operation.fields[0]}": 1}}'.encode()
            for operation in OPERATIONS
        }
        assert everywhere({operation: send(sender, operation, body) for operation, body in again.items()}) == {400}

    @pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=lambda name: repr(name[:40]))
    def test_of_another_type(self, sender: Client, content_type: str) -> None:
        headers = {"Content-Type": content_type}
        assert everywhere(
            {operation: send(sender, operation, valid_body(operation), headers) for operation in OPERATIONS}
        ) == {415}

    @pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x"])
    def test_that_is_compressed(self, sender: Client, encoding: str) -> None:
        headers = {"Content-Encoding": encoding}
        assert everywhere(
            {operation: send(sender, operation, valid_body(operation), headers) for operation in OPERATIONS}
        ) == {415}

    @pytest.mark.parametrize(
        "content_type", ["APPLICATION/JSON", "application/json;charset=UTF-8", "application/json;"]
    )
    def test_of_the_right_type_in_another_spelling(self, sender: Client, content_type: str) -> None:
        statuses = [
            send(sender, operation, valid_body(operation), {"Content-Type": content_type}).status_code
            for operation in OPERATIONS
        ]
        assert statuses == [201, 200, 200, 207, 201, 200, 200, 201, 200, 401, 401, 401, 201, 401, 401, 409]

    def test_that_is_a_merge_patch(self, sender: Client) -> None:
        """Only a PATCH is one."""
        headers = {"Content-Type": "application/merge-patch+json"}
        answers = {operation: send(sender, operation, valid_body(operation), headers) for operation in OPERATIONS}
        assert {answer.status_code for operation, answer in answers.items() if operation.method == "PATCH"} == {200}
        assert everywhere(
            {operation: answer for operation, answer in answers.items() if operation.method != "PATCH"}
        ) == {415}


class TestValue:
    @pytest.mark.parametrize(
        ("operation", "field"), [(operation, field) for operation in OPERATIONS for field in operation.fields], ids=str
    )
    def test_of_any_shape_in_any_field(self, sender: Client, operation: Operation, field: str) -> None:
        rest = {name: value for name, value in VALID[str(operation)].items() if name != field}
        others = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in rest.items())
        answers = {value: send(sender, operation, f'{{"{field}": {value}{others}}}'.encode()) for value in VALUES}
        assert [value for value, answer in answers.items() if answer.status_code >= 500] == []


class TestBatch:
    BOOK = json.dumps({"title": "Emma", "author_id": 1})

    @pytest.mark.parametrize("atomic", ["", "?atomic=true"])
    def test_of_items_of_any_shape(self, sender: Client, atomic: str) -> None:
        """One at a time, between two that are right."""
        for item in ITEMS:
            body = f'{{"books": [{self.BOOK}, {item}, {self.BOOK}]}}'.encode()
            answer = send(sender, Operation("POST", f"/books/batch{atomic}", ()), body)
            assert answer.status_code in {207, 400}, item[:80]
            results = [result["status"] for result in answer.json().get("results", [])]
            assert answer.status_code == 400 or results[::2] == [201, 201], item[:80]
            assert [status for status in results if status not in {200, 201, 400, 409}] == [], item[:80]

    def test_of_all_that_is_wrong_at_once(self, sender: Client) -> None:
        items = [item for item in ITEMS if item.startswith("{")]
        answer = send(sender, Operation("POST", "/books/batch", ()), f'{{"books": [{", ".join(items)}]}}'.encode())
        assert answer.status_code in {207, 400}
        answer = send(
            sender, Operation("POST", "/books/batch?atomic=true", ()), f'{{"books": [{", ".join(items)}]}}'.encode()
        )
        assert answer.status_code == 400
        assert len(answer.content) < 50_000

    @pytest.mark.parametrize("number", [0, 1001, 50_000])
    def test_of_too_many_or_none(self, sender: Client, number: int) -> None:
        body = f'{{"books": [{", ".join(["{}"] * number)}]}}'.encode()
        for atomic in ("", "?atomic=true", "?atomic=false"):
            answer = send(sender, Operation("POST", f"/books/batch{atomic}", ()), body)
            assert answer.status_code == 400
            assert len(answer.content) < 50_000

    def test_of_a_thousand_that_are_wrong(self, sender: Client) -> None:
        answer = send(
            sender, Operation("POST", "/books/batch", ()), f'{{"books": [{", ".join(["{}"] * 1000)}]}}'.encode()
        )
        assert answer.status_code == 207
        assert {result["status"] for result in answer.json()["results"]} == {400}

    @pytest.mark.parametrize(
        "query", ["atomic", "atomic=", "atomic=1", "atomic=TRUE", "atomic=true&atomic=true", "a=1"]
    )
    def test_with_a_query_that_is_wrong(self, sender: Client, query: str) -> None:
        operation = Operation("POST", f"/books/batch?{query}", ())
        assert send(sender, operation, f'{{"books": [{self.BOOK}]}}'.encode()).status_code == 400
