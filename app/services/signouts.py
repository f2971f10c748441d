"""The end of sessions, which revokes their tokens from the next request on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app.errors import SessionNotFound
from app.models import RefreshToken, UserSession
from app.security.credentials import digest

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class SignOutService:
    """Ends sessions. Lock the user row first when ending several, to avoid deadlock."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def end(self, session_id: int | None) -> None:
        """End a session, if it exists."""
        self.db.execute(delete(UserSession).where(UserSession.id == session_id))

    def end_own(self, user_id: int, session_id: int) -> None:
        """End one session of a user.

        Raises:
            SessionNotFound: the user has none with that id.
        """
        ended = delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id)
        if not self.db.scalar(ended.returning(UserSession.id)):
            raise SessionNotFound

    def end_by_token(self, user_id: int, refresh_token: str) -> int | None:
        """End the session of a refresh token, if it is this user's; return its id. None is not an error (RFC 7009)."""
        its = select(RefreshToken.session_id).where(RefreshToken.hash == digest(refresh_token))
        ended = delete(UserSession).where(UserSession.id.in_(its), UserSession.user_id == user_id)
        return self.db.scalar(ended.returning(UserSession.id))

    def end_all(self, user_id: int, but: int | None = None) -> int:
        """End all sessions of a user whose row is locked, or all but one. Returns: how many have ended."""
        ended = delete(UserSession).where(UserSession.user_id == user_id)
        if but is not None:
            ended = ended.where(UserSession.id != but)
        return len(self.db.scalars(ended.returning(UserSession.id)).all())
