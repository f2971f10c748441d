"""Sign-in by users whom the provider or a trusted proxy has authenticated, with its transactions and audit events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.domain.names import name_key
from app.errors import (
    BadCredentials,
    Fault,
    IdentityTaken,
    IdentityUnknown,
    RecentSignInRequired,
    SignInRefused,
    TokenInvalid,
    UsernameTaken,
)
from app.events import audit
from app.models import User, UserSession
from app.schemas.accounts import checked_username
from app.schemas.validation_errors import invalid_body
from app.security.hashing import NO_PASSWORD
from app.services.credentials import CredentialReader
from app.services.identities import IdentityService
from app.services.sessions import SessionService
from app.services.users import UserService

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.schemas.identities import CodeExchange
    from app.security.identity import ExternalIdentity, Principal
    from app.services.sessions import Grant
    from app.services.signing_in import SignIn

RECENT = timedelta(minutes=10)
NO_NAME = "is required: the provider has no name for the new user"
NO_USER = "The proxy named no user who may sign in."


class ExternalSignIn:
    """Everything that involves identities of elsewhere. Names never link an account: two users may have the same."""

    def __init__(self, signing_in: SignIn) -> None:
        """Args: signing_in: has the database, the settings and the hasher."""
        self.database, self.settings = signing_in.database, signing_in.settings
        self.secret, self.hasher = signing_in.secret, signing_in.hasher

    def issue_code(self, proved: ExternalIdentity, challenge: str | None) -> str:
        """A code with which a client completes a sign-in at the provider; see `IdentityService`."""
        with self.database.transaction() as db:
            return IdentityService(db).issue_code(proved, challenge)

    def sign_in(self, exchange: CodeExchange, user_agent: str | None) -> Grant:
        """Start a session for the user to whom the identity is linked, or for a new user.

        Raises:
            IdentityUnknown: the identity is not linked, and may not create an account.
            UsernameTaken, InvalidRequest: the new user needs another name; the code is not used up.
            SignInRefused: the user is disabled, or the code is unknown, used or expired, or belongs to another client.
        """
        try:
            return self._sign_in(exchange, user_agent)
        except (IdentityTaken, UsernameTaken):  # a concurrent request may just have created the account
            return self._sign_in(exchange, user_agent)

    def _sign_in(self, exchange: CodeExchange, user_agent: str | None) -> Grant:
        verifier = exchange.code_verifier if isinstance(exchange.code_verifier, str) else None
        with self.database.transaction() as db:
            identities = IdentityService(db)
            proved = identities.spend_code(exchange.code, verifier)
            user = identities.user_of(proved)
            is_new = user is None
            if user is None:
                if not self.settings.oidc_registration:
                    audit.warn("sign_in_failed", user_id=None, issuer=proved.issuer, subject=proved.subject)
                    raise IdentityUnknown
                wanted = exchange.username if isinstance(exchange.username, str) else proved.username
                user = _register(db, wanted, Fault("/username", NO_NAME))
                identities.link(user, proved)
            grant = self._begin(db, user, user_agent)
        self._record(grant, "oidc", is_new=is_new)
        return grant

    def sign_in_by_header(self, username: str | None, user_agent: str | None) -> Grant:
        """Start a session for the user whom a trusted proxy names.

        Raises:
            SignInRefused: it names none, or one who is unknown or disabled.
            InvalidRequest: the name is not one that a new user may have.
        """
        try:
            return self._sign_in_by_header(username, user_agent)
        except UsernameTaken:  # a concurrent request has just created the account
            return self._sign_in_by_header(username, user_agent)

    def _sign_in_by_header(self, username: str | None, user_agent: str | None) -> Grant:
        with self.database.transaction() as db:
            user: User | None = None
            if username and "\0" not in username:
                named = select(User).where(User.username_key == name_key(username))
                user = db.scalar(named.with_for_update(key_share=True))
            is_new = user is None
            if user is None:
                if not username or not self.settings.trusted_user_registration:
                    audit.warn("sign_in_failed", user_id=None)
                    raise SignInRefused(NO_USER)
                user = _register(db, username, Fault(str(self.settings.trusted_user_header), NO_NAME, "header"))
            grant = self._begin(db, user, user_agent)
        self._record(grant, "proxy", is_new=is_new)
        return grant

    def confirm(self, user: Principal, password: str | None, sender: str) -> None:
        """Check that the user is present, before something that a stolen session must not do.

        Args:
            user: the principal of a session.
            password: the current password, required of users who have one.
            sender: the client's address.

        Raises:
            TokenInvalid: the session has ended, or the user is disabled or deleted.
            BadCredentials: the password is wrong.
            InvalidRequest: it is missing.
            RecentSignInRequired: the user has none, and the session began more than ten minutes ago.
            HashingBusy: the queue for hashing is full.
        """
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials_of(user.id)
            began_at = connection.scalar(select(UserSession.created_at).where(UserSession.id == user.session_id))
        if known is None or began_at is None:
            raise TokenInvalid
        if not self.settings.password_sign_in or known.password_hash == NO_PASSWORD:
            if datetime.now(UTC) - began_at > RECENT:
                raise RecentSignInRequired
            return
        if password is None:
            raise invalid_body(Fault("/current_password", "is required"))
        if not self.hasher.verify(password, known.password_hash, sender).right:
            audit.warn("identity_link_failed", user_id=user.id)
            raise BadCredentials

    def _begin(self, db: Session, user: User, user_agent: str | None) -> Grant:
        if user.disabled_at is not None:
            audit.warn("sign_in_failed", user_id=user.id)
            raise SignInRefused
        return SessionService(db, self.settings, self.secret).begin(user, user_agent)

    def _record(self, grant: Grant, by: str, *, is_new: bool) -> None:
        if is_new:
            audit.record("registered", user_id=grant.user_id, by=by)
        audit.record("signed_in", user_id=grant.user_id, session_id=grant.session_id, by=by)


def _register(db: Session, username: str | None, missing: Fault) -> User:
    """A new user without a password. The name follows the same rules as in a registration.

    Args:
        db: the session.
        username: the name.
        missing: the fault if there is none.

    Raises:
        InvalidRequest: there is no name, or it breaks a rule.
        UsernameTaken: another user has it.
    """
    if username is None:
        raise invalid_body(missing)
    try:
        name = checked_username(username)
    except ValueError as error:
        raise invalid_body(replace(missing, detail=str(error))) from None
    return UserService(db).register(name, NO_PASSWORD)
