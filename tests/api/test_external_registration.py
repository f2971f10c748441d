"""Who gets an account by a first sign-in at the provider or by the header of a proxy, and under which name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal, user_id
from tests.support.header_sign_in import HEADER, sign_in_by_header
from tests.support.oidc import exchange, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.forging_provider import ForgingProvider
    from tests.support.openapi_contract import OpenApiContract

    Way = Callable[..., Callable[..., httpx.Response]]

CONFUSABLE = (409, "username_confusable")
CYRILLIC = "\u0455\u0441\u043e\u0440\u0435"
"""Looks like `scope`."""


@pytest.fixture(params=["at the provider", "by the header"])
def way(
    request: pytest.FixtureRequest,
    oidc_with: Callable[..., Client],
    provider: ForgingProvider,
    contract: OpenApiContract,
) -> Way:
    """Both ways: with these settings, how a person of this name signs in."""

    def made(**settings: object) -> Callable[..., httpx.Response]:
        service = oidc_with(oidc_registration=True, trusted_user_registration=True, **HEADER, **settings)
        if request.param == "by the header":
            return lambda name, **fields: sign_in_by_header(service, contract, name, **fields)

        def at_provider(name: str, **fields: object) -> httpx.Response:
            code = sign_in(service, provider, sub=name.encode().hex(), preferred_username=name)
            return exchange(service, code, **fields)

        return at_provider

    return made


@pytest.fixture
def invitation(admin: Client) -> str:
    """The token of an invitation."""
    return str(admin.post("/invitations", json={}).raise_for_status().json()["token"])


class TestClosed:
    def test_creates_no_account(self, way: Way, invitation: str) -> None:
        sign_in_as = way(registration="closed")
        assert refusal(sign_in_as("newcomer")) == (403, "registration_closed")
        assert refusal(sign_in_as("newcomer", invitation=invitation)) == (403, "registration_closed")

    def test_lets_users_sign_in(self, way: Way) -> None:
        way()("newcomer").raise_for_status()
        assert way(registration="closed")("newcomer").status_code == 200


class TestByInvitation:
    def test_creates_one_account_for_each(self, way: Way, invitation: str) -> None:
        sign_in_as = way(registration="invite")
        assert refusal(sign_in_as("newcomer")) == (403, "invitation_required")
        assert refusal(sign_in_as("newcomer", invitation="bi_made-up")) == (403, "invitation_invalid")
        assert sign_in_as("newcomer", invitation=invitation).status_code == 200
        assert refusal(sign_in_as("another", invitation=invitation)) == (403, "invitation_invalid")
        assert sign_in_as("newcomer").status_code == 200

    def test_keeps_the_invitation_of_a_refused_name(self, way: Way, invitation: str) -> None:
        sign_in_as = way(registration="invite")
        assert refusal(sign_in_as("a\u202eb", invitation=invitation)) == (400, "invalid_request")
        assert sign_in_as("newcomer", invitation=invitation).status_code == 200

    def test_keeps_the_invitation_of_a_user(self, way: Way, invitation: str) -> None:
        way()("newcomer").raise_for_status()
        sign_in_as = way(registration="invite")
        assert sign_in_as("newcomer", invitation=invitation).status_code == 200
        assert sign_in_as("another", invitation=invitation).status_code == 200


class TestOpen:
    def test_spends_an_invitation_and_ignores_a_bad_one(self, way: Way, admin: Client, invitation: str) -> None:
        sign_in_as = way()
        assert sign_in_as("newcomer", invitation=invitation).status_code == 200
        assert admin.get("/invitations").json() == []
        assert sign_in_as("another", invitation="bi_made-up").status_code == 200


class TestName:
    def test_that_looks_like_another_is_refused(self, way: Way, make: Factory) -> None:
        owner = make.user("scope")
        sign_in_as = way()
        assert refusal(sign_in_as(CYRILLIC)) == CONFUSABLE
        assert owner.get("/auth/me").json()["id"] == user_id(owner)

    def test_may_be_chosen_instead(self, oidc: Client, provider: ForgingProvider, make: Factory) -> None:
        make.user("scope")
        code = sign_in(oidc, provider, sub="1", preferred_username=CYRILLIC)
        assert refusal(exchange(oidc, code)) == CONFUSABLE
        assert refusal(exchange(oidc, code, username="SC\u041ePE")) == CONFUSABLE  # one Cyrillic letter
        assert exchange(oidc, code, username="telescope").status_code == 200
