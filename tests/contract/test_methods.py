"""What every address says of its methods, its patches and its links, and how it refuses other kinds of body."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal
from tests.contract.access import ACCESS, rows
from tests.contract.request_bodies import valid_bodies

if TYPE_CHECKING:
    import httpx

    from tests.contract.access_harness import AccessHarness

ALLOWED = rows(ACCESS)
ADDRESSES = {
    address: {line.split()[0] for line in ALLOWED if line.split()[1] == address}
    for address in dict.fromkeys(line.split()[1] for line in ALLOWED)
}
PATCHED = [address for address, methods in ADDRESSES.items() if "PATCH" in methods]
LISTS = [
    f"GET {address}"
    for address in (
        "/books",
        "/authors",
        "/authors/{author_id}/books",
        "/genres",
        "/languages",
        "/series",
        "/publishers",
        "/changes",
        "/books/{book_id}/history",
        "/authors/{author_id}/history",
        "/batches",
        "/users",
        "/users/{user_id}/keys",
        "/auth/identities",
        "/invitations",
        "/webhooks",
        "/webhooks/{webhook_id}/deliveries",
        "/auth/keys",
        "/auth/sessions",
        "/auth/me/events",
        "/audit",
    )
]
IMPORT = "POST /imports"
"""Takes a file of any type, but no form: see tests/api/test_imports.py."""
WITH_BODY = valid_bodies(defaultdict(int))
PATCHES = "application/merge-patch+json, application/json"


def attempt(harness: AccessHarness, operation: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """The answer to the owner of what is there, or else to an admin."""
    row = ALLOWED.get(operation, {})
    for_admins = any(part in operation for part in ("/users", "/invitations", "/audit", "/webhooks"))
    who = "admin" if row.get("owner", "2")[0] != "2" or for_admins else "owner"
    return harness.attempt(harness.clients()[who], operation, headers)


def listed(value: str) -> set[str]:
    return set(value.split(", "))


class TestOptions:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_says_what_is_allowed_and_nothing_else(self, harness: AccessHarness, address: str) -> None:
        answer = attempt(harness, f"OPTIONS {address}")
        reads = {"HEAD"} if "GET" in ADDRESSES[address] else set()
        assert (answer.status_code, answer.content) == (204, b"")
        assert listed(answer.headers["Allow"]) == ADDRESSES[address] | reads | {"OPTIONS"}
        assert answer.headers.get("Accept-Patch") == (PATCHES if address in PATCHED else None)
        assert not {"Content-Type", "Content-Length"} & {name.title() for name in answer.headers}

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_is_what_a_refused_method_is_told_too(self, harness: AccessHarness, address: str) -> None:
        refused = ({"GET", "POST", "PUT", "PATCH", "DELETE"} - ADDRESSES[address]).pop()
        answer = attempt(harness, f"{refused} {address}")
        assert refusal(answer) == (405, "method_not_allowed")
        assert listed(answer.headers["Allow"]) == listed(attempt(harness, f"OPTIONS {address}").headers["Allow"])

    def test_of_nothing_is_a_404(self, harness: AccessHarness) -> None:
        assert attempt(harness, "OPTIONS /nowhere").status_code == 404


class TestUnsupportedBody:
    @pytest.mark.parametrize("address", PATCHED)
    def test_of_a_patch_is_told_which_patches_there_are(self, harness: AccessHarness, address: str) -> None:
        answer = attempt(harness, f"PATCH {address}", {"Content-Type": "application/json-patch+json"})
        assert refusal(answer) == (415, "unsupported_media_type")
        assert answer.headers["Accept-Patch"] == PATCHES

    @pytest.mark.parametrize(
        "operation", [line for line in WITH_BODY if line.startswith(("POST ", "PUT ")) and line != IMPORT]
    )
    def test_of_another_write_is_told_which_type_there_is(self, harness: AccessHarness, operation: str) -> None:
        answer = attempt(harness, operation, {"Content-Type": "text/plain"})
        assert refusal(answer) == (415, "unsupported_media_type")
        assert answer.headers["Accept"] == "application/json"
        assert "Accept-Patch" not in answer.headers

    @pytest.mark.parametrize("address", PATCHED)
    def test_that_is_compressed_is_told_that_it_must_not_be(self, harness: AccessHarness, address: str) -> None:
        answer = attempt(harness, f"PATCH {address}", {"Content-Type": "application/json", "Content-Encoding": "gzip"})
        assert refusal(answer) == (415, "unsupported_media_type")
        assert answer.headers["Accept-Encoding"] == "identity"
        assert "Accept-Patch" not in answer.headers

    def test_may_say_that_it_is_not_compressed(self, harness: AccessHarness) -> None:
        assert attempt(harness, "PATCH /books/{book_id}", {"Content-Encoding": "Identity"}).status_code == 200


class TestLinks:
    def test_are_looked_at_in_every_list(self, harness: AccessHarness) -> None:
        linking = {
            f"GET {path}"
            for path, operations in harness.contract.document["paths"].items()
            if "Link" in operations.get("get", {}).get("responses", {}).get("200", {}).get("headers", {})
        }
        assert linking == set(LISTS)

    @pytest.mark.parametrize("operation", LISTS)
    def test_are_relative(self, harness: AccessHarness, operation: str) -> None:
        answer = attempt(harness, f"{operation}?limit=1", {"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        targets = re.findall(r"<([^>]*)>", answer.raise_for_status().headers["Link"])
        path = operation.split()[1].partition("{")[0]
        assert targets
        assert [target for target in targets if not target.startswith(path)] == []
        assert "evil" not in str(answer.headers)
