"""The names of users who sign in at the provider: only proposals, which never lead to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal
from tests.support.oidc import exchange, sign_in

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider


class TestName:
    def test_that_is_taken_does_not_lead_to_the_account(
        self, oidc: Client, provider: ForgingProvider, member: Client
    ) -> None:
        taken = member.get("/auth/me").json()["username"]
        for name in (taken, taken.upper()):
            code = sign_in(oidc, provider, preferred_username=name)
            assert refusal(exchange(oidc, code)) == (409, "username_taken")
        assert exchange(oidc, code, username="another name").status_code == 200

    def test_that_changes_at_the_provider_leads_to_the_same_account(
        self, oidc: Client, provider: ForgingProvider
    ) -> None:
        for name in ("first name", "second name"):
            pair = exchange(oidc, sign_in(oidc, provider, preferred_username=name)).json()
            assert oidc.as_bearer(pair["access_token"]).get("/auth/me").json()["username"] == "first name"

    @pytest.mark.parametrize("name", ["", " ", "a\u202eb", "x" * 65, "a\nb", None])
    def test_that_breaks_a_rule_is_refused(self, oidc: Client, provider: ForgingProvider, name: str | None) -> None:
        reply = exchange(oidc, sign_in(oidc, provider, preferred_username=name))
        assert refusal(reply) == (400, "invalid_request")
        assert reply.json()["errors"][0]["pointer"] == "/username"

    def test_of_another_subject_at_userinfo_is_ignored(self, oidc: Client, provider: ForgingProvider) -> None:
        provider.userinfo = {"sub": "2", "preferred_username": "another name"}
        assert refusal(exchange(oidc, sign_in(oidc, provider, sub="1"))) == (400, "invalid_request")
        provider.userinfo = {"sub": "1", "preferred_username": "of userinfo"}
        assert exchange(oidc, sign_in(oidc, provider, sub="1")).status_code == 200
