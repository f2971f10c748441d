"""The service under test, and what it has stored, for comparison with the model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.models import ApiKey, Book, RefreshToken, User, UserSession
from app.security.credentials import digest
from app.security.roles import ADMIN
from tests.stateful.model import Life
from tests.support.users import make_admin

if TYPE_CHECKING:
    import httpx

    from devtools.databases import DatabaseInside
    from tests.stateful.model import Account, Credential, Key, Model, Reset, Session
    from tests.support.client import Client

LONG_AGO = timedelta(days=1)


class Service:
    """Sends requests, and moves times in the database."""

    def __init__(self, client: Client, database: DatabaseInside) -> None:
        self.client, self.database = client, database

    def send(
        self, method: str, path: str, credential: Credential | None = None, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """A request with this credential, if any."""
        headers = {} if credential is None else {"Authorization": f"Bearer {credential.bearer}"}
        return self.client.request(method, path, json=body, headers=headers)

    def promote(self, account: Account) -> None:
        """Make an account the first admin, as the command does."""
        make_admin(self.database, account.id)
        account.role = ADMIN

    def age_spent_tokens(self) -> None:
        """Let the moment pass in which a spent refresh token may be sent again."""
        spent = update(RefreshToken).where(RefreshToken.spent_at.is_not(None))
        self._run(spent.values(spent_at=datetime.now(UTC) - LONG_AGO))

    def expire_session(self, session: Session) -> None:
        """Let a session expire."""
        self._run(update(UserSession).where(UserSession.id == session.id).values(expires_at=self._past()))

    def expire_key(self, key: Key) -> None:
        """Let a key expire."""
        self._run(update(ApiKey).where(ApiKey.id == key.id).values(expires_at=self._past()))

    def expire_reset(self, reset: Reset) -> None:
        """Let a reset expire."""
        its = update(User).where(User.reset_hash == digest(reset.token))
        self._run(its.values(reset_expires_at=self._past()))

    def stored(self) -> dict[str, object]:
        """What the database has."""
        named = User.username.is_not(None)
        users = select(User.id, User.username, User.role, User.disabled_at.is_not(None)).where(named)
        with self.database.reading() as connection:
            return {
                "accounts": sorted(map(tuple, connection.execute(users))),
                "sessions": set(map(tuple, connection.execute(select(UserSession.id, UserSession.user_id)))),
                "keys": set(map(tuple, connection.execute(select(ApiKey.id, ApiKey.user_id)))),
                "resets": set(connection.scalars(select(User.reset_hash).where(User.reset_hash.is_not(None)))),
                "books": set(map(tuple, connection.execute(select(Book.id, Book.created_by)))),
            }

    def _run(self, change: Any) -> None:
        with self.database.transaction() as db:
            db.execute(change)

    def _past(self) -> datetime:
        return datetime.now(UTC) - timedelta(seconds=1)


def expected(model: Model) -> dict[str, object]:
    """What the database must have."""
    return {
        "accounts": sorted((one.id, one.username, one.role, one.disabled) for one in model.existing()),
        "sessions": {(one.id, one.owner.id) for one in model.sessions if one.life is not Life.ENDED},
        "keys": {(one.id, one.owner.id) for one in model.keys if not one.revoked},
        "resets": {digest(one.token) for one in model.open_resets()},
        "books": {(one.id, one.owner.id) for one in model.books},
    }
