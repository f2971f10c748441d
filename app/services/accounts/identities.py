"""The rules about identities at the provider: how they are proved, linked to users, and unlinked."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from app.errors import IdentityNotFound, LastIdentity, SignInRefused
from app.models import LinkedIdentity, SignInCode, User
from app.security.credentials import SIGN_IN_CODE, digest, new_credential
from app.security.hashing import NO_PASSWORD
from app.security.identity import ExternalIdentity
from app.services.accounts.sessions import SignOutService
from app.services.accounts.users import LOCK

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row
    from sqlalchemy.orm import Session

    from app.settings import Settings

CODE_LIFETIME = timedelta(minutes=2)
"""Long enough to copy a code by hand."""
OF_CODE = (SignInCode.issuer, SignInCode.subject, SignInCode.username, SignInCode.challenge)
CODE_INVALID = "The code is not valid, or no longer valid."


class IdentityService:
    """Links identities to users. An identity belongs to at most one user."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def issue_code(self, proved: ExternalIdentity, challenge: str | None) -> str:
        """A code for a user who has just signed in at the provider. Codes that have expired are deleted.

        Args:
            proved: the identity.
            challenge: the S256 challenge (RFC 7636) of the client that began; None if it sent none.
        """
        now = datetime.now(UTC)
        self.db.execute(delete(SignInCode).where(SignInCode.expires_at <= now))
        code = new_credential(SIGN_IN_CODE)
        self.db.add(
            SignInCode(hash=digest(code), challenge=challenge, expires_at=now + CODE_LIFETIME, **proved._asdict())
        )
        return code

    def spend_code(self, code: str, verifier: str | None) -> ExternalIdentity:
        """The identity that a code proves; see `proved_by`. The code is used up, unless the transaction is rolled back.

        Raises:
            SignInRefused: the code is unknown, used or expired, or belongs to another client.
        """
        spent = delete(SignInCode).where(*_valid(code))
        return _identity(self.db.execute(spent.returning(*OF_CODE)).first(), verifier)

    def user_of(self, proved: ExternalIdentity) -> User | None:
        """The user to whom an identity is linked, locked until the transaction ends; None if there is none."""
        linked = select(LinkedIdentity.user_id).where(
            LinkedIdentity.issuer == proved.issuer, LinkedIdentity.subject == proved.subject
        )
        user_id = self.db.scalar(linked)
        user = None if user_id is None else self.db.get(User, user_id, with_for_update=LOCK)
        if user is None or self.db.scalar(linked) != user_id:  # it may have been unlinked before the user was locked
            return None
        return user

    def link(self, user: User, proved: ExternalIdentity) -> LinkedIdentity:
        """Link an identity to a user whose row is locked.

        Raises:
            IdentityTaken: it is linked already.
        """
        linked = LinkedIdentity(user_id=user.id, issuer=proved.issuer, subject=proved.subject)
        self.db.add(linked)
        self.db.flush()
        return linked

    def unlink(self, user: User, identity_id: int, settings: Settings, keep: int | None) -> int:
        """Remove an identity of a user whose row is locked. Sessions that it may have started end.

        Args:
            user: the user.
            identity_id: the identity.
            settings: the ways to sign in.
            keep: the id of the session that does not end.

        Returns: how many sessions have ended.

        Raises:
            IdentityNotFound: the user has none with that id.
            LastIdentity: the user would have no other way to sign in.
        """
        of_user = LinkedIdentity.user_id == user.id
        gone = delete(LinkedIdentity).where(LinkedIdentity.id == identity_id, of_user)
        if self.db.scalar(gone.returning(LinkedIdentity.id)) is None:
            raise IdentityNotFound
        another = exists().where(of_user, LinkedIdentity.issuer == settings.oidc_issuer)
        if not (settings.password_sign_in and has_password(user)) and not self.db.scalar(select(another)):
            raise LastIdentity
        return SignOutService(self.db).end_all(user.id, but=keep)


def proved_by(connection: Connection, code: str, verifier: str | None) -> ExternalIdentity:
    """The identity that a code proves. The code remains valid.

    Args:
        connection: reads.
        code: the code.
        verifier: the secret of which the challenge was made (RFC 7636, section 4.6); None if there was none.

    Raises:
        SignInRefused: the code is unknown, used or expired, or belongs to another client.
    """
    return _identity(connection.execute(select(*OF_CODE).where(*_valid(code))).first(), verifier)


def forget_codes(db: Session, user_id: int) -> None:
    """Void the codes of sign-ins with identities of a user."""
    same = (LinkedIdentity.issuer == SignInCode.issuer, LinkedIdentity.subject == SignInCode.subject)
    db.execute(delete(SignInCode).where(exists().where(LinkedIdentity.user_id == user_id, *same)))


def has_password(user: User) -> bool:
    """Whether the user has ever set a password."""
    return user.password_hash != NO_PASSWORD


def _valid(code: str) -> tuple[ColumnElement[bool], ...]:
    return SignInCode.hash == digest(code), SignInCode.expires_at > datetime.now(UTC)


def _identity(row: Row[str, str, str | None, str | None] | None, verifier: str | None) -> ExternalIdentity:
    if row is None or not _matches(row.challenge, verifier):
        raise SignInRefused(CODE_INVALID)
    return ExternalIdentity(row.issuer, row.subject, row.username)


def _matches(challenge: str | None, verifier: str | None) -> bool:
    """RFC 7636, section 4.6. A verifier where there was no challenge means that the code was issued to another."""
    if challenge is None or verifier is None:
        return challenge is verifier
    expected = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(expected, challenge.encode())
