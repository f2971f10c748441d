"""CORS: what a browser learns of the origins whose pages may read responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client

SHOP, READER = "https://shop.example", "http://[2001:db8::1]:3000"
STRANGERS = [
    *("https://evil.example", "http://shop.example", "https://shop.example:8443", "https://shop.example.evil.example"),
    *("https://xshop.example", "https://shopxexample", "null", "", "*", "https://shop.example, https://evil.example"),
]
EXPOSED = {
    "Accept-Patch",
    "Allow",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "X-Total-Count",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-ID",
}


@pytest.fixture
def shared(service_with: Callable[..., Client]) -> Client:
    """A service that two origins may call."""
    return service_with(cors_origins=f"{SHOP}, {READER}")


@pytest.fixture
def public(service_with: Callable[..., Client]) -> Client:
    """A service that every page may call."""
    return service_with(cors_origins="*")


def preflight(client: Client, origin: str, method: str = "PUT", path: str = "/books/1") -> httpx.Response:
    """What a browser asks before such a request."""
    preflight_headers = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return client.options(path, headers={"Origin": origin, **preflight_headers})


def cors_headers(answer: httpx.Response) -> dict[str, str]:
    """What an answer says of CORS."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def listed(value: str) -> set[str]:
    return set(value.split(", "))


class TestOff:
    def test_nothing_of_it_is_said(self, client: Client) -> None:
        answers = [client.get("/books", headers={"Origin": SHOP}), preflight(client, SHOP), client.get("/books")]
        assert [cors_headers(answer) for answer in answers] == [{}, {}, {}]
        assert not any("Origin" in answer.headers.get("Vary", "") for answer in answers)


class TestPreflight:
    @pytest.mark.parametrize("origin", [SHOP, READER])
    @pytest.mark.parametrize(("method", "path"), [("PUT", "/books/1"), ("PATCH", "/books/1"), ("POST", "/auth/login")])
    def test_allows_what_the_service_understands(self, shared: Client, origin: str, method: str, path: str) -> None:
        answer = preflight(shared, origin, method, path)
        allowed = cors_headers(answer)
        assert answer.status_code == 204
        assert allowed["access-control-allow-origin"] == origin
        assert listed(allowed["access-control-allow-methods"]) == {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
        assert listed(allowed["access-control-allow-headers"]) == {"authorization", "content-type"}
        assert int(allowed["access-control-max-age"]) == 3600
        assert "access-control-allow-credentials" not in allowed

    @pytest.mark.parametrize(
        "name", ["authorization", "content-type", "if-match", "if-none-match", "if-unmodified-since", "x-request-id"]
    )
    def test_allows_the_headers_of_the_service(self, shared: Client, name: str) -> None:
        preflight_headers = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": name}
        answer = shared.options("/books/1", headers={"Origin": SHOP, **preflight_headers})
        assert cors_headers(answer)["access-control-allow-headers"] == name

    def test_allows_no_others(self, shared: Client) -> None:
        preflight_headers = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-other"}
        assert "access-control-allow-headers" not in cors_headers(
            shared.options("/books/1", headers={"Origin": SHOP, **preflight_headers})
        )

    @pytest.mark.parametrize("origin", STRANGERS)
    def test_says_nothing_to_strangers(self, shared: Client, origin: str) -> None:
        assert cors_headers(preflight(shared, origin)) == {}


class TestRequest:
    def test_shows_a_page_what_it_needs(self, shared: Client) -> None:
        answer = shared.get("/books", headers={"Origin": SHOP})
        assert answer.headers.get_list("Access-Control-Allow-Origin") == [SHOP]
        assert listed(answer.headers["Access-Control-Expose-Headers"]) == EXPOSED
        assert "Access-Control-Allow-Credentials" not in answer.headers

    @pytest.mark.parametrize("path", ["/nowhere", "/auth/me", "/books?limit=0"])
    def test_shows_it_failures_too(self, shared: Client, path: str) -> None:
        answer = shared.get(path, headers={"Origin": SHOP})
        assert answer.status_code >= 400
        assert answer.headers.get_list("Access-Control-Allow-Origin") == [SHOP]

    @pytest.mark.parametrize("origin", STRANGERS)
    def test_of_strangers_is_answered_without_a_word_of_it(self, shared: Client, origin: str) -> None:
        answer = shared.get("/books", headers={"Origin": origin})
        assert (answer.status_code, cors_headers(answer)) == (200, {})

    @pytest.mark.parametrize("headers", [{}, {"Origin": SHOP}, {"Origin": "https://evil.example"}])
    def test_a_cache_keeps_origins_apart(self, shared: Client, headers: dict[str, str]) -> None:
        assert listed(shared.get("/books", headers=headers).headers["Vary"]) == {"Accept-Encoding", "Origin"}
        assert listed(shared.get("/", headers=headers).headers["Vary"]) == {"Accept", "Accept-Encoding", "Origin"}

    def test_writes_as_anybody_else(self, shared: Client) -> None:
        member = Factory(shared).user()
        answer = member.post("/authors", json={"name": "Jane Austen"}, headers={"Origin": SHOP})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (201, SHOP)


class TestPublic:
    @pytest.mark.parametrize("origin", [SHOP, "null", "https://evil.example"])
    def test_every_page_may_call(self, public: Client, origin: str) -> None:
        for answer in (public.get("/books", headers={"Origin": origin}), preflight(public, origin)):
            assert answer.headers.get_list("Access-Control-Allow-Origin") == ["*"]
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert "Origin" not in answer.headers.get("Vary", "")
