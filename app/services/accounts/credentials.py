"""The stored credentials that a login, a change of a password or a reset is checked against."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, select

from app.domain.lookalikes import shapes
from app.domain.names import name_key
from app.errors import ResetInvalid, UsernameConfusable, UsernameTaken
from app.models import LinkedIdentity, User
from app.security.credentials import digest
from app.security.identity import Credentials

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

WRONG_CURRENT_PASSWORD = "The current password is wrong."  # noqa: S105  (a message)

CREDENTIAL_COLUMNS = (User.id, User.username, User.password_hash, User.second_factor_since.is_not(None))
CREDENTIALS = select(*CREDENTIAL_COLUMNS).where(User.disabled_at.is_(None))
CREDENTIALS_BY_NAME = CREDENTIALS.where(User.username_key == bindparam("key"))
CREDENTIALS_BY_ID = CREDENTIALS.where(User.id == bindparam("id"))
CREDENTIALS_BY_IDENTITY = CREDENTIALS.join(LinkedIdentity, LinkedIdentity.user_id == User.id).where(
    LinkedIdentity.issuer == bindparam("issuer"), LinkedIdentity.subject == bindparam("subject")
)
CREDENTIALS_BY_RESET = select(*CREDENTIAL_COLUMNS).where(
    User.reset_hash == bindparam("hash"), User.reset_expires_at > bindparam("now")
)


class CredentialReader:
    """Reads credentials before a password is hashed, outside any transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def credentials(self, username: str) -> Credentials | None:
        """The credentials of the user with that name, ignoring case; None if unknown or disabled."""
        key = name_key(username)
        if "\0" in key:  # PostgreSQL text cannot contain a NUL, so such a user cannot exist
            return None
        row = self.connection.execute(CREDENTIALS_BY_NAME, {"key": key}).first()
        return None if row is None else Credentials(*row)

    def credentials_of(self, user_id: int) -> Credentials | None:
        """The credentials of a user; None if unknown or disabled."""
        row = self.connection.execute(CREDENTIALS_BY_ID, {"id": user_id}).first()
        return None if row is None else Credentials(*row)

    def credentials_of_identity(self, issuer: str, subject: str) -> Credentials | None:
        """The credentials of the user to whom an identity is linked; None if there is none, or the user is disabled."""
        row = self.connection.execute(CREDENTIALS_BY_IDENTITY, {"issuer": issuer, "subject": subject}).first()
        return None if row is None else Credentials(*row)

    def credentials_for_reset(self, token: str) -> Credentials:
        """The credentials of the user for whom a password reset was issued.

        Raises:
            ResetInvalid: the token is unknown, used or expired.
        """
        row = self.connection.execute(CREDENTIALS_BY_RESET, {"hash": digest(token), "now": datetime.now(UTC)}).first()
        if row is None:
            raise ResetInvalid
        return Credentials(*row)

    def require_free(self, username: str) -> None:
        """Check a name before the work of hashing a password; see `require_free`. Registration checks it again."""
        require_free(self.connection, username)


def require_free(connection: Connection | Session, username: str) -> None:
    """Check that no other user has the name, or one that looks like it.

    Raises:
        UsernameTaken: another user has the name, ignoring case.
        UsernameConfusable: another user has a name that looks like it.
    """
    if connection.scalar(select(exists().where(User.username_key == name_key(username)))):
        raise UsernameTaken
    own = shapes(username)
    if connection.scalar(select(exists().where(User.shape_shown.in_(own) | User.shape_folded.in_(own)))):
        raise UsernameConfusable
