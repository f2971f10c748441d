"""Preconditions (RFC 9110, section 13): of every operation that writes an existing record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal
from tests.contract.access import ACCESS, rows

if TYPE_CHECKING:
    import httpx

    from tests.contract.access_harness import AccessHarness
    from tests.support.client import Client
    from tests.support.openapi_contract import OpenApiContract

ALLOWED = rows(ACCESS)
READS = {operation.removeprefix("GET ") for operation in ALLOWED if operation.startswith("GET ")}
WRITES = [
    operation
    for operation in ALLOWED
    if operation.startswith(("PUT ", "PATCH ", "DELETE ")) and operation.endswith("}")
]
TAGGED = [operation for operation in WRITES if operation.split()[1] in READS]
OTHER = '"9-0123456789abcdef"'

every_write = pytest.mark.parametrize("operation", WRITES)


def writer(harness: AccessHarness, operation: str) -> Client:
    """Someone who may do it: the owner, else the admin."""
    return next(client for name, client in harness.clients().items() if ALLOWED[operation][name] == "200")


def attempt(harness: AccessHarness, operation: str, **headers: str) -> httpx.Response:
    """The answer to someone who may do it; the underscores of a header's name stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return harness.attempt(writer(harness, operation), operation, named)


class TestEveryWriteOfARecord:
    def test_is_among_these(self) -> None:
        assert len(WRITES) >= 9

    @every_write
    def test_is_refused_where_the_record_must_not_exist(self, harness: AccessHarness, operation: str) -> None:
        assert refusal(attempt(harness, operation, If_None_Match="*")) == (412, "version_mismatch")

    @every_write
    def test_is_done_where_the_record_must_exist(self, harness: AccessHarness, operation: str) -> None:
        assert attempt(harness, operation, If_Match="*").status_code == 200

    @every_write
    def test_is_refused_where_it_must_be_another(self, harness: AccessHarness, operation: str) -> None:
        for tag in (OTHER, f"W/{OTHER}", ""):
            assert refusal(attempt(harness, operation, If_Match=tag)) == (412, "version_mismatch")

    @every_write
    def test_is_done_where_it_must_not_be_another(self, harness: AccessHarness, operation: str) -> None:
        assert attempt(harness, operation, If_None_Match=OTHER).status_code == 200

    @every_write
    def test_says_so_in_the_document(self, contract: OpenApiContract, operation: str) -> None:
        method, template = operation.split()
        described = contract.document["paths"][template][method.lower()]
        assert "412" in described["responses"]
        assert any(parameter.get("name") == "If-Match" for parameter in described["parameters"])

    @pytest.mark.parametrize("operation", TAGGED)
    def test_knows_the_tag_of_the_read(self, harness: AccessHarness, operation: str) -> None:
        read = harness.attempt(writer(harness, operation), f"GET {operation.split()[1]}")
        tag, version = read.headers["ETag"], read.json().get("version")
        names = [tag] if version is None else [tag, f'"{version}"']
        for name in names:
            assert attempt(harness, operation, If_Match=name).status_code == 200
            assert attempt(harness, operation, If_None_Match=name).status_code == 412
