"""Validators, caching and compression of everything that can be read (RFC 9110, 9111)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.access import ACCESS, rows

if TYPE_CHECKING:
    import httpx

    from tests.contract.access_harness import AccessHarness

ALLOWED = rows(ACCESS)
READS = [operation for operation, row in ALLOWED.items() if operation.startswith("GET ") and "200" in row.values()]
PROBES = {"GET /healthz", "GET /readyz"}
STREAMS = {"GET /export"}
"""What is sent as it is made: it has neither a tag nor a length."""
TAGGED = [operation for operation in READS if operation not in PROBES | STREAMS]
LISTS = {
    *(f"GET /{name}" for name in ("books", "authors", "authors/{author_id}/books", "genres")),
    *(f"GET /{name}" for name in ("languages", "series", "publishers")),
    *(f"GET /{name}" for name in ("users", "users/{user_id}/keys", "invitations", "audit")),
    *(f"GET /{name}" for name in ("webhooks", "webhooks/{webhook_id}/deliveries")),
    *(f"GET /{name}" for name in ("changes", "batches", "books/{book_id}/history", "authors/{author_id}/history")),
    *(f"GET /auth/{name}" for name in ("identities", "keys", "sessions", "me/events")),
}
PERSONAL = {operation for operation in READS if ALLOWED[operation]["anon"] == "401n"} | PROBES
FOR_A_DAY = {"GET /docs/assets/{name}", "GET /favicon.ico"}
FILES = {"GET /static/{filename}", *FOR_A_DAY}
"""Which Flask answers with the tag of the file as it is, where any will do."""
NOT_TEXT = {"GET /favicon.ico"}
CHANGING = {"x-request-id", "date", "expires"}
IDENTITY, GZIP = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}

every_read = pytest.mark.parametrize("operation", READS)
every_tagged = pytest.mark.parametrize("operation", TAGGED)
each_coding = pytest.mark.parametrize("coding", [IDENTITY, GZIP], ids=["identity", "gzip"])


def attempt(harness: AccessHarness, operation: str, headers: dict[str, str], method: str = "GET") -> httpx.Response:
    """The answer to someone who may read it."""
    who = "owner" if ALLOWED[operation]["owner"] == "200" else "admin"
    return harness.attempt(harness.clients()[who], operation.replace("GET", method, 1), headers)


def lasting(answer: httpx.Response, *less: str) -> dict[str, str]:
    """The headers that are the same each time."""
    return {name: value for name, value in answer.headers.items() if name not in {*CHANGING, *less}}


class TestEveryRead:
    @every_tagged
    def test_has_a_tag(self, harness: AccessHarness, operation: str) -> None:
        tag = attempt(harness, operation, IDENTITY).headers["ETag"]
        assert re.fullmatch(r'W/"[!-~]+"' if operation in LISTS else r'"[!-~]+"', tag)

    @every_read
    def test_says_what_may_be_kept(self, harness: AccessHarness, operation: str) -> None:
        cache_control = attempt(harness, operation, IDENTITY).headers["Cache-Control"]
        for_a_day = "public, max-age=86400" if operation in FOR_A_DAY else "no-cache"
        assert cache_control == ("no-store" if operation in PERSONAL else for_a_day)

    @every_read
    def test_says_that_it_depends_on_the_coding(self, harness: AccessHarness, operation: str) -> None:
        answers = [attempt(harness, operation, headers) for headers in (IDENTITY, GZIP, {"If-None-Match": "*"})]
        vary = {"Accept-Encoding" in answer.headers.get("Vary", "") for answer in answers}
        assert vary == {operation not in PERSONAL | NOT_TEXT}

    @each_coding
    @every_tagged
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_is_not_sent_again(
        self, harness: AccessHarness, operation: str, coding: dict[str, str], method: str
    ) -> None:
        whole = attempt(harness, operation, coding)
        tag = whole.headers["ETag"]
        for condition in (tag, f'"other", {tag}', *([] if operation in FILES else ["*"])):
            answer = attempt(harness, operation, coding | {"If-None-Match": condition}, method)
            assert (answer.status_code, answer.content) == (304, b"")
            kept = [
                {name: each.headers.get(name) for name in ("ETag", "Cache-Control", "Vary")} for each in (whole, answer)
            ]
            assert kept[0] == kept[1]
            assert not {"content-type", "content-length", "content-encoding", "link"} & set(answer.headers)

    @every_tagged
    def test_is_sent_to_who_has_another(self, harness: AccessHarness, operation: str) -> None:
        for condition in ('"other"', 'W/"other"', "", "nonsense"):
            assert attempt(harness, operation, {"If-None-Match": condition}).status_code == 200

    @each_coding
    @every_read
    def test_is_told_of_by_head(self, harness: AccessHarness, operation: str, coding: dict[str, str]) -> None:
        read, head = attempt(harness, operation, coding), attempt(harness, operation, coding, "HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert lasting(head) == lasting(read)

    @every_read
    def test_of_more_than_a_kilobyte_is_compressed(self, harness: AccessHarness, operation: str) -> None:
        plain, packed = attempt(harness, operation, IDENTITY), attempt(harness, operation, GZIP)
        assert "Content-Encoding" not in plain.headers
        assert packed.content == plain.content
        if operation in STREAMS:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert not {"content-length", "etag"} & {*plain.headers, *packed.headers}
            return
        size = int(plain.headers["Content-Length"])
        assert size == len(plain.content)
        if size > 1000 and operation not in PERSONAL | NOT_TEXT:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert int(packed.headers["Content-Length"]) == packed.num_bytes_downloaded < size
            assert packed.headers["ETag"] != plain.headers["ETag"]
        else:
            assert lasting(packed) == lasting(plain)


class TestEveryOtherAnswer:
    @pytest.mark.parametrize("operation", [operation for operation in ALLOWED if operation not in READS])
    def test_is_not_kept(self, harness: AccessHarness, operation: str) -> None:
        for who in ("owner", "anon"):
            assert harness.attempt(harness.clients()[who], operation).headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("address", ["/nowhere", "/books/999999", "/books?limit=0", "/auth/me", "/static/none"])
    def test_of_a_failed_read_neither(self, harness: AccessHarness, address: str) -> None:
        answer = harness.attempt(harness.clients()["anon"], f"GET {address}")
        assert answer.status_code >= 400
        assert (answer.headers["Cache-Control"], "ETag" in answer.headers) == ("no-store", False)
