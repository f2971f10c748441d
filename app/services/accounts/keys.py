"""The rules about API keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from app.errors import KeyNotFound, TooManyKeys
from app.models import ApiKey
from app.security.credentials import API_KEY, SHOWN, digest, new_credential

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.database import Database
    from app.models import User
    from app.schemas.keys import KeyCreate

MOST_KEYS = 100
"""The limit for one user."""
RECORDED_EVERY = timedelta(minutes=1)
"""The precision of a key's last use, which saves a write for most requests."""


class KeyService:
    """Creates and revokes keys."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def create(self, user: User, data: KeyCreate) -> tuple[ApiKey, str]:
        """Add a key for a user whose row is locked. The key itself is returned but not stored.

        Raises:
            TooManyKeys: the user has reached the limit.
        """
        existing = select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user.id)
        if self.db.scalars(existing).one() >= MOST_KEYS:
            raise TooManyKeys
        key = new_credential(API_KEY)
        kept = ApiKey(
            user_id=user.id,
            name=data.name,
            hash=digest(key),
            prefix=key[:SHOWN],
            scopes=" ".join(data.scopes),
            created_at=datetime.now(UTC),
            expires_at=data.expires_at,
        )
        self.db.add(kept)
        self.db.flush()
        return kept, key

    def delete(self, user_id: int, key_id: int) -> str:
        """Delete a key of a user. Returns: its name.

        Raises:
            KeyNotFound: the user has none with that id.
        """
        gone = delete(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user_id).returning(ApiKey.name)
        name = self.db.scalar(gone)
        if name is None:
            raise KeyNotFound
        return name

    def delete_all(self, user_id: int) -> int:
        """Delete all keys of a user. Returns: how many."""
        gone = delete(ApiKey).where(ApiKey.user_id == user_id).returning(ApiKey.id)
        return len(self.db.scalars(gone).all())


def record_use(database: Database, key_id: int, last_used_at: datetime | None) -> None:
    """Record that a key is used now, unless its last recorded use is recent.

    A request never waits for this or fails because of it: if the database is locked or busy, a later use is recorded.
    """
    now = datetime.now(UTC)
    if last_used_at is None or now - last_used_at > RECORDED_EVERY:
        used = update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now)
        database.write_without_waiting(lambda connection: connection.execute(used))
