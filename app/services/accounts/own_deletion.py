"""The deletion of the own account, with its transaction and audit events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import BadCredentials, Fault, TokenInvalid
from app.events import audit
from app.schemas.validation_errors import invalid_body
from app.services.accounts.credentials import WRONG_CURRENT_PASSWORD, CredentialReader
from app.services.accounts.deletion import DeletionService
from app.services.accounts.users import UserService, lock_admins, with_current_hash
from app.services.policy import can_give_password

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.database import Database
    from app.schemas.accounts import AccountDeletion
    from app.security.hashing import Hasher
    from app.security.identity import Credentials, Principal
    from app.settings import Settings

PASSWORD_NEEDED = "is required: the account has a password"  # noqa: S105  (a message)


@dataclass(frozen=True)
class OwnDeletion:
    """Deletes the account of the request.

    Args:
        database: opens the transactions.
        hasher: verifies passwords.
        settings: whether users sign in with passwords.
        require_valid: checks, once the user is locked, that the session has not ended meanwhile.
    """

    database: Database
    hasher: Hasher
    settings: Settings
    require_valid: Callable[[Session, Principal], object]

    def delete(self, user: Principal, data: AccountDeletion, sender: str) -> None:
        """Delete the user's own account. A user who has a password gives it, so that this cannot happen by mistake.

        Args:
            user: the principal.
            data: the current password.
            sender: the client's address.

        Raises:
            BadCredentials: the current password is wrong.
            InvalidRequest: it is missing.
            TokenInvalid: the session has ended meanwhile.
            LastAdmin: no other admin would be left.
            HashingBusy: the queue for hashing is full.
        """
        with_current_hash(self.database, lambda: self._delete(user, data, sender), "account_deletion_failed")

    def _delete(self, user: Principal, data: AccountDeletion, sender: str) -> None:
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials_of(user.id)
        if known is None:
            raise TokenInvalid
        if can_give_password(known, self.settings):
            self._require_password(known, data, sender)
        with (
            audit.warning_of(self.database, "account_deletion_failed", BadCredentials, user_id=user.id),
            self.database.transaction() as db,
        ):
            lock_admins(db)
            confirmed = UserService(db).confirm(known, to_delete=True)
            self.require_valid(db, user)
            done = DeletionService(db).delete(confirmed)
            audit.note(db, "account_deleted", user_id=user.id, **done)

    def _require_password(self, known: Credentials, data: AccountDeletion, sender: str) -> None:
        if not isinstance(data.current_password, str):
            raise invalid_body(Fault("/current_password", PASSWORD_NEEDED))
        if not self.hasher.verify(data.current_password, known.password_hash, sender).right:
            audit.warn(self.database, "account_deletion_failed", user_id=known.user_id)
            raise BadCredentials(WRONG_CURRENT_PASSWORD)
