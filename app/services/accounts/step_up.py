"""Confirmation of a session: the user gives the password again, or a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import update

from app.errors import BadCredentials, SecondFactorOff, TokenInvalid
from app.events import audit
from app.models import UserSession
from app.services.accounts.credentials import WRONG_CURRENT_PASSWORD, CredentialReader
from app.services.accounts.second_factor import SecondFactorService, code_attempt
from app.services.accounts.users import UserService, with_current_hash
from app.services.policy import can_give_password

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.database import Database
    from app.schemas.second_factor import StepUp
    from app.security.hashing import Hasher
    from app.security.identity import Credentials, Principal
    from app.security.sealing import Sealer
    from app.services.accounts.second_factor import CountCode
    from app.settings import Settings

PASSWORD_NEEDED = "This account has no second factor: send its 'password'."  # noqa: S105  (a message)
NOTHING_TO_GIVE = "This account has no password to confirm with: sign in again, which starts a confirmed session."


@dataclass(frozen=True)
class Confirmation:
    """Confirms sessions.

    Args:
        database: opens the transactions.
        hasher: verifies passwords.
        settings: whether users sign in with passwords.
        sealer: decrypts the secrets of second factors.
        require_valid: checks, once the user is locked, that the session has not ended meanwhile.
    """

    database: Database
    hasher: Hasher
    settings: Settings
    sealer: Sealer
    require_valid: Callable[[Session, Principal], object]

    def confirm(self, user: Principal, data: StepUp, sender: str, count_code: CountCode) -> datetime:
        """Confirm the session of the request. Returns: the time.

        An account with a second factor confirms with a code: otherwise a stolen session and the password would be
        enough to turn it off. A user who signs in elsewhere, and has none, does so again instead: a session is
        confirmed when it starts.

        Raises:
            BadCredentials: the password is wrong or missing, or the account has none.
            SecondFactorRequired, SecondFactorInvalid: the account has a second factor, and the code is missing or not
                valid.
            SecondFactorOff: it was turned off meanwhile.
            TokenInvalid: the session has ended meanwhile.
            HashingBusy: the queue for hashing is full.
        """
        return with_current_hash(
            self.database, lambda: self._confirm(user, data, sender, count_code), "confirmation_failed"
        )

    def _confirm(self, user: Principal, data: StepUp, sender: str, count_code: CountCode) -> datetime:
        with self.database.reading() as connection:
            known = CredentialReader(connection).credentials_of(user.id)
        if known is None:
            raise TokenInvalid
        if not known.has_second_factor:
            self._require_password(user, known, data, sender)
        with (
            audit.warning_of(
                self.database, "confirmation_failed", BadCredentials, user_id=user.id, session_id=user.session_id
            ),
            code_attempt(self.database, known, data.code, count_code) as attempt,
            self.database.transaction() as db,
        ):
            locked = UserService(db).confirm(known)
            self.require_valid(db, user)
            attempt.check(SecondFactorService(db, self.sealer), locked)
            if known.has_second_factor and attempt.method is None:  # turned off meanwhile: nothing was checked
                raise SecondFactorOff
            now = datetime.now(UTC)
            db.execute(update(UserSession).where(UserSession.id == user.session_id).values(confirmed_at=now))
            audit.note(db, "session_confirmed", user_id=user.id, session_id=user.session_id, **attempt.facts)
        return now

    def _require_password(self, user: Principal, known: Credentials, data: StepUp, sender: str) -> None:
        if not can_give_password(known, self.settings):
            raise BadCredentials(NOTHING_TO_GIVE)
        if data.password is None:
            raise BadCredentials(PASSWORD_NEEDED)
        if not self.hasher.verify(data.password, known.password_hash, sender).right:
            audit.warn(self.database, "confirmation_failed", user_id=user.id, session_id=user.session_id)
            raise BadCredentials(WRONG_CURRENT_PASSWORD)
