"""The rules about users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import exists, select, update

from app.db.locks import ADMINS, lock_exclusive
from app.errors import BadCredentials, LastAdmin, ResetInvalid, UserNotFound
from app.models import User
from app.security.credentials import PASSWORD_RESET, digest, new_credential
from app.security.roles import ADMIN, MEMBER, Role
from app.services.read_only import require_as_read
from app.services.signouts import SignOutService

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.schemas.users import UserChange
    from app.security.identity import Credentials


class UserService:
    """Users as they come and change. Whoever changes one holds the row until the transaction ends."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def register(self, username: str, password_hash: str, role: Role = MEMBER) -> User:
        """Add a user.

        Raises:
            UsernameTaken: another user has the name, ignoring case.
        """
        user = User(username=username, password_hash=password_hash, role=role)
        self.db.add(user)
        self.db.flush()
        return user

    def get(self, user_id: int) -> User:
        """The user, held until the transaction ends.

        Raises:
            UserNotFound: there is none with that id.
        """
        user = self.db.get(User, user_id, with_for_update=True)
        if user is None:
            raise UserNotFound
        return user

    def confirm(self, known: Credentials) -> User:
        """The user whose password was just verified, held; verifying takes long, and things may have changed.

        Raises:
            BadCredentials: the user is gone or disabled, or the password is another now.
        """
        user = self.db.get(User, known.user_id, with_for_update=True)
        if user is None or user.disabled_at is not None or user.password_hash != known.password_hash:
            raise BadCredentials
        return user

    def rehash(self, user: User, password_hash: str) -> None:
        """Keep a hash of the same password at the present cost."""
        user.password_hash = password_hash

    def set_password(self, user: User, password_hash: str, keep: int | None = None) -> int:
        """Give the user another password. A reset that was issued is void; the sessions end, except the one to keep.

        Returns: how many have ended.
        """
        user.password_hash = password_hash
        user.reset_hash = user.reset_expires_at = None
        return SignOutService(self.db).end_all(user.id, but=keep)

    def issue_reset(self, user: User, lifetime: timedelta) -> str:
        """What lets the user set a new password, once; one that was issued before is void."""
        token = new_credential(PASSWORD_RESET)
        user.reset_hash, user.reset_expires_at = digest(token), datetime.now(UTC) + lifetime
        return token

    def spend_reset(self, token: str) -> User:
        """The user for whom a reset was issued, held; it is spent with this.

        Raises:
            ResetInvalid: it was not issued, or was used, or has expired.
        """
        user = self.db.scalar(select(User).where(User.reset_hash == digest(token)).with_for_update())
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
        return SignOutService(self.db).end_all(user.id) if loses_sessions else 0

    def _void_resets(self) -> None:
        open_ones = update(User).where(User.reset_hash.is_not(None))
        self.db.execute(open_ones.values(reset_hash=None, reset_expires_at=None))

    def _require_another_admin(self, user: User) -> None:
        """Of two admins who take each other's role at once, one is too late."""
        others = exists().where(User.role == ADMIN, User.disabled_at.is_(None), User.id != user.id)
        if not self.db.scalar(select(others)):
            raise LastAdmin


def lock_admins(db: Session) -> None:
    """Be the only admin who does something about users. Before any user is held, so that no two wait in a ring."""
    lock_exclusive(db, ADMINS)
