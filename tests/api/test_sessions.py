"""Sessions, as their user sees them, and how many there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select

from app.models import RefreshToken, UserSession
from app.services.accounts.sessions import MOST_SESSIONS
from tests.api.responses import ids, pages, refusal
from tests.support.time_shift import A_MOMENT, delete_user, session_ends
from tests.support.users import new_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.users import SignedInUser


def count_of(database: DatabaseInside, user_id: int) -> int:
    with database.reading() as connection:
        found = connection.scalar(select(func.count()).where(UserSession.user_id == user_id))
        assert found is not None
        return found


class TestList:
    def test_shows_where_one_is_signed_in(self, alice: SignedInUser, bob: SignedInUser) -> None:
        elsewhere = alice.sign_in(**{"User-Agent": "curl/8.5.0"})
        reply = alice.client.get("/auth/sessions")
        first, second = reply.json()
        assert ids([first, second]) == [alice.session_id, elsewhere.session_id]
        assert (first["current"], second["current"]) == (True, False)
        assert second["user_agent"] == "curl/8.5.0"
        assert second.keys() == {"id", "current", "user_agent", "created_at", "last_used_at", "expires_at"}
        assert reply.headers["Cache-Control"] == "no-store"
        assert ids(bob.client.get("/auth/sessions").json()) == [bob.session_id]

    def test_which_one_asks_depends_on_who_asks(self, alice: SignedInUser) -> None:
        elsewhere = alice.sign_in()
        assert [entry["current"] for entry in elsewhere.client.get("/auth/sessions").json()] == [False, True]

    def test_shows_no_token(self, alice: SignedInUser) -> None:
        following = alice.refresh()
        shown = following.client.get("/auth/sessions").text
        for token in (alice.access_token, alice.refresh_token, following.access_token, following.refresh_token):
            assert token not in shown

    def test_comes_in_pages(self, alice: SignedInUser) -> None:
        everywhere = [alice, *(alice.sign_in() for _ in range(4))]
        found = [ids(page.json()) for page in pages(alice.client, "/auth/sessions?limit=2&count=exact")]
        assert [len(page) for page in found] == [2, 2, 1]
        assert [each for page in found for each in page] == [user.session_id for user in everywhere]

    def test_counts_when_asked(self, alice: SignedInUser) -> None:
        alice.sign_in()
        assert alice.client.get("/auth/sessions?count=exact&limit=1").headers["X-Total-Count"] == "2"
        assert "X-Total-Count" not in alice.client.get("/auth/sessions").headers

    def test_leaves_out_what_has_expired(self, alice: SignedInUser, database: DatabaseInside) -> None:
        elsewhere = alice.sign_in()
        session_ends(database, elsewhere.session_id, within=-A_MOMENT)
        reply = alice.client.get("/auth/sessions?count=exact")
        assert ids(reply.json()) == [alice.session_id]
        assert reply.headers["X-Total-Count"] == "1"

    def test_a_refresh_is_a_use(self, alice: SignedInUser) -> None:
        [before] = alice.client.get("/auth/sessions").json()
        alice.refresh()
        [after] = alice.client.get("/auth/sessions").json()
        assert after["last_used_at"] > before["last_used_at"]
        assert after["created_at"] == before["created_at"]

    @pytest.mark.parametrize(
        ("sent", "shown"),
        [("x" * 201, "x" * 200), ("<script>", "<script>"), ("Mozilla/5.0 (\xe9)", "Mozilla/5.0 (\xe9)")],
    )
    def test_says_what_signed_in(
        self, alice: SignedInUser, through: Callable[..., Client], sent: str, shown: str
    ) -> None:
        replace(alice, anonymous=through(HTTP_USER_AGENT=sent)).sign_in()
        assert alice.client.get("/auth/sessions").json()[1]["user_agent"] == shown

    @pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "user_id=1", "sort=id"])
    def test_refuses(self, alice: SignedInUser, query: str) -> None:
        assert alice.client.get(f"/auth/sessions?{query}").status_code == 400

    def test_a_key_sees_none(self, alice: SignedInUser) -> None:
        reply = alice.anonymous.as_bearer(alice.new_key()).get("/auth/sessions")
        assert refusal(reply) == (403, "person_required")


class TestHowMany:
    def test_no_user_has_more_than_a_hundred(
        self, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside
    ) -> None:
        """One more ends the one that was not used for the longest time."""
        used = alice.sign_in()
        self.fill(alice, database, MOST_SESSIONS - 2)
        following = alice.refresh()
        newest = alice.sign_in()
        assert count_of(database, alice.user_id) == MOST_SESSIONS
        assert newest.is_signed_in
        assert following.is_signed_in
        assert not used.is_signed_in
        assert bob.is_signed_in

    def test_a_sign_in_takes_away_what_has_expired(
        self, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside
    ) -> None:
        for user in (alice, bob):
            session_ends(database, user.session_id, within=-A_MOMENT)
        elsewhere = alice.sign_in()
        assert count_of(database, alice.user_id) == 1
        assert count_of(database, bob.user_id) == 0, "whosever it was"
        assert elsewhere.is_signed_in
        with database.reading() as connection:
            kept = select(func.count()).where(RefreshToken.session_id == alice.session_id)
            assert connection.scalar(kept) == 0

    def fill(self, user: SignedInUser, database: DatabaseInside, number: int) -> None:
        """More sessions of a user, each used after the ones that there are."""
        with database.transaction() as db:
            newest = db.scalars(select(UserSession).where(UserSession.id == user.session_id)).one()
            moment = newest.last_used_at
            db.execute(
                insert(UserSession),
                [
                    {
                        "user_id": user.user_id,
                        "created_at": moment,
                        "last_used_at": moment + timedelta(minutes=1),
                        "expires_at": newest.expires_at,
                    }
                ]
                * number,
            )


class TestRemoval:
    def test_of_a_user_takes_the_sessions_along(self, client: Client, database: DatabaseInside) -> None:
        gone = new_user(client)
        delete_user(database, gone.user_id)
        assert count_of(database, gone.user_id) == 0
