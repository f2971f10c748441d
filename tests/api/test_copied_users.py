"""Copied users: nothing but the names, ids, tokens and times differs from users who have registered and logged in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models.base import Base
from tests.support.users import new_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.copied_users import UserCopies
    from tests.support.users import SignedInUser

OWN = {"id", "username", "username_key", "shape_shown", "shape_folded", "password_hash"}
OWN |= {"user_id", "session_id", "hash", "request_id"}
"""Columns in which two users differ."""
MOMENT = timedelta(minutes=1)


def written(database: DatabaseInside, make: Callable[[], object]) -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables that making a user adds, less what is the user's own; times as `now`, `later` or None."""
    tables = Base.metadata.sorted_tables

    def rows() -> dict[str, list[dict[str, Any]]]:
        return {t.name: [dict(row) for row in database.connection.execute(select(t)).mappings()] for t in tables}

    before = rows()
    make()
    now = datetime.now(UTC)

    def kept(value: object) -> object:
        if not isinstance(value, datetime):
            return value
        return "now" if abs(value - now) < MOMENT else f"in {(value - now).total_seconds() / 60:.0f} minutes"

    added = {name: [row for row in found if row not in before[name]] for name, found in rows().items()}
    return {
        name: [{column: kept(value) for column, value in row.items() if column not in OWN} for row in found]
        for name, found in added.items()
        if found
    }


class TestCopy:
    def test_writes_what_registration_and_login_write(
        self, client: Client, database: DatabaseInside, user_copies: UserCopies
    ) -> None:
        copied = written(database, user_copies.new)
        assert copied == written(database, lambda: new_user(client))
        assert copied.keys() == {"users", "sessions", "refresh_tokens", "audit_events"}

    def test_is_as_another_to_clients(self, client: Client, user_copies: UserCopies) -> None:
        copy, registered = user_copies.new(), new_user(client)

        def seen(user: SignedInUser) -> list[object]:
            profile, [session] = user.client.get("/auth/me").json(), user.client.get("/auth/sessions").json()
            export = user.client.get("/auth/me/export").json()
            events = [event["event"] for event in user.client.get("/auth/me/events").json()]
            return [profile.keys(), profile["role"], session.keys(), session["user_agent"], export.keys(), events]

        assert seen(copy) == seen(registered)
        assert copy.claims.keys() == registered.claims.keys()

    def test_registers_where_the_client_calls_another_service(
        self, service_with: Callable[..., Client], user_copies: UserCopies
    ) -> None:
        elsewhere = replace(user_copies, anonymous=service_with(secret_key="another " * 5))
        assert elsewhere.new().is_signed_in

    def test_logs_in_and_refreshes(self, user_copies: UserCopies) -> None:
        copy = user_copies.new()
        assert copy.sign_in().is_signed_in
        assert copy.refresh().is_signed_in

    def test_is_another_each_time(self, user_copies: UserCopies) -> None:
        users = [user_copies.new() for _ in range(3)]
        assert len({user.user_id for user in users}) == 3
        assert len({user.session_id for user in users}) == 3
        assert [user.client.get("/auth/me").json()["username"] for user in users] == [user.username for user in users]
