"""Which properties of a record a client may set and see (OWASP API Security Top 10, API3:2023)."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.access import ACCESS, rows
from tests.contract.request_bodies import valid_bodies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.access_harness import AccessHarness
    from tests.support.openapi_contract import OpenApiContract

UNKNOWN = "is not a known field"
OF_THE_SERVICE: dict[str, Any] = {
    "created_by": 1,
    "updated_by": 1,
    "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "2020-01-01T00:00:00Z",
    "version": 99,
    "document": "{}",
    "user_id": 1,
    "owner_id": 1,
    "role": "admin",
    "is_admin": True,
    "disabled": False,
    "disabled_at": None,
    "password_hash": "$2b$04$",
    "reset_hash": "0",
    "scopes": ["books:write"],
    "prefix": "bk_",
    "hash": "0",
    "last_used_at": None,
    "session_id": 1,
}
"""What the service alone says of a record, or an admin."""
THEIRS_TO_SET = {"PATCH /users/{user_id}": {"role", "disabled"}, "POST /auth/keys": {"scopes"}}
DATED = {"created_at", "updated_at", "updated_by", "version"}
MAY_BE_SENT_BACK = {
    "PUT /books/{book_id}": {*DATED, "created_by"},
    "PATCH /books/{book_id}": {*DATED, "created_by"},
    "PUT /authors/{author_id}": DATED,
    "PATCH /authors/{author_id}": DATED,
    "PATCH /users/{user_id}": {"created_at", "disabled_at"},
    "PATCH /webhooks/{webhook_id}": {"created_at", "created_by", "updated_at"},
}
"""What a client may name and not set: `tests/api/test_put_what_get_gave.py` tries these."""
BATCH = "POST /books/batch"
IMPORT = "POST /imports"
WRITES = list(valid_bodies(defaultdict(str)))

PERSONAL = {"username", "disabled_at", "user_agent", "last_used_at", "scopes", "prefix", "key", "link", "token"}
"""Fields that only the user and admins may see."""
PAGES = ("/docs", "/reset", "/join", "/signed-in", "/favicon.ico", "/static", "/openapi.json")
PUBLIC = [
    operation
    for operation, row in rows(ACCESS).items()
    if row["anon"] == "200" and operation.startswith("GET") and not operation.split()[1].startswith(PAGES)
]


def unknown(problem: dict[str, Any]) -> set[str]:
    """The fields of which a problem says that there are none such."""
    return {fault["pointer"] for fault in problem["errors"] if fault["detail"] == UNKNOWN}


def fields_in(node: Any) -> Iterator[str]:
    """The names of all fields in an answer, however deep."""
    if isinstance(node, dict):
        yield from node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from fields_in(inner)


class TestSet:
    def test_every_body_is_tried(self, contract: OpenApiContract) -> None:
        assert set(WRITES) == {
            f"{method.upper()} {path}"
            for path, operations in contract.document["paths"].items()
            for method, operation in operations.items()
            if "requestBody" in operation
        }

    @pytest.mark.parametrize("operation", [operation for operation in WRITES if operation not in {BATCH, IMPORT}])
    def test_nothing_that_the_service_says(self, harness: AccessHarness, operation: str) -> None:
        """Not even an admin, who has every right but these."""
        answer = harness.attempt(harness.clients()["admin"], operation, **OF_THE_SERVICE)
        assert answer.status_code == 400
        assert unknown(answer.json()) == {
            f"/{name}"
            for name in OF_THE_SERVICE.keys()
            - THEIRS_TO_SET.get(operation, set())
            - MAY_BE_SENT_BACK.get(operation, set())
        }

    def test_nothing_of_it_in_a_batch(self, harness: AccessHarness) -> None:
        item = {"title": "Emma", "author_id": 1, **OF_THE_SERVICE}
        answer = harness.attempt(harness.clients()["admin"], BATCH, books=[item])
        [result] = answer.json()["results"]
        assert unknown(result["problem"]) == {f"/{name}" for name in OF_THE_SERVICE.keys() - DATED - {"created_by"}}

    def test_nothing_of_it_in_an_import(self, harness: AccessHarness) -> None:
        """A file may come from another catalogue, whose ids, times and versions are its own."""
        admin = harness.clients()["admin"]
        with harness.rolled_back():
            began = admin.get("/books?sort=-id&limit=1").json()[0]["created_at"]
            assert harness.request(admin, IMPORT, **OF_THE_SERVICE, id=10**9).json()["created"] == 1
            [book] = admin.get("/books?sort=-id&limit=1").json()
        assert (book["title"], book["version"], book["id"] < 10**9) == ("Sanditon", 1, True)
        assert book["created_by"] == book["updated_by"] == admin.get("/auth/me").json()["id"] != 1
        assert book["created_at"] >= began


class TestSee:
    @pytest.mark.parametrize("operation", PUBLIC)
    def test_nothing_personal(self, harness: AccessHarness, operation: str) -> None:
        """Of who added a book the public sees a number."""
        answer = harness.attempt(harness.clients()["anon"], operation)
        lines = answer.text.splitlines() if operation == "GET /export" else [answer.text]
        shown = set(fields_in([json.loads(line) for line in lines]))
        assert shown
        assert shown & PERSONAL == set()
