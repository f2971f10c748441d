"""The rules about sessions: how they are started, refreshed and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app.errors import RefreshTokenInvalid, SessionNotFound
from app.models import RefreshToken, UserSession
from app.security.credentials import REFRESH_TOKEN, digest, new_credential, successor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models import User
    from app.settings import Settings

GRACE = timedelta(seconds=10)
"""How long a used refresh token is accepted again: the response to its first use may have been lost."""
MOST_SESSIONS = 100
"""The limit for one user; a further session ends the least recently used one."""
LONGEST_USER_AGENT = 200
MOST_SPENT = 500
"""How many used refresh tokens of one session are remembered: several days' worth for the busiest client. An older one
does not reveal a theft, but it does not grant access either."""
SWEPT = 100
"""How many expired sessions, of any user, one login deletes at most."""


@dataclass(frozen=True)
class Grant:
    """The result of a login or a refresh."""

    user_id: int
    session_id: int
    refresh_token: str


@dataclass(frozen=True)
class TokenReuse:
    """A used refresh token was sent again, so its session has been ended."""

    user_id: int
    session_id: int


class SessionService:
    """Starts and refreshes sessions."""

    def __init__(self, db: Session, settings: Settings, secret: str) -> None:
        """Args: secret: derives each refresh token from the previous one."""
        self.db = db
        self.idle, self.longest = settings.refresh_token_lifetime, settings.session_lifetime
        self.secret = secret
        self.now = datetime.now(UTC)

    def begin(self, user: User, user_agent: str | None) -> Grant:
        """Start a session for a user whose row is locked."""
        self._make_room(user.id)
        begun = UserSession(
            user_id=user.id,
            user_agent=user_agent and user_agent[:LONGEST_USER_AGENT],
            created_at=self.now,
            last_used_at=self.now,
            expires_at=self.now + min(self.idle, self.longest),
            confirmed_at=self.now,
        )
        self.db.add(begun)
        self.db.flush()
        refresh_token = new_credential(REFRESH_TOKEN)
        self._keep(refresh_token, begun.id)
        return Grant(user.id, begun.id, refresh_token)

    def refresh(self, refresh_token: str) -> Grant | TokenReuse:
        """Refresh a session, which uses up the token. If the token was used before, the session is ended instead.

        When a token is used twice, more than a moment apart, one of the two clients has stolen it.
        Source: RFC 9700, section 4.14.2.

        Raises:
            RefreshTokenInvalid: the token is unknown, or its session has ended.
        """
        kept = select(RefreshToken).where(RefreshToken.hash == digest(refresh_token))
        session_id = self.db.scalar(kept.with_only_columns(RefreshToken.session_id))
        user_session = session_id and self.db.get(UserSession, session_id, with_for_update=True)
        if not user_session or min(user_session.expires_at, user_session.created_at + self.longest) <= self.now:
            raise RefreshTokenInvalid
        token = self.db.scalar(kept)  # it does not change while the session is locked
        if token is None:  # another refresh has just deleted it
            raise RefreshTokenInvalid
        if token.spent_at is None:
            self._spend(token, user_session)
        elif abs(self.now - token.spent_at) > GRACE:  # in the future, if the clock was set back since
            self.db.delete(user_session)
            return TokenReuse(user_session.user_id, user_session.id)
        following = successor(refresh_token, self.secret)
        self._keep(following, user_session.id)
        return Grant(user_session.user_id, user_session.id, following)

    def _spend(self, token: RefreshToken, user_session: UserSession) -> None:
        token.spent_at, user_session.last_used_at = self.now, max(user_session.last_used_at, self.now)
        user_session.expires_at = min(self.now + self.idle, user_session.created_at + self.longest)
        of_session = select(RefreshToken.hash).where(RefreshToken.session_id == user_session.id)
        remembered = of_session.order_by(RefreshToken.issued_at.desc()).limit(MOST_SPENT)
        forgotten = delete(RefreshToken).where(RefreshToken.session_id == user_session.id)
        self.db.execute(forgotten.where(RefreshToken.hash.not_in(remembered)))

    def _keep(self, refresh_token: str, session_id: int) -> None:
        if self.db.get(RefreshToken, digest(refresh_token)) is None:
            self.db.add(RefreshToken(hash=digest(refresh_token), session_id=session_id, issued_at=self.now))

    def _make_room(self, user_id: int) -> None:
        """Delete expired sessions of any user, and the user's least recently used ones beyond the limit."""
        expired = select(UserSession.id).where(UserSession.expires_at <= self.now).limit(SWEPT)
        unlocked = expired.with_for_update(skip_locked=True)  # so that concurrent logins do not wait for each other
        self.db.execute(delete(UserSession).where(UserSession.id.in_(unlocked)))
        of_user = select(UserSession.id).where(UserSession.user_id == user_id)
        lasting = of_user.order_by(UserSession.last_used_at.desc(), UserSession.id.desc()).limit(MOST_SESSIONS - 1)
        kept = lasting.where(UserSession.expires_at > self.now)
        self.db.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.id.not_in(kept)))


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
