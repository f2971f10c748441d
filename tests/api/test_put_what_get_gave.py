"""What GET gave, PUT and PATCH take: read-only fields pass when they say what the record says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from app.main import app
from tests.api.responses import faults, refusal, user_id
from tests.support.factories import isbn13
from tests.support.openapi_contract import spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Client
    from tests.support.factories import Factory

DOCUMENT: dict[str, Any] = spelled_out(app.test_client().get("/openapi.json").get_json())
PATHS = ["/authors/{author_id}", "/books/{book_id}", "/users/{user_id}", "/webhooks/{webhook_id}"]
"""The addresses of records that can be both read and changed."""
CHANGES = [(method, path) for path in PATHS for method in ("PUT", "PATCH") if method.lower() in DOCUMENT["paths"][path]]
READ_ONLY = "is read-only, and the record has another value"

every_change = pytest.mark.parametrize(("method", "path"), CHANGES)


def properties(content: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body."""
    schema = content["application/json"]["schema"]
    schema = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    found: dict[str, Any] = schema["properties"]
    return found


def read_only(method: str, path: str) -> list[str]:
    """The fields that a change may name and not set."""
    taken = properties(DOCUMENT["paths"][path][method.lower()]["requestBody"]["content"])
    return [name for name, field in taken.items() if field.get("description", "").startswith("Read-only")]


EACH_FIELD = [(method, path, field) for method, path in CHANGES for field in read_only(method, path)]


def another(field: str, value: Any) -> Any:
    """A value that the field could have, and not that one."""
    if isinstance(value, bool) or field == "disabled_reason":
        return "gone" if value is None else not value
    if field.endswith(("_at", "_since", "_until")):
        return (datetime.fromisoformat(value or "2026-01-01T00:00:00Z") + timedelta(seconds=1)).isoformat()
    return f"{value}x" if isinstance(value, str) else (value or 0) + 1


def spellings(moment: str) -> Iterator[str]:
    """The same moment as other programs write it."""
    when = datetime.fromisoformat(moment)
    yield when.astimezone(UTC).isoformat()
    yield when.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat()
    yield moment.lower()
    yield f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"
    yield when.astimezone(UTC).isoformat(timespec="milliseconds")  # JavaScript's Date


@pytest.fixture
def addresses(admin: Client, make: Factory) -> dict[str, str]:
    """A record of each kind."""
    book = make.book(admin, isbn=isbn13(1), series="Works", series_position=2, genres=["Fiction"], pages=100)
    webhook = admin.post("/webhooks", json={"url": "https://receiver.example/"}).raise_for_status().json()
    return dict(
        zip(
            PATHS,
            (
                f"/authors/{book['author_id']}",
                f"/books/{book['id']}",
                f"/users/{user_id(make.user())}",
                f"/webhooks/{webhook['id']}",
            ),
            strict=True,
        )
    )


class TestDocument:
    def test_every_record_that_can_be_changed_is_tried(self) -> None:
        changed = {path for path, operations in DOCUMENT["paths"].items() if {"put", "patch"} & operations.keys()}
        assert {path for path in changed if "get" in DOCUMENT["paths"][path]} == set(PATHS)

    @every_change
    def test_a_change_knows_every_field_of_the_record(self, method: str, path: str) -> None:
        operations = DOCUMENT["paths"][path]
        taken = properties(operations[method.lower()]["requestBody"]["content"])
        shown = properties(operations["get"]["responses"]["200"]["content"])
        answered = properties(operations[method.lower()]["responses"]["200"]["content"])
        assert (shown.keys() | answered.keys()) - taken.keys() == set()
        assert [name for name, field in taken.items() if field.get("readOnly")] == []  # generators leave those out


class TestSame:
    @every_change
    def test_what_get_gave(self, admin: Client, addresses: dict[str, str], method: str, path: str) -> None:
        read = admin.get(addresses[path])
        reply = admin.request(method, addresses[path], json=read.json())
        assert reply.status_code == 200
        assert read.json().items() <= reply.json().items()
        assert admin.get(addresses[path]).headers["ETag"] == read.headers["ETag"]

    @every_change
    def test_what_a_write_answered(self, admin: Client, addresses: dict[str, str], method: str, path: str) -> None:
        answered = admin.request(method, addresses[path], json=admin.get(addresses[path]).json()).json()
        assert admin.request(method, addresses[path], json=answered).json() == answered

    @every_change
    def test_read_only_fields_alone(self, admin: Client, addresses: dict[str, str], method: str, path: str) -> None:
        read = admin.get(addresses[path]).json()
        body = {name: read[name] for name in read_only(method, path)}
        assert read.items() <= admin.request(method, addresses[path], json=body).raise_for_status().json().items()

    @every_change
    def test_a_time_in_any_spelling(self, admin: Client, addresses: dict[str, str], method: str, path: str) -> None:
        created_at = admin.get(addresses[path]).json()["created_at"]
        replies = [
            admin.request(method, addresses[path], json={"created_at": same}).status_code
            for same in spellings(created_at)
        ]
        assert replies == [200] * 5

    def test_beside_a_change(self, admin: Client, addresses: dict[str, str]) -> None:
        address = addresses["/books/{book_id}"]
        read = admin.get(address).json()
        changed = admin.put(address, json=read | {"title": "Emma", "genres": ["New"]}).raise_for_status().json()
        assert (changed["title"], changed["genres"], changed["version"]) == ("Emma", ["New"], read["version"] + 1)
        assert refusal(admin.put(address, json=read)) == (412, "version_mismatch")
        assert admin.get(address).json()["title"] == "Emma"

    def test_in_a_batch(self, admin: Client, addresses: dict[str, str]) -> None:
        read = admin.get(addresses["/books/{book_id}"]).json()
        result = admin.post("/books/batch", json={"books": [read | {"pages": 7}]}).json()["results"][0]
        assert (result["status"], result["book"]["pages"], result["book"]["version"]) == (200, 7, 2)


class TestOther:
    @pytest.mark.parametrize(("method", "path", "field"), EACH_FIELD)
    def test_another_value(
        self, admin: Client, addresses: dict[str, str], *, method: str, path: str, field: str
    ) -> None:
        read = admin.get(addresses[path]).json()
        reply = admin.request(method, addresses[path], json=read | {field: another(field, read[field])})
        if field == "version":
            assert refusal(reply) == (412, "version_mismatch")
        else:
            assert (refusal(reply), faults(reply)) == ((400, "invalid_request"), [(f"/{field}", READ_ONLY)])
        assert admin.get(addresses[path]).json() == read

    @every_change
    def test_all_are_named_at_once(self, admin: Client, addresses: dict[str, str], method: str, path: str) -> None:
        read = admin.get(addresses[path]).json()
        fields = sorted(set(read_only(method, path)) - {"version"})
        reply = admin.request(method, addresses[path], json={name: another(name, read[name]) for name in fields})
        assert faults(reply) == [(f"/{name}", READ_ONLY) for name in fields]

    @every_change
    def test_an_answer_without_a_record(self, admin: Client, addresses: dict[str, str], method: str, path: str) -> None:
        reply = admin.request(method, addresses[path], json={"status": "success", "message": "book 'Emma' updated"})
        assert faults(reply) == [("", "must have at least one field")]

    @pytest.mark.parametrize(
        ("field", "answer"),
        [
            ("version", (412, "version_mismatch")),
            ("created_at", (400, "invalid_request")),
            ("updated_at", (400, "invalid_request")),
            ("created_by", (400, "invalid_request")),
            ("updated_by", (400, "invalid_request")),
        ],
    )
    def test_in_a_batch(self, admin: Client, addresses: dict[str, str], field: str, answer: tuple[int, str]) -> None:
        read = admin.get(addresses["/books/{book_id}"]).json()
        item = read | {"pages": 7, field: another(field, read[field])}
        result = admin.post("/books/batch", json={"books": [item]}).json()["results"][0]
        assert (result["status"], result["problem"]["code"]) == answer
        assert admin.get(addresses["/books/{book_id}"]).json() == read

    def test_of_a_book_that_a_batch_creates(self, admin: Client, make: Factory) -> None:
        item = {"title": "Emma", "author_id": make.author(admin)["id"], "version": 1, "created_by": None}
        result = admin.post("/books/batch", json={"books": [item]}).json()["results"][0]
        assert result["problem"]["errors"] == [
            {"pointer": f"/{name}", "detail": "is set by the service for a new book"}
            for name in ("created_by", "version")
        ]
