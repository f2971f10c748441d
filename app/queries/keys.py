"""Reads of API keys: the principal of a key, and a user's keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, or_, select

from app.db.deferred_writes import execute_with_deferred
from app.db.driver_statements import fetch
from app.errors import KeyNotFound
from app.models import ApiKey, User
from app.queries.keyset import Order, slice_of_rows
from app.schemas.keys import KeyReply
from app.security.credentials import digest
from app.security.identity import Principal

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from app.queries.keyset import Page, SortValues
    from app.schemas.pages import PageQuery

WHO = (
    select(ApiKey.id.label("key_id"), ApiKey.scopes, ApiKey.last_used_at, User.id, User.username, User.role)
    .select_from(User)
    .join(ApiKey, User.id == ApiKey.user_id)
    .where(
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now")),
        User.disabled_at.is_(None),
    )
)
WHO_BY_KEY = WHO.where(ApiKey.hash == bindparam("hash"))
WHO_BY_ID_LOCKED = WHO.where(ApiKey.id == bindparam("key_id")).with_for_update(read=True)
"""Until the transaction ends, the key and the user can be neither deleted nor changed."""
KEYS_OF_USER = select(ApiKey.__table__).where(ApiKey.user_id == bindparam("user_id"))
BY_ID = Order((ApiKey.id,))


class PresentedKey(NamedTuple):
    """A valid API key sent with a request."""

    id: int
    last_used_at: datetime | None
    principal: Principal


class KeyReader:
    """Reads API keys."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def presented(self, key: str) -> PresentedKey | None:
        """The key sent by a client, if it is valid: one look-up by its digest."""
        rows = fetch(self.connection, WHO_BY_KEY, {"hash": digest(key), "now": datetime.now(UTC)})
        return _presented(rows[0]) if rows else None

    def still_valid(self, user: Principal) -> Principal | None:
        """The current state of a principal with a key, locked; None if the key is no longer valid."""
        given = {"key_id": user.key_id, "now": datetime.now(UTC)}
        rows = execute_with_deferred(self.connection, WHO_BY_ID_LOCKED, given)
        return _presented(rows[0]).principal if rows else None

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
        """A page of the keys of a user, by id."""
        query = KEYS_OF_USER.params(user_id=user_id)
        return slice_of_rows(self.connection, query, BY_ID, wanted, after, document_of)


def _presented(row: tuple[Any, ...]) -> PresentedKey:
    """The key in a row of `WHO`."""
    key_id, scopes, last_used_at, user_id, username, role = row
    principal = Principal(user_id, username, role, key_id=key_id, scopes=frozenset(scopes.split()))
    return PresentedKey(key_id, last_used_at, principal)


def document_of(key: Row[Any] | ApiKey) -> str:
    """A key as a document, without its secret."""
    fields = {name: getattr(key, name) for name in KeyReply.model_fields}
    return KeyReply(**fields | {"scopes": key.scopes.split()}).model_dump_json()
