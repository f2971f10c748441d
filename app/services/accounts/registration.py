"""Registration: who may become a user, and what is recorded about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.events import audit
from app.security.roles import MEMBER, Role
from app.services.accounts.credentials import CredentialReader
from app.services.accounts.users import UserService

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.database import Database
    from app.models import User
    from app.schemas.accounts import Registration
    from app.services.accounts.invitations import Admission


def register(  # noqa: PLR0913, PLR0917  (who registers, as what, and with whose permission)
    database: Database,
    hash_password: Callable[[str], str],
    data: Registration,
    role: Role = MEMBER,
    by: str | None = None,
    admission: Admission | None = None,
) -> User:
    """Create a user.

    Args:
        database: opens the transactions.
        hash_password: hashes the password.
        data: username and password, validated.
        role: the user's role.
        by: the command that registers the user, for the audit log; None where users register themselves.
        admission: whether the person may register; None for a command, since the operator may.

    Raises:
        RegistrationClosed, InvitationRequired, InvitationInvalid: the person may not register.
        UsernameTaken, UsernameConfusable: another user has the name, ignoring case, or one that looks like it.
        HashingBusy: the queue for hashing is full.
    """
    with database.reading() as connection:
        if admission is not None:
            admission.require(connection)
        CredentialReader(connection).require_free(data.username)
    password_hash = hash_password(data.password)
    with database.transaction() as db:
        invitation_id = None if admission is None else admission.spend(db)
        user = UserService(db).register(data.username, password_hash, role)
        facts = {} if by is None else {"role": role, "by": by}
        invited = {} if invitation_id is None else {"invitation_id": invitation_id}
        audit.note(db, "registered", user_id=user.id, **facts, **invited)
    return user
