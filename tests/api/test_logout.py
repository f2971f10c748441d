"""Signing out: here, elsewhere, everywhere. What has ended is refused at the next request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.support.users import make_admin

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.users import SignedInUser

DONE = {"status": "success", "message": "logged out"}


def is_over(user: SignedInUser) -> bool:
    """Neither of the tokens is valid."""
    refresh = user.anonymous.post("/auth/refresh", json={"refresh_token": user.refresh_token})
    return not user.is_signed_in and refresh.status_code == 401


class TestLogout:
    def test_without_a_body(self, alice: SignedInUser) -> None:
        elsewhere = alice.sign_in()
        assert alice.client.post("/auth/logout").json() == DONE
        assert is_over(alice)
        assert elsewhere.is_signed_in

    @pytest.mark.parametrize("body", [{}, {"refresh_token": "br_unknown"}], ids=str)
    def test_with_a_body_that_names_no_session(self, alice: SignedInUser, body: dict[str, Any]) -> None:
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)

    def test_with_ones_own_refresh_token(self, alice: SignedInUser) -> None:
        elsewhere = alice.sign_in()
        body = {"refresh_token": alice.refresh_token}
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)
        assert elsewhere.is_signed_in

    def test_with_the_refresh_token_of_another_session(self, alice: SignedInUser) -> None:
        elsewhere, third = alice.sign_in(), alice.sign_in()
        body = {"refresh_token": elsewhere.refresh_token}
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)
        assert is_over(elsewhere)
        assert third.is_signed_in

    def test_with_a_refresh_token_that_was_spent(self, alice: SignedInUser) -> None:
        elsewhere = alice.sign_in()
        following = elsewhere.refresh()
        alice.client.post("/auth/logout", json={"refresh_token": elsewhere.refresh_token}).raise_for_status()
        assert is_over(following)

    def test_with_another_users_refresh_token_ends_only_ones_own(self, alice: SignedInUser, bob: SignedInUser) -> None:
        body = {"refresh_token": bob.refresh_token}
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)
        assert bob.refresh().is_signed_in

    def test_twice_is_once_too_often(self, alice: SignedInUser) -> None:
        alice.client.post("/auth/logout").raise_for_status()
        assert refusal(alice.client.post("/auth/logout")) == (401, "token_invalid")

    def test_leaves_keys(self, alice: SignedInUser) -> None:
        key = alice.new_key()
        alice.client.post("/auth/logout").raise_for_status()
        assert alice.anonymous.as_bearer(key).get("/auth/me").status_code == 200


class TestLogoutAll:
    def test_ends_all_ones_sessions_and_no_others(self, alice: SignedInUser, bob: SignedInUser) -> None:
        elsewhere = [alice.sign_in() for _ in range(3)]
        key = alice.new_key()
        assert alice.client.post("/auth/logout-all").json() == {
            "status": "success",
            "message": "logged out everywhere: 4 sessions ended",
        }
        assert [is_over(user) for user in (alice, *elsewhere)] == [True] * 4
        assert bob.is_signed_in
        assert alice.anonymous.as_bearer(key).get("/auth/me").status_code == 200

    def test_does_not_keep_anybody_from_signing_in_again(self, alice: SignedInUser) -> None:
        reply = alice.client.post("/auth/logout-all")
        assert reply.json()["message"] == "logged out everywhere: 1 session ended"
        assert alice.sign_in().is_signed_in


class TestEndSession:
    def test_ends_that_one_alone(self, alice: SignedInUser) -> None:
        elsewhere, third = alice.sign_in(), alice.sign_in()
        reply = alice.client.delete(f"/auth/sessions/{elsewhere.session_id}")
        assert reply.json() == {"status": "success", "message": f"session {elsewhere.session_id} ended"}
        assert is_over(elsewhere)
        assert alice.is_signed_in
        assert third.is_signed_in

    def test_may_be_the_one_that_asks(self, alice: SignedInUser) -> None:
        alice.client.delete(f"/auth/sessions/{alice.session_id}").raise_for_status()
        assert is_over(alice)

    def test_twice_finds_nothing(self, alice: SignedInUser) -> None:
        elsewhere = f"/auth/sessions/{alice.sign_in().session_id}"
        alice.client.delete(elsewhere).raise_for_status()
        assert refusal(alice.client.delete(elsewhere)) == (404, "session_not_found")

    def test_of_another_user_is_answered_like_a_missing_one(self, alice: SignedInUser, bob: SignedInUser) -> None:
        theirs = alice.client.delete(f"/auth/sessions/{bob.session_id}")
        missing = alice.client.delete(f"/auth/sessions/{10**17}")
        assert refusal(theirs) == refusal(missing) == (404, "session_not_found")
        assert bob.is_signed_in

    def test_by_an_admin_is_for_ones_own_too(
        self, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside
    ) -> None:
        make_admin(database, alice.user_id)
        assert refusal(alice.client.delete(f"/auth/sessions/{bob.session_id}")) == (404, "session_not_found")
