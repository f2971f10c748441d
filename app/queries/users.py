"""Users as readers get them, and the credentials that a login is checked against."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import bindparam, exists, select

from app.domain.names import name_key
from app.errors import ResetInvalid, UsernameTaken, UserNotFound
from app.models import User
from app.queries.keyset import Order, slice_of_rows
from app.schemas.users import UserReply
from app.security.credentials import digest
from app.security.identity import Credentials

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from app.pagination import Key, Page
    from app.schemas.users import UserFilters

USERS = select(User.id, User.username, User.role, User.disabled_at, User.created_at)
USER_BY_ID = USERS.where(User.id == bindparam("id"))
CREDENTIALS = select(User.id, User.username, User.password_hash).where(User.disabled_at.is_(None))
CREDENTIALS_BY_NAME = CREDENTIALS.where(User.username_key == bindparam("key"))
CREDENTIALS_BY_ID = CREDENTIALS.where(User.id == bindparam("id"))
CREDENTIALS_BY_RESET = select(User.id, User.username, User.password_hash).where(
    User.reset_hash == bindparam("hash"), User.reset_expires_at > bindparam("now")
)
BY_ID = Order((User.id,))


class UserReader:
    """Who is who."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, user_id: int) -> str:
        """One user, as a document.

        Raises:
            UserNotFound: there is none with that id.
        """
        row = self.connection.execute(USER_BY_ID, {"id": user_id}).first()
        if row is None:
            raise UserNotFound
        return document_of(row)

    def page(self, filters: UserFilters, after: Key | None) -> Page:
        """The users for whom all holds that is asked, by id."""
        query: Select[*tuple[Any, ...]] = USERS
        if filters.username is not MISSING:
            query = query.where(User.username_key == name_key(filters.username))
        if filters.role is not MISSING:
            query = query.where(User.role == filters.role)
        if filters.disabled is not MISSING:
            query = query.where(User.disabled_at.is_not(None) if filters.disabled else User.disabled_at.is_(None))
        return slice_of_rows(self.connection, query, BY_ID, filters, after, document_of)

    def credentials(self, username: str) -> Credentials | None:
        """Those of the user of that name, whatever its capitals; None where nobody may sign in with it."""
        key = name_key(username)
        if "\0" in key:  # PostgreSQL has no text with a NUL, so no user of such a name
            return None
        row = self.connection.execute(CREDENTIALS_BY_NAME, {"key": key}).first()
        return None if row is None else Credentials(*row)

    def credentials_of(self, user_id: int) -> Credentials | None:
        """Those of a user who is there, and not disabled."""
        row = self.connection.execute(CREDENTIALS_BY_ID, {"id": user_id}).first()
        return None if row is None else Credentials(*row)

    def credentials_for_reset(self, token: str) -> Credentials:
        """Those of the user for whom a password reset was issued.

        Raises:
            ResetInvalid: it was not, or was used, or has expired.
        """
        row = self.connection.execute(CREDENTIALS_BY_RESET, {"hash": digest(token), "now": datetime.now(UTC)}).first()
        if row is None:
            raise ResetInvalid
        return Credentials(*row)

    def require_free(self, username: str) -> None:
        """A courtesy before the work of hashing a password: the database has the last word.

        Raises:
            UsernameTaken: somebody has that name.
        """
        if self.connection.scalar(select(exists().where(User.username_key == name_key(username)))):
            raise UsernameTaken


def document_of(user: object) -> str:
    """A user, as a document."""
    return UserReply.model_validate(user, from_attributes=True).model_dump_json()
