"""The rules about sessions: what begins one, and what carries it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app.errors import RefreshTokenInvalid
from app.models import RefreshToken, UserSession
from app.security.credentials import REFRESH_TOKEN, digest, new_credential, successor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models import User
    from app.settings import Settings

GRACE = timedelta(seconds=10)
"""A refresh token that was spent may come again so soon: the answer to the first may have been lost on the way."""
MOST_SESSIONS = 100
"""Of one user; one more ends the one that was not used for the longest time."""
LONGEST_USER_AGENT = 200
MOST_SPENT = 500
"""Spent refresh tokens of one session that are remembered: days of them, however busy a client is. By an older one no
thief is known, and no thief gets in."""
SWEPT = 100
"""Sessions that nobody came back to, of whomever: each sign-in takes so many away at most."""


@dataclass(frozen=True)
class Grant:
    """What a sign-in or a refresh gives."""

    user_id: int
    session_id: int
    refresh_token: str


@dataclass(frozen=True)
class TokenReuse:
    """A refresh token that was spent came again: this session has ended."""

    user_id: int
    session_id: int


class SessionService:
    """Sessions as they begin and go on."""

    def __init__(self, db: Session, settings: Settings, secret: str) -> None:
        """Args: secret: what the refresh tokens that follow on others are made from."""
        self.db = db
        self.idle, self.longest = settings.refresh_token_lifetime, settings.session_lifetime
        self.secret = secret
        self.now = datetime.now(UTC)

    def begin(self, user: User, user_agent: str | None) -> Grant:
        """Sign a user in, who is held."""
        self._make_room(user.id)
        begun = UserSession(
            user_id=user.id,
            user_agent=user_agent and user_agent[:LONGEST_USER_AGENT],
            created_at=self.now,
            last_used_at=self.now,
            expires_at=self.now + min(self.idle, self.longest),
        )
        self.db.add(begun)
        self.db.flush()
        refresh_token = new_credential(REFRESH_TOKEN)
        self._keep(refresh_token, begun.id)
        return Grant(user.id, begun.id, refresh_token)

    def refresh(self, refresh_token: str) -> Grant | TokenReuse:
        """Carry a session on; the refresh token is spent. If it was spent before, its session is over now.

        Whoever comes with a token that was spent more than a moment ago has a copy of it, or the other one has.
        Source: RFC 9700, section 4.14.2.

        Raises:
            RefreshTokenInvalid: it is none, or its session is over.
        """
        kept = select(RefreshToken).where(RefreshToken.hash == digest(refresh_token))
        session_id = self.db.scalar(kept.with_only_columns(RefreshToken.session_id))
        user_session = session_id and self.db.get(UserSession, session_id, with_for_update=True)
        if not user_session or min(user_session.expires_at, user_session.created_at + self.longest) <= self.now:
            raise RefreshTokenInvalid
        token = self.db.scalar(kept)  # it does not change while the session is held
        if token is None:  # another refresh has just swept it away
            raise RefreshTokenInvalid
        if token.spent_at is None:
            self._spend(token, user_session)
        elif self.now - token.spent_at > GRACE:
            self.db.delete(user_session)
            return TokenReuse(user_session.user_id, user_session.id)
        following = successor(refresh_token, self.secret)
        self._keep(following, user_session.id)
        return Grant(user_session.user_id, user_session.id, following)

    def _spend(self, token: RefreshToken, user_session: UserSession) -> None:
        token.spent_at = user_session.last_used_at = self.now
        user_session.expires_at = min(self.now + self.idle, user_session.created_at + self.longest)
        of_session = select(RefreshToken.hash).where(RefreshToken.session_id == user_session.id)
        remembered = of_session.order_by(RefreshToken.issued_at.desc()).limit(MOST_SPENT)
        forgotten = delete(RefreshToken).where(RefreshToken.session_id == user_session.id)
        self.db.execute(forgotten.where(RefreshToken.hash.not_in(remembered)))

    def _keep(self, refresh_token: str, session_id: int) -> None:
        if self.db.get(RefreshToken, digest(refresh_token)) is None:
            self.db.add(RefreshToken(hash=digest(refresh_token), session_id=session_id, issued_at=self.now))

    def _make_room(self, user_id: int) -> None:
        """Take away what has expired, whosever it was, and what is too many."""
        expired = select(UserSession.id).where(UserSession.expires_at <= self.now).limit(SWEPT)
        nobody_holds = expired.with_for_update(skip_locked=True)  # of two who sweep at once neither waits
        self.db.execute(delete(UserSession).where(UserSession.id.in_(nobody_holds)))
        of_user = select(UserSession.id).where(UserSession.user_id == user_id)
        lasting = of_user.order_by(UserSession.last_used_at.desc(), UserSession.id.desc()).limit(MOST_SESSIONS - 1)
        kept = lasting.where(UserSession.expires_at > self.now)
        self.db.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.id.not_in(kept)))
