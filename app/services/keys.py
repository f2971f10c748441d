"""The rules about API keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, or_, select, update

from app.errors import KeyNotFound, TooManyKeys
from app.models import ApiKey, User
from app.queries.keyset import Order, slice_of_rows
from app.schemas.keys import KeyReply
from app.security.credentials import API_KEY, SHOWN, digest, new_credential
from app.security.identity import SignedIn

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row
    from sqlalchemy.orm import Session

    from app.queries.keyset import Page, SortValues
    from app.schemas.keys import KeyCreate
    from app.schemas.pages import PageQuery

MOST_KEYS = 100
"""Of one user."""
NOTED_EVERY = timedelta(minutes=1)
"""How exact the time of a key's last use is: not every request is worth a write."""

WHO_BY_KEY = (
    select(ApiKey.id.label("key_id"), ApiKey.scopes, ApiKey.last_used_at, User.id, User.username, User.role)
    .join(User, User.id == ApiKey.user_id)
    .where(
        ApiKey.hash == bindparam("hash"),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now")),
        User.disabled_at.is_(None),
    )
)
KEYS_OF_USER = select(ApiKey.__table__).where(ApiKey.user_id == bindparam("user_id"))
BY_ID = Order((ApiKey.id,))


class KeyReader:
    """Whose keys they are."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def signed_in(self, key: str) -> SignedIn | None:
        """Whoever comes with a key, if it is good: one look-up by its digest; its use is noted once a minute."""
        now = datetime.now(UTC)
        row = self.connection.execute(WHO_BY_KEY, {"hash": digest(key), "now": now}).first()
        if row is None:
            return None
        if row.last_used_at is None or now - row.last_used_at > NOTED_EVERY:
            self.connection.execute(update(ApiKey).where(ApiKey.id == row.key_id).values(last_used_at=now))
        return SignedIn(row.id, row.username, row.role, scopes=frozenset(row.scopes.split()))

    def find(self, user_id: int, key_id: int) -> str:
        """One key of a user.

        Raises:
            KeyNotFound: the user has none with that id.
        """
        query = KEYS_OF_USER.where(ApiKey.id == key_id)
        row = self.connection.execute(query, {"user_id": user_id}).first()
        if row is None:
            raise KeyNotFound
        return document_of(row)

    def page(self, user_id: int, wanted: PageQuery, after: SortValues | None) -> Page:
        """The keys of a user, by id."""
        query = KEYS_OF_USER.params(user_id=user_id)
        return slice_of_rows(self.connection, query, BY_ID, wanted, after, document_of)


class KeyService:
    """Keys as they come and go."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, user: User, data: KeyCreate) -> tuple[ApiKey, str]:
        """Add a key of a user, who is held. The key itself is in nobody's hands but the caller's.

        Raises:
            TooManyKeys: the user has so many already.
        """
        there = select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user.id)
        if self.session.scalars(there).one() >= MOST_KEYS:
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
        self.session.add(kept)
        self.session.flush()
        return kept, key

    def delete(self, user_id: int, key_id: int) -> str:
        """Take a key of a user away; its name.

        Raises:
            KeyNotFound: the user has none with that id.
        """
        gone = delete(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user_id).returning(ApiKey.name)
        name = self.session.scalar(gone)
        if name is None:
            raise KeyNotFound
        return name


def document_of(key: Row[Any] | ApiKey) -> str:
    """A key, as its user may see it."""
    fields = {name: getattr(key, name) for name in KeyReply.model_fields}
    return KeyReply(**fields | {"scopes": key.scopes.split()}).model_dump_json()
