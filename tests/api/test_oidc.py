"""Sign-in at a real provider: Canaille, over HTTP, from the button to the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal
from tests.support.oidc import code_of, exchange
from tests.support.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    PUBLIC_CLIENT_ID,
    OpenIdProvider,
    openid_provider,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.support.client import Client

CALLBACK = "http://books.test/auth/oidc/callback"


@pytest.fixture(scope="module")
def canaille() -> Iterator[OpenIdProvider]:
    with openid_provider(CALLBACK) as provider:
        yield provider


@pytest.fixture
def service(service_with: Callable[..., Client], canaille: OpenIdProvider) -> Client:
    return service_with(
        oidc_issuer=canaille.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_registration=True,
    )


def walk(client: Client, canaille: OpenIdProvider, browser: httpx.Client, person: str) -> str:
    """Sign in as a user would. Returns: the code at the end."""
    begun = client.get("/auth/oidc/login")
    assert begun.status_code == 303
    return code_of(client.get(canaille.sign_in(browser, begun.headers["Location"], person)))


class TestSignIn:
    def test_creates_an_account_and_then_finds_it(self, service: Client, canaille: OpenIdProvider) -> None:
        with canaille.browser() as browser:
            users = []
            for _ in range(2):  # the second time the provider asks for nothing
                reply = exchange(service, walk(service, canaille, browser, "alice"))
                signed_in = service.as_bearer(reply.raise_for_status().json()["access_token"])
                users.append(signed_in.get("/auth/me").json())
        assert users[0] == users[1]
        assert users[0]["username"] == "alice-at-home"
        assert users[0]["role"] == "member"
        [linked] = signed_in.get("/auth/identities").json()
        assert (linked["issuer"], linked["subject"]) == (canaille.issuer, "alice")

    def test_gives_a_session_like_any_other(self, service: Client, canaille: OpenIdProvider) -> None:
        with canaille.browser() as browser:
            pair = exchange(service, walk(service, canaille, browser, "bob")).json()
        following = service.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})
        signed_in = service.as_bearer(following.raise_for_status().json()["access_token"])
        assert len(signed_in.get("/auth/sessions").json()) == 1
        signed_in.post("/auth/logout").raise_for_status()
        assert signed_in.get("/auth/me").status_code == 401

    def test_by_a_public_client(self, service_with: Callable[..., Client], canaille: OpenIdProvider) -> None:
        service = service_with(oidc_issuer=canaille.issuer, oidc_client_id=PUBLIC_CLIENT_ID, oidc_registration=True)
        with canaille.browser() as browser:
            assert exchange(service, walk(service, canaille, browser, "carol")).status_code == 200

    def test_that_was_replayed_is_refused(self, service: Client, canaille: OpenIdProvider) -> None:
        with canaille.browser() as browser:
            begun = service.get("/auth/oidc/login")
            callback = canaille.sign_in(browser, begun.headers["Location"], "alice")
            kept = dict(service.cookies)
            assert service.get(callback).status_code == 303
            service.cookies.update(kept)
            assert refusal(service.get(callback)) == (401, "sign_in_refused")

    def test_with_a_wrong_secret_is_refused(
        self, service_with: Callable[..., Client], canaille: OpenIdProvider
    ) -> None:
        service = service_with(
            oidc_issuer=canaille.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=CLIENT_SECRET.upper()
        )
        with canaille.browser() as browser:
            begun = service.get("/auth/oidc/login")
            callback = canaille.sign_in(browser, begun.headers["Location"], "dave")
        assert refusal(service.get(callback)) == (401, "sign_in_refused")
