"""Sign-in by users whom the provider or a trusted proxy has authenticated, with its transactions and audit events."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import select

from app.domain.names import name_key
from app.errors import Fault, IdentityTaken, IdentityUnknown, InvitationInvalid, SignInRefused, UsernameTaken
from app.events import audit
from app.models import User
from app.schemas.accounts import checked_username
from app.schemas.validation_errors import invalid_body
from app.security.hashing import NO_PASSWORD
from app.services.accounts.credentials import CredentialReader
from app.services.accounts.identities import IdentityService, proved_by
from app.services.accounts.invitations import Admission
from app.services.accounts.second_factor import SecondFactorService, code_attempt
from app.services.accounts.sessions import SessionService
from app.services.accounts.users import UserService

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from app.schemas.identities import CodeExchange
    from app.schemas.sessions import HeaderLogin
    from app.services.accounts.second_factor import CodeAttempt, CountCode
    from app.services.accounts.sessions import Grant
    from app.services.signing_in import SignIn

NO_NAME = "is required: the provider has no name for the new user"
NO_USER = "The proxy named no user who may sign in."
OVERTAKEN = (IdentityTaken, UsernameTaken, InvitationInvalid)
"""What a sign-in may meet if a concurrent one of the same new user has just created the account."""


class UserRefused(SignInRefused):
    """The sign-in is valid, but its user may not sign in. `user_id` is None if there is no such user."""

    def __init__(self, user_id: int | None, message: str | None = None) -> None:
        self.user_id = user_id
        super().__init__(message)


class ExternalSignIn:
    """Everything that involves identities of elsewhere. Names never link an account: two users may have the same."""

    def __init__(self, signing_in: SignIn, count_code: CountCode) -> None:
        """Collect what sign-ins need.

        Args:
            signing_in: has the database, the settings, and what decrypts the secrets of second factors.
            count_code: counts the check of a code of a user, or refuses it.
        """
        self.database, self.settings = signing_in.database, signing_in.settings
        self.secret, self.sealer = signing_in.secret, signing_in.sealer
        self.count_code = count_code

    def sign_in(self, exchange: CodeExchange, user_agent: str | None) -> Grant:
        """Start a session for the user to whom the identity is linked, or for a new user.

        Raises:
            IdentityUnknown: the identity is not linked, and may not create an account.
            RegistrationClosed, InvitationRequired, InvitationInvalid: likewise, by `REGISTRATION`.
            UsernameTaken, UsernameConfusable, InvalidRequest: the new user needs another name; the code is not used up.
            SecondFactorRequired, SecondFactorInvalid: the user has a second factor; likewise.
            SignInRefused: the user is disabled, or the code is unknown, used or expired, or belongs to another client.
        """
        try:
            return self._sign_in(exchange, user_agent)
        except OVERTAKEN:
            return self._sign_in(exchange, user_agent)

    def _sign_in(self, exchange: CodeExchange, user_agent: str | None) -> Grant:
        verifier = exchange.code_verifier if isinstance(exchange.code_verifier, str) else None
        with self.database.reading() as connection:
            proved = proved_by(connection, exchange.sign_in_code, verifier)
            known = CredentialReader(connection).credentials_of_identity(proved.issuer, proved.subject)
        new: dict[str, object] | None = None
        unknown = {"user_id": None, "issuer": proved.issuer, "subject": proved.subject}
        with (
            audit.warning_of(self.database, "sign_in_failed", IdentityUnknown, **unknown),
            self._warning_of_refusals(),
            code_attempt(self.database, known, exchange.code, self.count_code) as attempt,
            self.database.transaction() as db,
        ):
            identities = IdentityService(db)
            proved = identities.spend_code(exchange.sign_in_code, verifier)
            user = identities.user_of(proved)
            if user is None:
                wanted = proved.username if exchange.username is MISSING else exchange.username
                user, new = self._register_proved(db, wanted, exchange)
                identities.link(user, proved)
            grant = self._begin(db, user, user_agent, attempt)
            _note(db, grant, "oidc", new, attempt)
        return grant

    def _register_proved(
        self, db: Session, wanted: str | None, exchange: CodeExchange
    ) -> tuple[User, dict[str, object]]:
        if not self.settings.oidc_registration:
            raise IdentityUnknown
        return self._register(db, wanted, Fault("/username", NO_NAME), exchange)

    def sign_in_by_header(self, username: str | None, data: HeaderLogin, user_agent: str | None) -> Grant:
        """Start a session for the user whom a trusted proxy names.

        Raises:
            SignInRefused: it names none, or one who is unknown or disabled.
            RegistrationClosed, InvitationRequired, InvitationInvalid: the user is unknown, and may not get an account.
            InvalidRequest, UsernameConfusable: the name is not one that a new user may have.
            SecondFactorRequired, SecondFactorInvalid: the user has a second factor.
        """
        try:
            return self._sign_in_by_header(username, data, user_agent)
        except OVERTAKEN:
            return self._sign_in_by_header(username, data, user_agent)

    def _sign_in_by_header(self, username: str | None, data: HeaderLogin, user_agent: str | None) -> Grant:
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials(username or "")
        new: dict[str, object] | None = None
        with (
            self._warning_of_refusals(),
            code_attempt(self.database, known, data.code, self.count_code) as attempt,
            self.database.transaction() as db,
        ):
            user: User | None = None
            if username and "\0" not in username:
                named = select(User).where(User.username_key == name_key(username))
                user = db.scalar(named.with_for_update(key_share=True))
            if user is None:
                if not username or not self.settings.trusted_user_registration:
                    raise UserRefused(None, NO_USER)
                missing = Fault(str(self.settings.trusted_user_header), NO_NAME, "header")
                user, new = self._register(db, username, missing, data)
            grant = self._begin(db, user, user_agent, attempt)
            _note(db, grant, "proxy", new, attempt)
        return grant

    def _register(
        self, db: Session, username: str | None, missing: Fault, data: CodeExchange | HeaderLogin
    ) -> tuple[User, dict[str, object]]:
        """A new user without a password. Who may be one, and under which name, is as in a registration.

        Args:
            db: the session.
            username: the name.
            missing: the fault if there is none.
            data: has the invitation, if there is one.

        Returns: the user, and facts for the audit log.

        Raises:
            RegistrationClosed, InvitationRequired, InvitationInvalid: the person may not register.
            InvalidRequest: there is no name, or it breaks a rule.
            UsernameTaken, UsernameConfusable: another user has the name, or one that looks like it.
        """
        token = data.invitation if isinstance(data.invitation, str) else None
        admission = Admission(self.settings.registration, token)
        admission.require(db.connection())
        if username is None:
            raise invalid_body(missing)
        try:
            name = checked_username(username)
        except ValueError as error:
            raise invalid_body(replace(missing, detail=str(error))) from None
        invitation_id = admission.spend(db)
        user = UserService(db).register(name, NO_PASSWORD)
        return user, {} if invitation_id is None else {"invitation_id": invitation_id}

    def _begin(self, db: Session, user: User, user_agent: str | None, attempt: CodeAttempt) -> Grant:
        if user.disabled_at is not None:
            raise UserRefused(user.id)
        if self.settings.external_second_factor:
            attempt.check(SecondFactorService(db, self.sealer), user)
        return SessionService(db, self.settings, self.secret).begin(user, user_agent)

    @contextmanager
    def _warning_of_refusals(self) -> Iterator[None]:
        try:
            yield
        except UserRefused as error:
            audit.warn(self.database, "sign_in_failed", user_id=error.user_id)
            raise


def _note(db: Session, grant: Grant, by: str, new: dict[str, object] | None, attempt: CodeAttempt) -> None:
    if new is not None:
        audit.note(db, "registered", user_id=grant.user_id, by=by, **new)
    audit.note(db, "signed_in", user_id=grant.user_id, session_id=grant.session_id, by=by, **attempt.facts)
