"""Shift times in the database, so that no test has to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, update

from app.models import ApiKey, RefreshToken, SignInCode, User, UserSession
from app.security.credentials import digest

if TYPE_CHECKING:
    from sqlalchemy import CursorResult, Update

    from app.database import Database

A_MOMENT = timedelta(seconds=1)


def refresh_token_was_spent(database: Database, refresh_token: str, ago: timedelta) -> None:
    """Set when a refresh token was spent."""
    _set(database, update(RefreshToken).where(RefreshToken.hash == digest(refresh_token)), spent_at=-ago)


def session_ends(database: Database, session_id: int, within: timedelta) -> None:
    """Set when a session ends unless it is refreshed."""
    _set(database, update(UserSession).where(UserSession.id == session_id), expires_at=within)


def session_began(database: Database, session_id: int, ago: timedelta) -> None:
    """Set when a session began."""
    _set(database, update(UserSession).where(UserSession.id == session_id), created_at=-ago)


def session_was_confirmed(database: Database, session_id: int, ago: timedelta) -> None:
    """Set when a session was last confirmed."""
    _set(database, update(UserSession).where(UserSession.id == session_id), confirmed_at=-ago)


def codes_may_be_used_again(database: Database, user_id: int) -> None:
    """Forget which code of a user was used last, as if time had passed."""
    with database.transaction() as db:
        db.execute(update(User).where(User.id == user_id).values(totp_last_step=None))


def key_expires(database: Database, key: str, within: timedelta) -> None:
    """Set when a key expires."""
    _set(database, update(ApiKey).where(ApiKey.hash == digest(key)), expires_at=within)


def key_was_used(database: Database, key: str, ago: timedelta) -> None:
    """Set when a key was last used."""
    _set(database, update(ApiKey).where(ApiKey.hash == digest(key)), last_used_at=-ago)


def delete_user(database: Database, user_id: int) -> None:
    """Delete a user."""
    with database.transaction() as db:
        db.execute(delete(User).where(User.id == user_id))


def _set(database: Database, row: Update, **shifts: timedelta) -> None:
    now = datetime.now(UTC)
    values = {name: now + shift for name, shift in shifts.items()}
    with database.transaction() as db:
        changed = cast("CursorResult[Any]", db.execute(row.values(**values)))
        assert changed.rowcount == 1


def code_expires(database: Database, code: str, within: timedelta) -> None:
    """Set when the code of a sign-in at the provider expires."""
    _set(database, update(SignInCode).where(SignInCode.hash == digest(code)), expires_at=within)
