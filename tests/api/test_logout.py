"""Signing out: here, elsewhere, everywhere. What has ended is refused at the next request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.support.users import make_admin

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.users import Person

DONE = {"status": "success", "message": "signed out"}


def is_over(person: Person) -> bool:
    """Neither of the tokens is good."""
    refresh = person.nobody.post("/auth/refresh", json={"refresh_token": person.refresh_token})
    return not person.is_signed_in and refresh.status_code == 401


class TestLogout:
    def test_without_a_body(self, alice: Person) -> None:
        elsewhere = alice.sign_in()
        assert alice.client.post("/auth/logout").json() == DONE
        assert is_over(alice)
        assert elsewhere.is_signed_in

    @pytest.mark.parametrize("body", [{}, {"refresh_token": "br_unknown"}], ids=str)
    def test_with_a_body_that_names_no_session(self, alice: Person, body: dict[str, Any]) -> None:
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)

    def test_with_ones_own_refresh_token(self, alice: Person) -> None:
        elsewhere = alice.sign_in()
        body = {"refresh_token": alice.refresh_token}
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)
        assert elsewhere.is_signed_in

    def test_with_the_refresh_token_of_another_session(self, alice: Person) -> None:
        elsewhere, third = alice.sign_in(), alice.sign_in()
        body = {"refresh_token": elsewhere.refresh_token}
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)
        assert is_over(elsewhere)
        assert third.is_signed_in

    def test_with_a_refresh_token_that_was_spent(self, alice: Person) -> None:
        elsewhere = alice.sign_in()
        following = elsewhere.refresh()
        alice.client.post("/auth/logout", json={"refresh_token": elsewhere.refresh_token}).raise_for_status()
        assert is_over(following)

    def test_with_somebody_elses_refresh_token_ends_only_ones_own(self, alice: Person, bob: Person) -> None:
        body = {"refresh_token": bob.refresh_token}
        assert alice.client.post("/auth/logout", json=body).json() == DONE
        assert is_over(alice)
        assert bob.refresh().is_signed_in

    def test_twice_is_once_too_often(self, alice: Person) -> None:
        alice.client.post("/auth/logout").raise_for_status()
        assert refusal(alice.client.post("/auth/logout")) == (401, "token_invalid")

    def test_leaves_keys(self, alice: Person) -> None:
        key = alice.new_key()
        alice.client.post("/auth/logout").raise_for_status()
        assert alice.nobody.as_bearer(key).get("/auth/me").status_code == 200


class TestLogoutAll:
    def test_ends_all_ones_sessions_and_nobody_elses(self, alice: Person, bob: Person) -> None:
        elsewhere = [alice.sign_in() for _ in range(3)]
        key = alice.new_key()
        assert alice.client.post("/auth/logout-all").json() == {
            "status": "success",
            "message": "signed out everywhere: 4 sessions ended",
        }
        assert [is_over(person) for person in (alice, *elsewhere)] == [True] * 4
        assert bob.is_signed_in
        assert alice.nobody.as_bearer(key).get("/auth/me").status_code == 200

    def test_does_not_keep_anybody_from_signing_in_again(self, alice: Person) -> None:
        reply = alice.client.post("/auth/logout-all")
        assert reply.json()["message"] == "signed out everywhere: 1 session ended"
        assert alice.sign_in().is_signed_in


class TestEndSession:
    def test_ends_that_one_alone(self, alice: Person) -> None:
        elsewhere, third = alice.sign_in(), alice.sign_in()
        reply = alice.client.delete(f"/auth/sessions/{elsewhere.session_id}")
        assert reply.json() == {"status": "success", "message": f"session {elsewhere.session_id} ended"}
        assert is_over(elsewhere)
        assert alice.is_signed_in
        assert third.is_signed_in

    def test_may_be_the_one_that_asks(self, alice: Person) -> None:
        alice.client.delete(f"/auth/sessions/{alice.session_id}").raise_for_status()
        assert is_over(alice)

    def test_twice_finds_nothing(self, alice: Person) -> None:
        elsewhere = f"/auth/sessions/{alice.sign_in().session_id}"
        alice.client.delete(elsewhere).raise_for_status()
        assert refusal(alice.client.delete(elsewhere)) == (404, "session_not_found")

    def test_of_somebody_else_is_as_if_there_were_none(self, alice: Person, bob: Person) -> None:
        theirs = alice.client.delete(f"/auth/sessions/{bob.session_id}")
        nobodys = alice.client.delete(f"/auth/sessions/{10**17}")
        assert refusal(theirs) == refusal(nobodys) == (404, "session_not_found")
        assert bob.is_signed_in

    def test_by_an_admin_is_for_ones_own_too(self, alice: Person, bob: Person, database: DatabaseInside) -> None:
        make_admin(database, alice.user_id)
        assert refusal(alice.client.delete(f"/auth/sessions/{bob.session_id}")) == (404, "session_not_found")
