"""Registration, login, refresh, and changes of passwords, each with its own transactions and audit events.

Hashing a password takes long, so it never happens inside a transaction. Data read before it is checked again after it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.errors import BadCredentials, Fault, RefreshTokenInvalid, ResetInvalid
from app.events import audit
from app.schemas.validation_errors import invalid_body
from app.security.passwords import fault_of_password
from app.security.roles import MEMBER, Role
from app.services.credentials import CredentialReader
from app.services.keys import KeyService
from app.services.sessions import Grant, SessionService, TokenReuse
from app.services.users import HashReplaced, UserService

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.database import Database
    from app.models import User
    from app.schemas.accounts import PasswordChange, PasswordReset, Registration
    from app.security.hashing import Hasher
    from app.security.identity import Principal
    from app.settings import Settings

T = TypeVar("T")

WRONG_CURRENT_PASSWORD = "The current password is wrong."  # noqa: S105  (a message)


def register(
    database: Database,
    hash_password: Callable[[str], str],
    data: Registration,
    role: Role = MEMBER,
    by: str | None = None,
) -> User:
    """Create a user.

    Args:
        database: opens the transactions.
        hash_password: hashes the password.
        data: username and password, validated.
        role: the user's role.
        by: the command that registers the user, for the audit log; None where users register themselves.

    Raises:
        UsernameTaken, UsernameConfusable: another user has the name, ignoring case, or one that looks like it.
        HashingBusy: the queue for hashing is full.
    """
    with database.reading() as connection:
        CredentialReader(connection).require_free(data.username)
    password_hash = hash_password(data.password)
    with database.transaction() as db:
        user = UserService(db).register(data.username, password_hash, role)
    audit.record("registered", user_id=user.id, **({} if by is None else {"role": role, "by": by}))
    return user


@dataclass(frozen=True)
class SignIn:
    """Everything that involves a password or a refresh token.

    Args:
        database: opens the transactions.
        hasher: hashes passwords.
        settings: the rules for passwords, and the lifetimes of sessions.
        secret: derives each refresh token from the one before.
    """

    database: Database
    hasher: Hasher
    settings: Settings
    secret: str

    def register(self, data: Registration, sender: str) -> User:
        """Create a user; see `register`."""
        return register(self.database, lambda password: self.hasher.hash(password, sender), data)

    def sign_in(self, username: str, password: str, user_agent: str | None, sender: str) -> Grant:
        """Start a session. An unknown name and a wrong password take the same time.

        Raises:
            BadCredentials: the name is unknown, the password is wrong, or the user is disabled.
            HashingBusy: the queue for hashing is full.
        """
        return _with_current_hash(lambda: self._sign_in(username, password, user_agent, sender), "sign_in_failed")

    def _sign_in(self, username: str, password: str, user_agent: str | None, sender: str) -> Grant:
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials(username)
        verdict = self.hasher.verify(password, None if known is None else known.password_hash, sender)
        if known is None or not verdict.right:
            audit.warn("sign_in_failed", user_id=None if known is None else known.user_id)
            raise BadCredentials
        with (
            audit.warning_of("sign_in_failed", BadCredentials, user_id=known.user_id),
            self.database.transaction() as db,
        ):
            users = UserService(db)
            user = users.confirm(known)
            if verdict.better_hash is not None:
                users.rehash(user, verdict.better_hash)
            grant = SessionService(db, self.settings, self.secret).begin(user, user_agent)
        audit.record("signed_in", user_id=grant.user_id, session_id=grant.session_id)
        return grant

    def refresh(self, refresh_token: str) -> Grant:
        """Continue a session: exchange a refresh token, which can be used once, for new tokens.

        Raises:
            RefreshTokenInvalid: it is unknown, its session has ended, or it was used before, which ends the session.
        """
        with self.database.transaction() as db:
            granted = SessionService(db, self.settings, self.secret).refresh(refresh_token)
        if isinstance(granted, TokenReuse):
            audit.warn("refresh_token_reused", user_id=granted.user_id, session_id=granted.session_id)
            raise RefreshTokenInvalid
        return granted

    def change_password(
        self, user: Principal, data: PasswordChange, sender: str, require_valid: Callable[[Session, Principal], object]
    ) -> None:
        """Replace a user's password, and end all sessions but the one of the request.

        Args:
            user: the principal.
            data: the current password and the new one.
            sender: the client's address.
            require_valid: checks, once the user is locked, that the session has not ended meanwhile.

        Raises:
            BadCredentials: the current password is wrong.
            InvalidRequest: the new password breaks a rule.
            HashingBusy: the queue for hashing is full.
        """
        _with_current_hash(lambda: self._change_password(user, data, sender, require_valid), "password_change_failed")

    def _change_password(
        self, user: Principal, data: PasswordChange, sender: str, require_valid: Callable[[Session, Principal], object]
    ) -> None:
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials_of(user.id)
        verdict = self.hasher.verify(data.current_password, None if known is None else known.password_hash, sender)
        if known is None or not verdict.right:
            audit.warn("password_change_failed", user_id=user.id)
            raise BadCredentials(WRONG_CURRENT_PASSWORD)
        password_hash = self._hash_new(data.new_password, user.username, sender)
        with (
            audit.warning_of("password_change_failed", BadCredentials, user_id=user.id),
            self.database.transaction() as db,
        ):
            users = UserService(db)
            confirmed = users.confirm(known)
            require_valid(db, user)
            ended = users.set_password(confirmed, password_hash, keep=user.session_id)
            voided = users.void_resets_of(user.id)
            revoked = KeyService(db).delete_all(user.id) if data.revoke_keys else 0
        audit.record(
            "password_changed", user_id=user.id, sessions_ended=ended, resets_voided=voided, keys_revoked=revoked
        )

    def redeem_reset(self, data: PasswordReset, sender: str) -> str:
        """Set a new password with a reset token, which can be used once; all sessions of the user end.

        Returns: the username.

        Raises:
            ResetInvalid: the token is unknown, used or expired.
            InvalidRequest: the new password breaks a rule.
            HashingBusy: the queue for hashing is full.
        """
        with (
            audit.warning_of("password_reset_failed", ResetInvalid, user_id=None),
            self.database.reading() as connection,
        ):
            known = CredentialReader(connection).credentials_for_reset(data.token)
        password_hash = self._hash_new(data.new_password, known.username, sender)
        with (
            audit.warning_of("password_reset_failed", ResetInvalid, user_id=known.user_id),
            self.database.transaction() as db,
        ):
            users = UserService(db)
            user = users.spend_reset(data.token)
            ended = users.set_password(user, password_hash)
        audit.record("password_reset", user_id=user.id, sessions_ended=ended)
        return user.username

    def _hash_new(self, password: str, username: str, sender: str) -> str:
        """Hash a new password. Its schema has checked all rules but those that depend on the username."""
        if fault := fault_of_password(password, username, self.settings):
            raise invalid_body(Fault("/new_password", fault))
        return self.hasher.hash(password, sender)


def _with_current_hash(attempt: Callable[[], T], failure: str) -> T:
    """Verify the password again if the stored hash was replaced meanwhile.

    Of two concurrent logins with an outdated hash, the second finds the better one that the first has stored.

    Args:
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
        audit.warn(failure, user_id=error.user_id)
        raise BadCredentials from None
