"""Ways to sign in: without passwords, by the header of a proxy, and the pages that browsers see."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from app.settings.types import networks
from tests.api.responses import faults, refusal, user_id
from tests.support.factories import PASSWORD
from tests.support.header_sign_in import HEADER, sign_in_by_header
from tests.support.oidc import RETURN_URL, begin, end, exchange, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider
    from tests.support.openapi_contract import OpenApiContract

DISABLED = (403, "sign_in_disabled")
HTML = {"Accept": "text/html"}
VERIFIER = "a verifier of an app, of 43 characters or so".replace(" ", "-").replace(",", ".")
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class TestWithoutPasswords:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/register", {"username": "newcomer", "password": PASSWORD}),
            ("POST", "/auth/login", {"username": "newcomer", "password": PASSWORD}),
            ("POST", "/auth/password-reset", {"token": "bp_x", "new_password": PASSWORD}),
            ("POST", "/auth/login", "not even a body"),
        ],
    )
    def test_nothing_that_needs_one_is_possible(
        self, oidc_with: Callable[..., Client], method: str, path: str, body: Any
    ) -> None:
        reply = oidc_with(password_sign_in=False).request(method, path, json=body)
        assert refusal(reply) == DISABLED

    def test_nor_for_users(self, oidc_with: Callable[..., Client], admin: Client) -> None:
        signed_in = oidc_with(password_sign_in=False).as_bearer(admin.headers["Authorization"].split()[1])
        change = {"current_password": PASSWORD, "new_password": "a staple of many readers"}
        assert refusal(signed_in.put("/auth/password", json=change)) == DISABLED
        assert refusal(signed_in.post(f"/users/{user_id(admin)}/password-reset")) == DISABLED

    def test_users_sign_in_at_the_provider(self, oidc_with: Callable[..., Client], provider: ForgingProvider) -> None:
        service = oidc_with(password_sign_in=False, oidc_registration=True)
        assert exchange(service, sign_in(service, provider, preferred_username="only there")).status_code == 200


class TestHeader:
    @pytest.fixture(autouse=True)
    def _contract(self, contract: OpenApiContract) -> None:
        self.contract = contract

    def sign_in(self, service: Client, name: bytes | str) -> httpx.Response:
        """Sign in as the proxy says."""
        return sign_in_by_header(service, self.contract, name)

    def test_of_a_trusted_proxy_signs_the_user_in(self, service_with: Callable[..., Client], member: Client) -> None:
        service = service_with(**HEADER)
        name = member.get("/auth/me").json()["username"]
        for spelling in (name, name.upper(), f" {name} "):
            pair = self.sign_in(service, spelling.encode()).raise_for_status().json()
            assert user_id(service.as_bearer(pair["access_token"])) == user_id(member)

    def test_of_another_peer_is_ignored(self, service_with: Callable[..., Client], member: Client) -> None:
        service = service_with(**HEADER | {"trusted_proxies": networks("192.0.2.1")})
        name = member.get("/auth/me").json()["username"]
        assert refusal(self.sign_in(service, name)) == (401, "sign_in_refused")

    def test_is_no_way_unless_it_is_set(self, service_with: Callable[..., Client], member: Client) -> None:
        service = service_with(trusted_proxies=networks("127.0.0.1"))
        assert refusal(self.sign_in(service, member.get("/auth/me").json()["username"])) == DISABLED

    @pytest.mark.parametrize("name", [b"unknown", b"", b" ", b"\xff", "é".encode(), b"a,b"])
    def test_of_an_unknown_user_is_refused(self, service_with: Callable[..., Client], name: bytes) -> None:
        assert refusal(self.sign_in(service_with(**HEADER), name)) == (401, "sign_in_refused")

    def test_of_a_disabled_user_is_refused(self, service_with: Callable[..., Client], admin: Client, make: Any) -> None:
        member = make.user("soon disabled")
        admin.patch(f"/users/{user_id(member)}", json={"disabled": True}).raise_for_status()
        assert refusal(self.sign_in(service_with(**HEADER), "soon disabled")) == (401, "sign_in_refused")

    def test_of_a_new_user_creates_the_account_where_it_may(self, service_with: Callable[..., Client]) -> None:
        service = service_with(**HEADER, trusted_user_registration=True)
        ids = set()
        for _ in range(2):
            pair = self.sign_in(service, "Zoë".encode()).raise_for_status().json()
            me = service.as_bearer(pair["access_token"]).get("/auth/me").json()
            ids.add((me["id"], me["username"], me["role"]))
        assert [(name, role) for _, name, role in ids] == [("Zoë", "member")]

    def test_of_a_name_that_breaks_a_rule_is_refused(self, service_with: Callable[..., Client]) -> None:
        reply = self.sign_in(service_with(**HEADER, trusted_user_registration=True), "a\u202eb".encode())
        assert refusal(reply) == (400, "invalid_request")
        assert reply.json()["errors"][0]["header"] == "Remote-User"

    def test_is_not_for_forms_of_other_pages(self, service_with: Callable[..., Client]) -> None:
        reply = service_with(**HEADER).post("/auth/login/header", data={"a": "b"}, headers={"Remote-User": "x"})
        assert refusal(reply) == (415, "unsupported_media_type")

    def test_does_not_reach_the_application(self, service_with: Callable[..., Client], member: Client) -> None:
        """Only the exchange for a session heeds it: no other request is authenticated by it."""
        name = member.get("/auth/me").json()["username"]
        reply = service_with(**HEADER).get("/auth/me", headers={"Remote-User": name})
        assert refusal(reply) == (401, "token_missing")


class TestBrowser:
    def test_is_sent_to_the_provider_with_a_cookie_of_its_own(self, oidc: Client) -> None:
        reply = oidc.get("/auth/oidc/login")
        cookie = reply.headers["Set-Cookie"]
        assert cookie.startswith("books-sign-in=")
        assert "; HttpOnly; Path=/; SameSite=Lax" in cookie
        assert "Max-Age=600" in cookie
        assert reply.headers["Cache-Control"] == "no-store"

    def test_over_tls_has_a_cookie_that_no_other_host_can_set(
        self, oidc_with: Callable[..., Client], provider: ForgingProvider
    ) -> None:
        service = oidc_with(trusted_proxies=networks("127.0.0.1"))
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "books.example"}
        reply = service.get("/auth/oidc/login", headers=forwarded)
        assert reply.headers["Set-Cookie"].startswith("__Host-books-sign-in=")
        assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in reply.headers["Set-Cookie"]
        sent = provider.begin(reply.headers["Location"])
        assert sent["redirect_uri"] == "https://books.example/auth/oidc/callback"

    def test_sees_errors_as_a_page(self, oidc: Client, provider: ForgingProvider) -> None:
        begin(oidc, provider)
        reply = oidc.get("/auth/oidc/callback?state=x&error=<script>", headers=HTML)
        assert reply.status_code == 401
        assert "was begun in another browser" in reply.text
        assert "script" not in reply.text
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]

    def test_sees_that_the_provider_is_unavailable(self, oidc: Client, provider: ForgingProvider) -> None:
        provider.unavailable = {"/.well-known/openid-configuration"}
        reply = oidc.get("/auth/oidc/login", headers=HTML)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
        assert "Identity provider unavailable" in reply.text
        assert provider.issuer not in reply.text
        assert refusal(oidc.get("/auth/oidc/login")) == (503, "provider_unavailable")

    def test_loses_the_cookie_at_the_end(self, oidc: Client, provider: ForgingProvider) -> None:
        sign_in(oidc, provider)
        assert not oidc.cookies

    def test_returns_to_an_app_which_alone_can_use_the_code(
        self, oidc_with: Callable[..., Client], provider: ForgingProvider
    ) -> None:
        service = oidc_with(oidc_registration=True, oidc_return_urls=(f"{RETURN_URL}?tab=1",))
        sent = begin(service, provider, return_to=f"{RETURN_URL}?tab=1", code_challenge=CHALLENGE)
        provider.claims = {"preferred_username": "by an app"}
        address = end(service, sent).headers["Location"]
        returned, _, code = address.rpartition("&code=")
        assert returned == f"{RETURN_URL}?tab=1"
        assert exchange(service, code, code_verifier=VERIFIER).status_code == 200

    @pytest.mark.parametrize("challenge", ["", "x", "a" * 44, "é" * 43])
    def test_with_a_malformed_challenge_is_refused(self, oidc: Client, challenge: str) -> None:
        reply = oidc.get("/auth/oidc/login", params={"code_challenge": challenge})
        assert faults(reply) == [("code_challenge", "must be an S256 challenge")]

    def test_is_limited(self, oidc_with: Callable[..., Client]) -> None:
        service = oidc_with(rate_limit_enabled=True, rate_limit_logins="2/minute")
        replies = [service.get("/auth/oidc/login").status_code for _ in range(3)]
        assert replies == [303, 303, 429]
