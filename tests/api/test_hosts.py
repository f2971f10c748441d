"""The hosts that the service answers under, and the address that its links begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal, user_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider

NOT_ALLOWED = (400, "host_not_allowed")


def link(admin: Client, service: Client, host: str) -> str:
    """How a reset link begins that an admin gets under this host."""
    headers = {**admin.headers, "Host": host}
    issued = service.post(f"/users/{user_id(admin)}/password-reset", headers=headers).raise_for_status().json()
    return str(issued["link"]).removesuffix(f"/reset#{issued['token']}")


class TestAllowedHosts:
    @pytest.fixture
    def service(self, service_with: Callable[..., Client]) -> Client:
        return service_with(
            allowed_hosts="books.example, .library.example, 192.0.2.7, [2001:db8::7]",
            public_url="https://public.example",
        )

    @pytest.mark.parametrize(
        "host",
        [
            *("books.example", "BOOKS.example:8443", "books.example.", "library.example", "a.b.library.example"),
            *("192.0.2.7:5000", "[2001:DB8::7]:80", "public.example", "localhost:5000", "127.0.0.1", "[::1]:5000"),
        ],
    )
    def test_answers_under(self, service: Client, host: str) -> None:
        assert service.get("/books", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host",
        [
            *("evil.example", "books.example.evil.example", "evilbooks.example", "evillibrary.example", "192.0.2.70"),
            *("", "books.example@evil.example", "evil.example#books.example", "[2001:db8::8]", "[", "localhost.evil"),
        ],
    )
    def test_is_a_400_under(self, service: Client, host: str) -> None:
        assert refusal(service.get("/books", headers={"Host": host})) == NOT_ALLOWED

    def test_is_a_400_at_every_path(self, service: Client) -> None:
        paths = ("/", "/healthz", "/no/such/page", "/docs", "/openapi.json", "/static/reset.js")
        assert {refusal(service.get(path, headers={"Host": "evil.example"})) for path in paths} == {NOT_ALLOWED}

    def test_writes_nothing_under_another(self, service: Client, member: Client) -> None:
        headers = {**member.headers, "Host": "evil.example"}
        assert refusal(service.post("/authors", json={"name": "Jane Austen"}, headers=headers)) == NOT_ALLOWED
        assert member.get("/authors").json() == []

    @pytest.mark.parametrize(("forwarded", "answer"), [("books.example", 200), ("evil.example", 400)])
    def test_counts_what_a_trusted_proxy_forwards(
        self, service_with: Callable[..., Client], forwarded: str, answer: int
    ) -> None:
        service = service_with(allowed_hosts="books.example", trusted_proxies="127.0.0.0/8")
        assert service.get("/books", headers={"X-Forwarded-Host": forwarded}).status_code == answer

    def test_holds_for_sign_ins_at_the_provider(
        self, oidc_with: Callable[..., Client], provider: ForgingProvider
    ) -> None:
        service = oidc_with(allowed_hosts="books.example", trusted_proxies="127.0.0.1")
        for path in ("/auth/oidc/login", "/auth/oidc/callback", "/signed-in"):
            assert refusal(service.get(path, headers={"Host": "evil.example"})) == NOT_ALLOWED
        assert refusal(service.get("/auth/oidc/login", headers={"X-Forwarded-Host": "evil.example"})) == NOT_ALLOWED
        sent = provider.begin(service.get("/auth/oidc/login", headers={"Host": "books.example"}).headers["Location"])
        assert sent["redirect_uri"] == "http://books.example/auth/oidc/callback"

    def test_is_any_by_default(self, client: Client) -> None:
        assert client.get("/books", headers={"Host": "evil.example"}).status_code == 200


class TestLink:
    @pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1", "[::1]:5000"])
    def test_begins_with_the_host_of_the_machine_itself(self, client: Client, admin: Client, host: str) -> None:
        assert link(admin, client, host) == f"http://{host}"

    def test_back_from_the_provider_begins_with_the_public_url(
        self, oidc_with: Callable[..., Client], provider: ForgingProvider
    ) -> None:
        service = oidc_with(public_url="https://public.example")
        reply = service.get("/auth/oidc/login")
        assert reply.headers["Set-Cookie"].startswith("__Host-books-sign-in=")
        sent = provider.begin(reply.headers["Location"])
        assert sent["redirect_uri"] == "https://public.example/auth/oidc/callback"

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.0.2.7", ""])
    def test_begins_with_no_other_host(self, client: Client, admin: Client, host: str) -> None:
        assert link(admin, client, host) == ""

    @pytest.mark.parametrize("host", ["books.example", "localhost:5000", "evil.example"])
    def test_begins_with_the_public_url(self, service_with: Callable[..., Client], admin: Client, host: str) -> None:
        service = service_with(public_url="https://books.example:8443/")
        assert link(admin, service, host) == "https://books.example:8443"

    def test_begins_with_an_allowed_host(self, service_with: Callable[..., Client], admin: Client) -> None:
        service = service_with(allowed_hosts="books.example")
        assert link(admin, service, "books.example:8443") == "http://books.example:8443"
