"""The rules about users."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from pydantic import MISSING
from sqlalchemy import exists, select, update

from app.db.locks import ADMINS, USERNAMES, lock_exclusive
from app.errors import BadCredentials, LastAdmin, ResetInvalid, UserNotFound
from app.events import audit
from app.models import User
from app.security.credentials import PASSWORD_RESET, digest, new_credential
from app.security.roles import ADMIN, MEMBER, Role
from app.services.accounts.credentials import require_free
from app.services.accounts.invitations import InvitationService
from app.services.accounts.sessions import SignOutService
from app.services.read_only import require_as_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.database import Database
    from app.domain.audit_events import EventName
    from app.schemas.users import UserChange
    from app.security.identity import Credentials

T = TypeVar("T")

LOCK = {"key_share": True}
"""Does not wait for the writes of the user, whose rows refer to it (PostgreSQL's FOR NO KEY UPDATE)."""


class HashReplaced(Exception):  # noqa: N818  (a state, as in app.errors)
    """The password was changed while it was verified, or another login stored a better hash of the same password."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        super().__init__(user_id)


class UserService:
    """Creates and changes users. The row of a user who is changed stays locked until the transaction ends."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def register(self, username: str, password_hash: str, role: Role = MEMBER) -> User:
        """Add a user.

        Raises:
            UsernameTaken: another user has the name, ignoring case.
            UsernameConfusable: another user has a name that looks like it.
        """
        lock_exclusive(self.db, USERNAMES)
        require_free(self.db, username)
        user = User(username=username, password_hash=password_hash, role=role)
        self.db.add(user)
        self.db.flush()
        return user

    def get(self, user_id: int) -> User:
        """The user, locked until the transaction ends.

        Raises:
            UserNotFound: there is none with that id.
        """
        user = self.db.get(User, user_id, with_for_update=LOCK)
        if user is None or user.username is None:  # the account is deleted
            raise UserNotFound
        return user

    def confirm(self, known: Credentials, *, to_delete: bool = False) -> User:
        """Lock the user whose password was just verified, and check for changes meanwhile, as verifying takes long.

        Args:
            known: what the password was verified against.
            to_delete: whether the user is about to be deleted, for which the writes of the user must end first.

        Raises:
            BadCredentials: the user was deleted or disabled.
            HashReplaced: the hash is no longer the one that was verified.
        """
        user = self.db.get(User, known.user_id, with_for_update=True if to_delete else LOCK)
        if user is None or user.disabled_at is not None:
            raise BadCredentials
        if user.password_hash != known.password_hash:
            raise HashReplaced(user.id)
        return user

    def rehash(self, user: User, password_hash: str) -> None:
        """Replace the hash by one of the same password at the current cost."""
        user.password_hash = password_hash

    def set_password(self, user: User, password_hash: str, keep: int | None = None) -> int:
        """Set a new password. An issued reset becomes void; all sessions end, except the one to keep.

        Returns: how many sessions have ended.
        """
        user.password_hash = password_hash
        user.reset_hash = user.reset_expires_at = user.reset_issued_by = None
        return SignOutService(self.db).end_all(user.id, but=keep)

    def issue_reset(self, user: User, lifetime: timedelta, by: int | None = None) -> str:
        """Issue a one-time token with which the user can set a new password; an earlier one becomes void.

        Args:
            user: the user, locked.
            lifetime: how long it can be used.
            by: the id of the admin who issues it; None for a command of the operator's.
        """
        token = new_credential(PASSWORD_RESET)
        user.reset_hash, user.reset_expires_at = digest(token), datetime.now(UTC) + lifetime
        user.reset_issued_by = by
        return token

    def void_resets_of(self, admin_id: int) -> int:
        """Void the open resets that an admin issued: a stolen session may have issued them, and kept the links.

        This locks the rows of other users. Take the lock of `lock_admins` first: otherwise two admins who issued resets
        for each other could deadlock.

        Returns: how many.
        """
        issued = update(User).where(User.reset_issued_by == admin_id, User.reset_hash.is_not(None))
        voided = issued.values(reset_hash=None, reset_expires_at=None, reset_issued_by=None)
        return len(self.db.scalars(voided.returning(User.id)).all())

    def spend_reset(self, token: str) -> User:
        """The user for whom a reset was issued, locked. `set_password` makes the reset void.

        Raises:
            ResetInvalid: the token is unknown, used or expired.
        """
        user = self.db.scalar(select(User).where(User.reset_hash == digest(token)).with_for_update())
        if user is None or user.reset_expires_at is None or user.reset_expires_at <= datetime.now(UTC):
            raise ResetInvalid
        return user

    def change(self, user: User, changes: UserChange) -> int:
        """Change the role, disable, or enable. The sessions end, unless the user was only enabled.

        When an admin loses the role or is disabled, all open resets become void, and the invitations that this admin
        issued: that admin may have kept the links.

        Returns: how many sessions have ended.

        Raises:
            LastAdmin: no other admin would be left.
            InvalidRequest: a read-only field differs from the user.
        """
        require_as_read(user, changes)
        was_disabled = user.disabled_at is not None
        role = user.role if changes.role is MISSING else changes.role
        disabled = was_disabled if changes.disabled is MISSING else changes.disabled
        if role != ADMIN or disabled:
            self.require_dispensable(user)
        loses_sessions = role != user.role or (disabled and not was_disabled)
        user.role = role
        if disabled != was_disabled:
            user.disabled_at = datetime.now(UTC) if disabled else None
        return SignOutService(self.db).end_all(user.id) if loses_sessions else 0

    def require_dispensable(self, user: User) -> None:
        """Prepare for a user who stops being an admin: another is left, and open resets and invitations become void.

        Call it under the lock of `lock_admins`, so that two admins cannot remove each other at the same time.

        Raises:
            LastAdmin: no other admin would be left.
        """
        if user.role != ADMIN or user.disabled_at is not None:
            return
        others = exists().where(User.role == ADMIN, User.disabled_at.is_(None), User.id != user.id)
        if not self.db.scalar(select(others)):
            raise LastAdmin
        open_ones = update(User).where(User.reset_hash.is_not(None))
        self.db.execute(open_ones.values(reset_hash=None, reset_expires_at=None, reset_issued_by=None))
        InvitationService(self.db).void_of(user.id)


def lock_admins(db: Session) -> None:
    """Take the exclusive lock for user administration. Call it before locking a user row, to avoid deadlock."""
    lock_exclusive(db, ADMINS)


def with_current_hash(database: Database, attempt: Callable[[], T], failure: EventName) -> T:
    """Verify the password again if the stored hash was replaced meanwhile.

    Of two concurrent logins with an outdated hash, the second finds the better one that the first has stored.

    Args:
        database: stores the failure.
        attempt: verifies the password, and does what it allows.
        failure: the audit event of a password that is wrong.

    Raises:
        BadCredentials: the hash was replaced again.
    """
    with suppress(HashReplaced):
        return attempt()
    try:
        return attempt()
    except HashReplaced as error:
        audit.warn(database, failure, user_id=error.user_id)
        raise BadCredentials from None
