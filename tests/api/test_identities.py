"""Identities are linked and unlinked only on purpose, by a user who is present."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.models import LinkedIdentity, SignInCode
from tests.api.responses import refusal
from tests.support.factories import PASSWORD
from tests.support.oidc import exchange, newcomer, sign_in
from tests.support.time_shift import A_MOMENT, code_expires, session_was_confirmed
from tests.support.users import SignedInUser, new_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider


@pytest.fixture
def user(oidc: Client) -> SignedInUser:
    return new_user(oidc)


def link(user: SignedInUser, code: str) -> dict[str, Any]:
    """Link the identity that a code proves."""
    linked: dict[str, Any] = user.client.post("/auth/identities", json={"sign_in_code": code}).raise_for_status().json()
    return linked


class TestLink:
    def test_lets_the_user_sign_in(self, oidc: Client, provider: ForgingProvider, user: SignedInUser) -> None:
        linked = link(user, sign_in(oidc, provider, sub="1"))
        assert linked["message"] == "identity linked"
        pair = exchange(oidc, sign_in(oidc, provider, sub="1")).json()
        assert user.with_tokens(pair).client.get("/auth/me").json()["id"] == user.user_id
        kept = {name: linked[name] for name in ("id", "issuer", "subject", "created_at")}
        assert user.client.get("/auth/identities").json() == [kept]

    def test_uses_up_the_code(self, oidc: Client, provider: ForgingProvider, user: SignedInUser) -> None:
        code = sign_in(oidc, provider)
        link(user, code)
        assert refusal(exchange(oidc, code)) == (401, "sign_in_refused")

    def test_with_a_code_that_has_expired_is_refused(
        self, oidc: Client, provider: ForgingProvider, user: SignedInUser, database: DatabaseInside
    ) -> None:
        code = sign_in(oidc, provider)
        code_expires(database, code, within=-A_MOMENT)
        body = {"sign_in_code": code}
        assert refusal(user.client.post("/auth/identities", json=body)) == (401, "sign_in_refused")

    def test_of_an_identity_of_another_user_is_refused(
        self, oidc: Client, provider: ForgingProvider, user: SignedInUser
    ) -> None:
        newcomer(oidc, provider)
        body = {"sign_in_code": sign_in(oidc, provider, sub="newcomer")}
        assert refusal(user.client.post("/auth/identities", json=body)) == (409, "identity_taken")

    def test_of_the_same_subject_of_another_issuer_is_another_identity(
        self, oidc: Client, provider: ForgingProvider, user: SignedInUser, database: DatabaseInside
    ) -> None:
        linked = link(user, sign_in(oidc, provider, sub="1"))
        database.mark(LinkedIdentity, linked["id"], issuer="https://id.example")
        reply = exchange(oidc, sign_in(oidc, provider, sub="1", preferred_username="a new name"))
        assert oidc.as_bearer(reply.json()["access_token"]).get("/auth/me").json()["id"] != user.user_id

    def test_by_a_user_without_a_password_requires_a_recent_sign_in(
        self, oidc: Client, provider: ForgingProvider, database: DatabaseInside
    ) -> None:
        user = newcomer(oidc, provider)
        body = {"sign_in_code": sign_in(oidc, provider, sub="another")}
        session_was_confirmed(database, user.session_id, ago=timedelta(minutes=11))
        assert refusal(user.client.post("/auth/identities", json=body)) == (401, "confirmation_required")
        for password in ("!", PASSWORD):
            reply = user.client.post("/auth/step-up", json={"password": password})
            assert refusal(reply) == (401, "bad_credentials")
            assert "sign in again" in reply.json()["detail"]
        again = user.with_tokens(exchange(oidc, sign_in(oidc, provider, sub="newcomer")).json())
        assert again.client.post("/auth/identities", json=body).status_code == 200

    def test_by_a_user_with_a_password_requires_a_confirmation(
        self, oidc: Client, provider: ForgingProvider, user: SignedInUser, database: DatabaseInside
    ) -> None:
        session_was_confirmed(database, user.session_id, ago=timedelta(minutes=11))
        body = {"sign_in_code": sign_in(oidc, provider)}
        assert refusal(user.client.post("/auth/identities", json=body)) == (401, "confirmation_required")
        user.client.post("/auth/step-up", json={"password": PASSWORD}).raise_for_status()
        assert user.client.post("/auth/identities", json=body).status_code == 200


class TestUnlink:
    def test_ends_the_way_to_sign_in_and_all_other_sessions(
        self, oidc_with: Callable[..., Client], provider: ForgingProvider
    ) -> None:
        service = oidc_with()
        user = new_user(service)
        linked = link(user, sign_in(service, provider))
        by_identity = user.with_tokens(exchange(service, sign_in(service, provider)).json())
        user.client.delete(f"/auth/identities/{linked['id']}").raise_for_status()
        assert user.is_signed_in
        assert not by_identity.is_signed_in
        assert refusal(exchange(service, sign_in(service, provider))) == (403, "identity_unknown")

    def test_of_the_last_way_to_sign_in_is_refused(self, oidc: Client, provider: ForgingProvider) -> None:
        user = newcomer(oidc, provider)
        [first] = user.client.get("/auth/identities").json()
        assert refusal(user.client.delete(f"/auth/identities/{first['id']}")) == (409, "last_identity")
        second = {"sign_in_code": sign_in(oidc, provider, sub="second")}
        user.client.post("/auth/identities", json=second).raise_for_status()
        assert user.client.delete(f"/auth/identities/{first['id']}").status_code == 200
        [left] = user.client.get("/auth/identities").json()
        assert refusal(user.client.delete(f"/auth/identities/{left['id']}")) == (409, "last_identity")

    def test_where_a_password_is_no_way_to_sign_in_is_refused(
        self, oidc_with: Callable[..., Client], oidc: Client, provider: ForgingProvider, user: SignedInUser
    ) -> None:
        linked = link(user, sign_in(oidc, provider))
        without = oidc_with(password_sign_in=False).as_bearer(user.access_token)
        assert refusal(without.delete(f"/auth/identities/{linked['id']}")) == (409, "last_identity")

    def test_of_a_user_who_has_set_a_password(self, oidc: Client, provider: ForgingProvider, admin: Client) -> None:
        user = newcomer(oidc, provider)
        reset = admin.post(f"/users/{user.user_id}/password-reset").json()["token"]
        body = {"token": reset, "new_password": PASSWORD}
        oidc.post("/auth/password-reset", json=body).raise_for_status()
        again = user.sign_in()
        [linked] = again.client.get("/auth/identities").json()
        assert again.client.delete(f"/auth/identities/{linked['id']}").status_code == 200


class TestUserWithoutPassword:
    def test_cannot_log_in_with_any(self, oidc: Client, provider: ForgingProvider) -> None:
        user = newcomer(oidc, provider)
        for password in ("!", "", PASSWORD):
            reply = oidc.post("/auth/login", json={"username": user.username, "password": password or " "})
            assert refusal(reply) == (401, "bad_credentials")


class TestCode:
    def test_that_has_expired_is_deleted_by_the_next_sign_in(
        self, oidc: Client, provider: ForgingProvider, database: DatabaseInside
    ) -> None:
        code_expires(database, sign_in(oidc, provider), within=-A_MOMENT)
        sign_in(oidc, provider)
        with database.transaction() as db:
            assert db.query(SignInCode).count() == 1
