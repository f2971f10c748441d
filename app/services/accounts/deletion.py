"""The deletion of accounts. Decision 19 says what remains, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from app.errors import UserNotFound
from app.models import Base, User
from app.security.roles import MEMBER
from app.services.accounts.identities import forget_codes
from app.services.accounts.keys import KeyService
from app.services.accounts.sessions import SignOutService
from app.services.accounts.users import UserService
from app.services.cleanup.audit_log import forget_addresses_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

USERS: Any = User.__table__
OF_ONE_USER: list[Any] = [
    key.parent
    for table in Base.metadata.sorted_tables
    for key in table.foreign_keys
    if key.column is USERS.c.id and key.ondelete == "CASCADE"
]
"""The columns whose rows belong to a user: the database deletes these rows together with the row of the user."""


class DeletionService:
    """Deletes accounts. Take the lock of `lock_admins` first."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def get(self, user_id: int) -> User:
        """The user, locked against everything, including the writes of the user, until the transaction ends.

        A weaker lock that becomes this one later would deadlock with a write that has already referred to the user.

        Raises:
            UserNotFound: there is none with that id.
        """
        user = self.db.get(User, user_id, with_for_update=True)
        if user is None or user.username is None:
            raise UserNotFound
        return user

    def delete(self, user: User) -> dict[str, int]:
        """Delete a user who was locked by `get`: the account, its sessions, keys and identities, and an issued reset.

        Records that the user added remain, and so does their `created_by`; so do events of the audit log, without
        addresses.

        Returns: how many sessions have ended, and how many keys were revoked, for the audit log.

        Raises:
            LastAdmin: no other admin would be left.
        """
        UserService(self.db).require_dispensable(user)
        ended = SignOutService(self.db).end_all(user.id)
        revoked = KeyService(self.db).delete_all(user.id)
        forget_addresses_of(self.db, user.id)
        forget_codes(self.db, user.id)  # which say who signed in, and would make an account of it
        row = USERS.c.id == user.id
        try:
            with self.db.begin_nested():
                self.db.execute(USERS.delete().where(row))
        except exc.IntegrityError:  # records refer to the row
            for column in OF_ONE_USER:
                self.db.execute(column.table.delete().where(column == user.id))
            self.db.execute(USERS.update().where(row).values(**_nothing()))
        return {"sessions_ended": ended, "keys_revoked": revoked}


def _nothing() -> dict[str, Any]:
    """The columns of a row that says nothing but that there was a user with its id."""
    now = datetime.now(UTC)
    blank = {column.key: None for column in USERS.columns if column.nullable}
    return blank | {"role": MEMBER, "created_at": now, "disabled_at": now}
