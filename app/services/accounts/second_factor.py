"""The rules about second factors: authenticator apps (TOTP), and recovery codes."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy import delete, func, insert, select

from app.errors import SecondFactorInvalid, SecondFactorOff, SecondFactorOn, SecondFactorRequired
from app.events import audit
from app.models import RecoveryCode
from app.security import recovery_codes, totp
from app.security.credentials import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from app.database import Database
    from app.models import User
    from app.security.identity import Credentials
    from app.security.sealing import Sealer

    CountCode = Callable[[int], AbstractContextManager[None]]

log = structlog.get_logger(__name__)

Method = Literal["totp", "recovery_code"]


class SecondFactorService:
    """Turns second factors on and off, and checks codes. Each method takes a user whose row is locked.

    The lock makes a code valid once: of two requests with the same code, the second finds it used.
    """

    def __init__(self, db: Session, sealer: Sealer) -> None:
        self.db, self.sealer = db, sealer

    def start(self, user: User) -> str:
        """Store a new secret, which replaces one that was never confirmed. Returns: the secret, in base32.

        Raises:
            SecondFactorOn: the user has a second factor.
        """
        if user.second_factor_since is not None:
            raise SecondFactorOn
        secret = totp.new_secret()
        user.totp_secret, user.totp_last_step = self.sealer.seal(secret), None
        return secret

    def confirm(self, user: User, code: str) -> list[str]:
        """Turn the second factor on, with a first code of the authenticator. Returns: the recovery codes.

        Raises:
            SecondFactorOn: it is on already.
            SecondFactorOff: the user has not started to add one.
            SecondFactorInvalid: the code is wrong.
        """
        if user.second_factor_since is not None:
            raise SecondFactorOn
        if user.totp_secret is None:
            raise SecondFactorOff
        self._use_totp(user, code)
        user.second_factor_since = datetime.now(UTC)
        return self._replace_codes(user)

    def turn_off(self, user: User) -> None:
        """Remove the second factor and its recovery codes.

        Raises:
            SecondFactorOff: there is none.
        """
        turn_off(self.db, user)

    def renew_codes(self, user: User) -> list[str]:
        """Replace the recovery codes. Returns: the new ones.

        Raises:
            SecondFactorOff: the user has no second factor.
        """
        _require_on(user)
        return self._replace_codes(user)

    def codes_left(self, user_id: int) -> int:
        """How many recovery codes a user has not used."""
        return self.db.scalars(select(func.count()).where(RecoveryCode.user_id == user_id)).one()

    def require(self, user: User, code: str | None) -> Method | None:
        """Check and use up a code: six digits of the authenticator, or a recovery code, in canonical form.

        Returns: what it was; None if the user has no second factor.

        Raises:
            SecondFactorRequired: there is no code.
            SecondFactorInvalid: it is wrong, expired or used.
        """
        if user.second_factor_since is None:
            return None
        if code is None:
            raise SecondFactorRequired
        if totp.CODE.fullmatch(code):
            self._use_totp(user, code)
            return "totp"
        mine = delete(RecoveryCode).where(RecoveryCode.hash == digest(code), RecoveryCode.user_id == user.id)
        if self.db.scalar(mine.returning(RecoveryCode.hash)) is None:
            raise SecondFactorInvalid
        return "recovery_code"

    def _use_totp(self, user: User, code: str) -> None:
        """Check a code, and remember its time step: a code is valid once (RFC 6238, section 5.2)."""
        sealed = user.totp_secret or ""
        secret = self.sealer.open(sealed)
        if secret is None:
            log.error("second_factor_unreadable", user_id=user.id, message="SECRET_KEY and SECRET_KEYS_OLD do not fit")
            raise SecondFactorInvalid
        step = totp.step_of(code, secret, time.time())
        if step is None or (user.totp_last_step is not None and step <= user.totp_last_step):
            raise SecondFactorInvalid
        user.totp_last_step = step
        if not self.sealer.is_current(sealed):
            user.totp_secret = self.sealer.seal(secret)

    def _replace_codes(self, user: User) -> list[str]:
        codes = recovery_codes.new_codes()
        rows = [{"hash": digest(recovery_codes.canonical(code)), "user_id": user.id} for code in codes]
        self.db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        self.db.execute(insert(RecoveryCode), rows)
        return codes


def turn_off(db: Session, user: User) -> None:
    """Remove the second factor of a user whose row is locked; see `SecondFactorService.turn_off`. It needs no key."""
    _require_on(user)
    user.totp_secret = user.totp_last_step = user.second_factor_since = None
    db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _require_on(user: User) -> None:
    if user.second_factor_since is None:
        raise SecondFactorOff


@dataclass
class CodeAttempt:
    """One check of a code, and what came of it."""

    code: str | None
    method: Method | None = None

    def check(self, service: SecondFactorService, user: User) -> None:
        """Check and use up the code for a user whose row is locked; see `SecondFactorService.require`."""
        self.method = service.require(user, self.code)
        if self.method == "recovery_code":
            left = service.codes_left(user.id)
            audit.note_warning(service.db, "recovery_code_used", user_id=user.id, codes_left=left)

    @property
    def facts(self) -> dict[str, Method]:
        """For the audit log."""
        return {} if self.method is None else {"second_factor": self.method}


@contextmanager
def code_attempt(
    database: Database, known: Credentials | None, code: str | None, count: CountCode
) -> Iterator[CodeAttempt]:
    """Count and audit the check of a code that the block makes in a transaction.

    Args:
        database: stores the failure.
        known: the account, which has proved its password or identity or has a session; None if it does not exist yet.
        code: in canonical form.
        count: counts the check of six digits, or refuses it.
    """
    attempt = CodeAttempt(code)
    is_guessable = code is not None and totp.CODE.fullmatch(code)
    user_id = None if known is None else known.user_id
    try:
        with count(known.user_id) if known and known.has_second_factor and is_guessable else nullcontext():
            yield attempt
    except SecondFactorRequired:
        audit.record(database, "second_factor_asked", user_id=user_id)
        raise
    except SecondFactorInvalid:
        audit.warn(database, "second_factor_failed", user_id=user_id)
        raise
