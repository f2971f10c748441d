"""Headers of every response: what a browser may do with it, and what no cache may store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.factories import PASSWORD, Factory

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client

PAGES = ["/docs", "/docs/errors"]
NO_PAGES = ["/books", "/", "/openapi.json", "/healthz", "/static/pages.css", "/nowhere", "/books/%00", "/auth/me"]
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class TestEveryAnswer:
    @pytest.mark.parametrize("path", PAGES + NO_PAGES)
    def test_says_what_a_browser_may_do_with_it(self, client: Client, path: str) -> None:
        headers = client.get(path).headers
        assert {name: headers.get_list(name) for name in ALWAYS} == {name: [value] for name, value in ALWAYS.items()}

    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "DELETE", "PATCH", "TRACE"])
    def test_does_so_whatever_the_method(self, client: Client, method: str) -> None:
        assert client.request(method, "/books").headers["X-Content-Type-Options"] == "nosniff"

    def test_does_so_when_nothing_has_changed(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member)
        etag = client.get(f"/books/{book['id']}").headers["ETag"]
        answer = client.get(f"/books/{book['id']}", headers={"If-None-Match": etag})
        assert (answer.status_code, answer.headers["Referrer-Policy"]) == (304, "no-referrer")

    @pytest.mark.parametrize("path", NO_PAGES)
    def test_that_is_no_page_may_load_nothing(self, client: Client, path: str) -> None:
        policy = client.get(path).headers.get_list("Content-Security-Policy")
        assert policy == ["default-src 'none'; frame-ancestors 'none'"]

    @pytest.mark.parametrize("path", PAGES)
    def test_that_is_a_page_may_load_what_is_its_own(self, client: Client, path: str) -> None:
        [policy] = client.get(path).headers.get_list("Content-Security-Policy")
        assert "style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy


class TestStrictTransportSecurity:
    def test_is_sent_over_tls(self, through: Callable[..., Client]) -> None:
        answer = through(**{"wsgi.url_scheme": "https"}).get("/books")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"

    def test_is_sent_where_a_trusted_proxy_says_so(self, service_with: Callable[..., Client]) -> None:
        client = service_with(trusted_proxies="127.0.0.1")
        answers = [client.get("/books", headers={"X-Forwarded-Proto": scheme}) for scheme in ("https", "http")]
        assert ["Strict-Transport-Security" in answer.headers for answer in answers] == [True, False]

    def test_is_not_sent_because_an_untrusted_client_claims_tls(self, client: Client) -> None:
        answer = client.get("/books", headers={"X-Forwarded-Proto": "https"})
        assert "Strict-Transport-Security" not in answer.headers


class TestPersonal:
    def test_is_not_stored(self, client: Client, member: Client) -> None:
        credentials = {"username": "keeper", "password": PASSWORD}
        client.post("/register", json=credentials).raise_for_status()
        answers = [
            client.post("/auth/login", json=credentials),
            client.post("/auth/login", json=credentials | {"password": "another one"}),
            client.post("/auth/login", content="no JSON"),
            member.get("/auth/me"),
            client.get("/auth/me"),
        ]
        assert [answer.status_code for answer in answers] == [200, 401, 415, 200, 401]
        assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}

    def test_the_catalogue_may_be(self, client: Client) -> None:
        assert client.get("/books").headers["Cache-Control"] == "no-cache"
