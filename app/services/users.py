"""The rules about users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import bindparam, exists, select, update

from app.db.locks import ADMINS, alone
from app.domain.names import name_key
from app.errors import BadCredentials, LastAdmin, ResetInvalid, UsernameTaken, UserNotFound
from app.models import User
from app.queries.keyset import Order, slice_of_rows
from app.schemas.users import UserReply
from app.security.credentials import PASSWORD_RESET, digest, new_credential
from app.security.identity import Credentials
from app.security.roles import ADMIN
from app.services.read_only import require_as_read
from app.services.signouts import SignOutService

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import Page, SortValues
    from app.schemas.users import UserChange, UserFilters

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

    def page(self, filters: UserFilters, after: SortValues | None) -> Page:
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


class UserService:
    """Users as they come and change. Whoever changes one holds the row until the transaction ends."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def register(self, username: str, password_hash: str) -> User:
        """Add a user.

        Raises:
            UsernameTaken: somebody has that name, whatever its capitals.
        """
        user = User(username=username, password_hash=password_hash)
        self.session.add(user)
        self.session.flush()
        return user

    def get(self, user_id: int) -> User:
        """The user, held until the transaction ends.

        Raises:
            UserNotFound: there is none with that id.
        """
        user = self.session.get(User, user_id, with_for_update=True)
        if user is None:
            raise UserNotFound
        return user

    def confirm(self, known: Credentials) -> User:
        """The user whose password was just verified, held; verifying takes long, and things may have changed.

        Raises:
            BadCredentials: the user is gone or disabled, or the password is another now.
        """
        user = self.session.get(User, known.user_id, with_for_update=True)
        if user is None or user.disabled_at is not None or user.password_hash != known.password_hash:
            raise BadCredentials
        return user

    def set_password(self, user: User, password_hash: str, keep: int | None = None) -> int:
        """Give the user another password. A reset that was issued is void; the sessions end, except the one to keep.

        Returns: how many have ended.
        """
        user.password_hash = password_hash
        user.reset_hash = user.reset_expires_at = None
        return SignOutService(self.session).end_all(user.id, but=keep)

    def issue_reset(self, user: User, lifetime: timedelta) -> str:
        """What lets the user set a new password, once; one that was issued before is void."""
        token = new_credential(PASSWORD_RESET)
        user.reset_hash, user.reset_expires_at = digest(token), datetime.now(UTC) + lifetime
        return token

    def take_reset(self, token: str) -> User:
        """The user for whom a reset was issued, held; it is spent with this.

        Raises:
            ResetInvalid: it was not issued, or was used, or has expired.
        """
        user = self.session.scalar(select(User).where(User.reset_hash == digest(token)).with_for_update())
        if user is None or user.reset_expires_at is None or user.reset_expires_at <= datetime.now(UTC):
            raise ResetInvalid
        return user

    def change(self, user: User, changes: UserChange) -> int:
        """Give a role, disable, or enable. The sessions end, unless the user was only enabled.

        When an admin goes, so do all resets that are open: the admin may have issued some, and kept the links.

        Returns: how many have ended.

        Raises:
            LastAdmin: nobody would be left who may do this.
            InvalidRequest: a read-only field says something else than the user does.
        """
        require_as_read(user, changes)
        was_disabled = user.disabled_at is not None
        role = user.role if changes.role is MISSING else changes.role
        disabled = was_disabled if changes.disabled is MISSING else changes.disabled
        if user.role == ADMIN and not was_disabled and (role != ADMIN or disabled):
            self._require_another_admin(user)
            self._void_resets()
        loses_sessions = role != user.role or (disabled and not was_disabled)
        user.role = role
        if disabled != was_disabled:
            user.disabled_at = datetime.now(UTC) if disabled else None
        return SignOutService(self.session).end_all(user.id) if loses_sessions else 0

    def _void_resets(self) -> None:
        open_ones = update(User).where(User.reset_hash.is_not(None))
        self.session.execute(open_ones.values(reset_hash=None, reset_expires_at=None))

    def _require_another_admin(self, user: User) -> None:
        """Of two admins who take each other's role at once, one is too late."""
        others = exists().where(User.role == ADMIN, User.disabled_at.is_(None), User.id != user.id)
        if not self.session.scalar(select(others)):
            raise LastAdmin


def hold_admins(session: Session) -> None:
    """Be the only admin who does something about users. Before any user is held, so that no two wait in a ring."""
    alone(session, ADMINS)


def document_of(user: object) -> str:
    """A user, as a document."""
    return UserReply.model_validate(user, from_attributes=True).model_dump_json()
