"""Refresh tokens: each is valid once, and what is stolen ends the session (RFC 9700, section 4.14.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.models import RefreshToken
from app.services.accounts import sessions
from tests.api.responses import faults, refusal
from tests.support.time_shift import refresh_token_was_spent, session_began, session_ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.users import SignedInUser

WITHIN_GRACE = timedelta(seconds=9)
AFTER_GRACE = timedelta(seconds=11)
DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


def refreshed(user: SignedInUser, **headers: str) -> Any:
    body = {"refresh_token": user.refresh_token}
    return user.anonymous.post("/auth/refresh", json=body, headers=headers)


def seen(user: SignedInUser) -> dict[str, Any]:
    """The session, as its user sees it."""
    [entry] = [entry for entry in user.client.get("/auth/sessions").json() if entry["current"]]
    return dict(entry)


def lasts(user: SignedInUser) -> timedelta:
    """How much longer the session lasts."""
    return datetime.fromisoformat(seen(user)["expires_at"]) - datetime.now(UTC)


class TestRefresh:
    def test_gives_a_new_pair_of_the_same_session(self, alice: SignedInUser) -> None:
        reply = refreshed(alice)
        pair = reply.json()
        following = alice.with_tokens(pair)
        assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 900)
        assert following.is_signed_in
        assert following.session_id == alice.session_id
        assert following.access_token != alice.access_token
        assert following.refresh_token != alice.refresh_token
        assert reply.headers["Cache-Control"] == "no-store"

    def test_goes_on_and_on(self, alice: SignedInUser) -> None:
        line = [alice]
        for _ in range(5):
            line.append(line[-1].refresh())
        assert len({user.refresh_token for user in line}) == 6
        assert {user.session_id for user in line} == {alice.session_id}

    def test_leaves_the_access_token_of_before_until_it_expires(self, alice: SignedInUser) -> None:
        alice.refresh()
        assert alice.is_signed_in

    def test_needs_no_access_token_and_minds_none(self, alice: SignedInUser) -> None:
        assert refreshed(alice, Authorization="Bearer garbage").status_code == 200

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({}, "/refresh_token"),
            ({"refresh_token": None}, "/refresh_token"),
            ({"refresh_token": 5}, "/refresh_token"),
            ({"refresh_token": ["br_"]}, "/refresh_token"),
            ({"refresh_token": "br_\0"}, "/refresh_token"),
            ({"refresh_token": "b" * 501}, "/refresh_token"),
            ({"refresh_token": "br_", "grant_type": "refresh_token"}, "/grant_type"),
        ],
        ids=str,
    )
    def test_wants_a_refresh_token(self, client: Client, body: dict[str, Any], where: str) -> None:
        reply = client.post("/auth/refresh", json=body)
        assert refusal(reply) == (400, "invalid_request")
        assert [fault[0] for fault in faults(reply)] == [where]


class TestGrace:
    def test_the_same_token_again_gets_the_same_next_one(self, alice: SignedInUser, database: DatabaseInside) -> None:
        first = alice.refresh()
        refresh_token_was_spent(database, alice.refresh_token, ago=WITHIN_GRACE)
        again = alice.refresh()
        assert again.refresh_token == first.refresh_token
        assert again.is_signed_in
        assert first.refresh().is_signed_in

    def test_does_not_begin_anew_with_each_retry(self, alice: SignedInUser, database: DatabaseInside) -> None:
        alice.refresh()
        refresh_token_was_spent(database, alice.refresh_token, ago=WITHIN_GRACE)
        alice.refresh()
        refresh_token_was_spent(database, alice.refresh_token, ago=AFTER_GRACE)
        assert refusal(refreshed(alice)) == (401, "refresh_token_invalid")

    def test_of_a_retry_that_comes_late_is_the_next_ones_own(
        self, alice: SignedInUser, database: DatabaseInside
    ) -> None:
        """The line never forks: what the retry gets is spent, and has its own moment of grace."""
        following = alice.refresh()
        newest = following.refresh()
        assert alice.refresh().refresh_token == following.refresh_token
        assert alice.refresh().refresh().refresh_token == newest.refresh_token
        refresh_token_was_spent(database, following.refresh_token, ago=AFTER_GRACE)
        assert refusal(refreshed(alice.refresh())) == (401, "refresh_token_invalid")


class TestTheft:
    @pytest.mark.parametrize("ago", [AFTER_GRACE, DAY, 29 * DAY], ids=str)
    def test_ends_the_whole_session(self, alice: SignedInUser, database: DatabaseInside, ago: timedelta) -> None:
        following = alice.refresh().refresh()
        refresh_token_was_spent(database, alice.refresh_token, ago=ago)
        assert refusal(refreshed(alice)) == (401, "refresh_token_invalid")
        assert refusal(refreshed(following)) == (401, "refresh_token_invalid")
        assert not alice.is_signed_in
        assert not following.is_signed_in

    def test_ends_no_other_session(self, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside) -> None:
        elsewhere = alice.sign_in()
        alice.refresh()
        refresh_token_was_spent(database, alice.refresh_token, ago=AFTER_GRACE)
        assert refreshed(alice).status_code == 401
        assert elsewhere.refresh().is_signed_in
        assert bob.refresh().is_signed_in


class TestExpiry:
    def test_slides_with_each_refresh(self, alice: SignedInUser, database: DatabaseInside) -> None:
        session_ends(database, alice.session_id, within=DAY)
        following = alice.refresh()
        assert 30 * DAY - A_MINUTE < lasts(following) <= 30 * DAY

    def test_stops_to_slide_after_half_a_year(self, alice: SignedInUser, database: DatabaseInside) -> None:
        session_began(database, alice.session_id, ago=179 * DAY)
        following = alice.refresh()
        assert DAY - A_MINUTE < lasts(following) <= DAY
        assert DAY - A_MINUTE < lasts(following.refresh()) <= DAY

    def test_is_a_setting(self, service_with: Callable[..., Client], alice: SignedInUser) -> None:
        strict = service_with(refresh_token_lifetime=2 * DAY, session_lifetime=DAY)
        user = replace(alice, anonymous=strict)
        assert DAY - A_MINUTE < lasts(user.sign_in()) <= DAY
        assert DAY - A_MINUTE < lasts(user.refresh()) <= DAY

    def test_a_shorter_one_holds_for_sessions_that_began_before(
        self, service_with: Callable[..., Client], alice: SignedInUser, database: DatabaseInside
    ) -> None:
        session_began(database, alice.session_id, ago=2 * DAY)
        reply = service_with(session_lifetime=DAY).post("/auth/refresh", json={"refresh_token": alice.refresh_token})
        assert refusal(reply) == (401, "refresh_token_invalid")

    def test_remembers_so_many_spent_ones_and_no_more(
        self, alice: SignedInUser, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By those that are forgotten no thief is known, and no thief gets in."""
        monkeypatch.setattr(sessions, "MOST_SPENT", 3)
        line = [alice]
        for _ in range(5):
            line.append(line[-1].refresh())
        kept = select(func.count()).where(RefreshToken.session_id == alice.session_id)
        with database.reading() as connection:
            assert connection.scalar(kept) == 1 + 3
        assert refusal(refreshed(alice)) == (401, "refresh_token_invalid")
        assert line[-1].is_signed_in
        refresh_token_was_spent(database, line[2].refresh_token, ago=AFTER_GRACE)
        assert refusal(refreshed(line[2])) == (401, "refresh_token_invalid")
        assert not line[-1].is_signed_in
