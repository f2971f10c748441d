"""Login, refresh, and changes of passwords, each with its own transactions and audit events.

Hashing a password takes long, so it never happens inside a transaction. Data read before it is checked again after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import BadCredentials, Fault, RefreshTokenInvalid, ResetInvalid
from app.events import audit
from app.schemas.validation_errors import invalid_body
from app.security.passwords import fault_of_password
from app.services.accounts.credentials import WRONG_CURRENT_PASSWORD, CredentialReader
from app.services.accounts.invitations import Admission, InvitationService
from app.services.accounts.keys import KeyService
from app.services.accounts.registration import register
from app.services.accounts.second_factor import SecondFactorService, code_attempt
from app.services.accounts.sessions import Grant, SessionService, TokenReuse
from app.services.accounts.users import UserService, lock_admins, with_current_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.database import Database
    from app.domain.audit_events import EventName
    from app.models import User
    from app.schemas.accounts import PasswordChange, PasswordReset, Registration
    from app.schemas.sessions import Login
    from app.security.hashing import Hasher
    from app.security.identity import Credentials, Principal
    from app.security.sealing import Sealer
    from app.services.accounts.second_factor import CountCode
    from app.settings import Settings


@dataclass(frozen=True)
class SignIn:
    """Everything that involves a password or a refresh token.

    Args:
        database: opens the transactions.
        hasher: hashes passwords.
        settings: the rules for passwords, and the lifetimes of sessions.
        secret: derives each refresh token from the one before.
        sealer: decrypts the secrets of second factors.
    """

    database: Database
    hasher: Hasher
    settings: Settings
    secret: str
    sealer: Sealer

    def register(self, data: Registration, sender: str) -> User:
        """Create a user, if `REGISTRATION` and the invitation allow it; see `register`."""
        token = data.invitation if isinstance(data.invitation, str) else None
        admission = Admission(self.settings.registration, token)
        return register(self.database, lambda password: self.hasher.hash(password, sender), data, admission=admission)

    def sign_in(self, data: Login, user_agent: str | None, sender: str, count_code: CountCode) -> Grant:
        """Start a session. An unknown name and a wrong password take the same time.

        Only the right password reveals whether the account has a second factor.

        Args:
            data: username, password, and the code if there is one.
            user_agent: the client's name for itself.
            sender: the client's address.
            count_code: counts the check of a code of this user, or refuses it.

        Raises:
            BadCredentials: the name is unknown, the password is wrong, or the user is disabled.
            SecondFactorRequired: the user has a second factor, and there is no code.
            SecondFactorInvalid: the code is wrong, expired or used.
            HashingBusy: the queue for hashing is full.
        """
        return with_current_hash(
            self.database, lambda: self._sign_in(data, user_agent, sender, count_code), "sign_in_failed"
        )

    def _sign_in(self, data: Login, user_agent: str | None, sender: str, count_code: CountCode) -> Grant:
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials(data.username)
        verdict = self.hasher.verify(data.password, None if known is None else known.password_hash, sender)
        if known is None or not verdict.right:
            audit.warn(self.database, "sign_in_failed", user_id=None if known is None else known.user_id)
            raise BadCredentials
        with (
            audit.warning_of(self.database, "sign_in_failed", BadCredentials, user_id=known.user_id),
            code_attempt(self.database, known, data.code, count_code) as attempt,
            self.database.transaction() as db,
        ):
            users = UserService(db)
            user = users.confirm(known)
            attempt.check(SecondFactorService(db, self.sealer), user)
            if verdict.better_hash is not None:
                users.rehash(user, verdict.better_hash)
            grant = SessionService(db, self.settings, self.secret).begin(user, user_agent)
            audit.note(db, "signed_in", user_id=grant.user_id, session_id=grant.session_id, **attempt.facts)
        return grant

    def refresh(self, refresh_token: str) -> Grant:
        """Continue a session: exchange a refresh token, which can be used once, for new tokens.

        Raises:
            RefreshTokenInvalid: it is unknown, its session has ended, or it was used before, which ends the session.
        """
        with self.database.transaction() as db:
            granted = SessionService(db, self.settings, self.secret).refresh(refresh_token)
            if isinstance(granted, TokenReuse):
                audit.note_warning(db, "refresh_token_reused", user_id=granted.user_id, session_id=granted.session_id)
        if isinstance(granted, TokenReuse):
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
        with_current_hash(
            self.database, lambda: self._change_password(user, data, sender, require_valid), "password_change_failed"
        )

    def _change_password(
        self, user: Principal, data: PasswordChange, sender: str, require_valid: Callable[[Session, Principal], object]
    ) -> None:
        known = self._with_current_password(user, data.current_password, sender, "password_change_failed")
        password_hash = self._hash_new(data.new_password, user.username, sender)
        with (
            audit.warning_of(self.database, "password_change_failed", BadCredentials, user_id=user.id),
            self.database.transaction() as db,
        ):
            lock_admins(db)
            users = UserService(db)
            confirmed = users.confirm(known)
            require_valid(db, user)
            facts = {
                "sessions_ended": users.set_password(confirmed, password_hash, keep=user.session_id),
                "resets_voided": users.void_resets_of(user.id),
                "invitations_voided": InvitationService(db).void_of(user.id),
                "keys_revoked": KeyService(db).delete_all(user.id) if data.revoke_keys else 0,
            }
            audit.note(db, "password_changed", user_id=user.id, **facts)

    def redeem_reset(self, data: PasswordReset, sender: str) -> str:
        """Set a new password with a reset token, which can be used once; all sessions of the user end.

        The resets and invitations that the user issued become void: this is how an admin takes a stolen account back.

        Returns: the username.

        Raises:
            ResetInvalid: the token is unknown, used or expired.
            InvalidRequest: the new password breaks a rule.
            HashingBusy: the queue for hashing is full.
        """
        with (
            audit.warning_of(self.database, "password_reset_failed", ResetInvalid, user_id=None),
            self.database.reading() as connection,
        ):
            known = CredentialReader(connection).credentials_for_reset(data.token)
        password_hash = self._hash_new(data.new_password, known.username, sender)
        with (
            audit.warning_of(self.database, "password_reset_failed", ResetInvalid, user_id=known.user_id),
            self.database.transaction() as db,
        ):
            users = UserService(db)
            user = users.spend_reset(data.token)
            facts = {
                "sessions_ended": users.set_password(user, password_hash),
                "resets_voided": users.void_resets_of(user.id),
                "invitations_voided": InvitationService(db).void_of(user.id),
            }
            audit.note(db, "password_reset", user_id=user.id, **facts)
        return user.username

    def _with_current_password(self, user: Principal, password: str, sender: str, failure: EventName) -> Credentials:
        """The credentials of a user who sends the current password; otherwise record the failure, and refuse it."""
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials_of(user.id)
        verdict = self.hasher.verify(password, None if known is None else known.password_hash, sender)
        if known is None or not verdict.right:
            audit.warn(self.database, failure, user_id=user.id)
            raise BadCredentials(WRONG_CURRENT_PASSWORD)
        return known

    def _hash_new(self, password: str, username: str, sender: str) -> str:
        """Hash a new password. Its schema has checked all rules but those that depend on the username."""
        if fault := fault_of_password(password, username, self.settings):
            raise invalid_body(Fault("/new_password", fault))
        return self.hasher.hash(password, sender)
