"""End all sessions of all users, revoke all API keys, and void all open password resets, invitations and sign-ins.

For an operator who does not know what an intruder has, or who has restored a backup, in which sessions and keys exist
that were revoked since. Users sign in again, and create new keys. Passwords and second factors remain. With --keep-keys
API keys continue to work. The service may run meanwhile.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from app.database import open_database
from app.domain.names import pluralize
from app.events import audit
from app.models import ApiKey, Invitation, SignInCode, User, UserSession
from app.services.accounts.invitations import InvitationService
from app.services.accounts.keys import KeyService
from app.services.accounts.sessions import SignOutService
from app.services.accounts.users import LOCK, lock_admins
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.database import Database


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("revoke_all", __doc__)
    parser.add_argument("--keep-keys", action="store_true", help="do not revoke API keys")
    options = parser.parse_args(arguments)
    with failures_in_one_line("revoke_all"):
        revoked = revoke_all(open_database(), keys=not options.keep_keys)
        console.print(
            f"{pluralize(revoked['sessions_ended'], 'session')} ended, "
            f"{pluralize(revoked['keys_revoked'], 'API key')} revoked, "
            f"{pluralize(revoked['resets_voided'], 'password reset')} and "
            f"{pluralize(revoked['invitations_voided'], 'invitation')} voided."
        )


def revoke_all(database: Database, *, keys: bool) -> Counter[str]:
    """Revoke everything, one user after the other, so that no transaction locks more than one.

    Resets and sign-ins at the provider come first: they could start a session meanwhile.

    Args:
        database: the database.
        keys: whether to revoke API keys, too.

    Returns: how many of each were revoked.
    """
    total: Counter[str] = Counter()
    with database.transaction() as db:
        lock_admins(db)
        total["resets_voided"] = _void_resets(db)
        db.execute(delete(SignInCode))
    for user_id in _holders(database):
        with database.transaction() as db:
            lock_admins(db)
            if db.get(User, user_id, with_for_update=LOCK) is None:  # deleted meanwhile, with all that it had
                continue
            revoked = {
                "sessions_ended": SignOutService(db).end_all(user_id),
                "invitations_voided": InvitationService(db).void_of(user_id),
                "keys_revoked": KeyService(db).delete_all(user_id) if keys else 0,
            }
            audit.note(db, "signed_out_everywhere", user_id=user_id, by="revoke_all", **revoked)
        total.update(revoked)
    return total


def _void_resets(db: Session) -> int:
    voided = update(User).where(User.reset_hash.is_not(None))
    voided = voided.values(reset_hash=None, reset_expires_at=None, reset_issued_by=None)
    return len(db.scalars(voided.returning(User.id)).all())


def _holders(database: Database) -> list[int]:
    """The ids of the users who have a session, a key or an invitation."""
    with database.reading() as connection:
        columns = (UserSession.user_id, ApiKey.user_id, Invitation.created_by)
        return sorted({user_id for column in columns for user_id in connection.scalars(select(column).distinct())})


if __name__ == "__main__":
    main()
