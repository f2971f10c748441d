"""Endpoints of the second factor, and of the confirmation that sensitive operations need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth import person_required
from app.errors import (
    BadCredentials,
    HashingBusy,
    LimitsUnavailable,
    SecondFactorInvalid,
    SecondFactorOff,
    SecondFactorOn,
    SecondFactorRequired,
)
from app.events import audit
from app.queries.users import UserReader
from app.schemas.base import WriteResult
from app.schemas.second_factor import Confirmed, RecoveryCodes, SecondFactorReply, StepUp, TotpConfirm, TotpStarted
from app.security.totp import provisioning_uri
from app.services.accounts.second_factor import SecondFactorService
from app.services.accounts.sessions import SignOutService
from app.services.accounts.step_up import Confirmation
from app.web.confirmation import confirmation_required
from app.web.login_limits import count_code, login_attempt
from app.web.operations import Blueprint, Success, operation
from app.web.rate_limits import address_key, limit_address
from app.web.replies import no_store, one
from app.web.state import reading, state, transaction
from app.web.write_transaction import lock_own_account, require_still_valid

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

second_factor = Blueprint(
    "second_factor",
    __name__,
    url_prefix="/auth",
    tag={
        "name": "Second factor",
        "description": "An authenticator app (TOTP) beside the password; confirmation of sensitive operations.",
    },
)
second_factor.after_request(no_store)


@second_factor.post("/step-up")
@person_required
@operation(
    "confirmSession",
    Success(Confirmed, "The session is confirmed."),
    body=StepUp,
    errors=[
        BadCredentials,
        SecondFactorRequired,
        SecondFactorInvalid,
        SecondFactorOff,
        HashingBusy,
        LimitsUnavailable,
    ],
)
def step_up(body: StepUp, user: Principal) -> Confirmed:
    """Confirm that it is you, so that this session may do what is sensitive.

    Needed where an operation is refused with `confirmation_required`: creating API keys, changing users, issuing
    password resets, changing the second factor, linking identities, and deleting accounts. An account with a second
    factor sends a `code`, any other its `password`. A login confirms as well: a user who has neither signs in again.
    """
    limit_address()
    signing_in = state().signing_in
    confirmation = Confirmation(
        signing_in.database,
        signing_in.hasher,
        signing_in.settings,
        signing_in.sealer,
        require_valid=require_still_valid,
    )
    with login_attempt(user.username, signed_in=True):
        confirmed_at = confirmation.confirm(user, body, address_key(), count_code)
    until = confirmed_at + state().settings.step_up_lifetime
    return Confirmed(status="success", message="confirmed", confirmed_until=until)


@second_factor.get("/totp")
@person_required
@operation("getSecondFactor", Success(SecondFactorReply, "The second factor."))
def get_second_factor(user: Principal) -> Response:
    """Get the state of your second factor.

    It says whether the account has one, and how many recovery codes are left; never a secret.
    """
    with reading() as connection:
        return one(UserReader(connection).second_factor_of(user.id))


@second_factor.post("/totp")
@person_required
@confirmation_required
@operation("startSecondFactor", Success(TotpStarted, "The secret."), errors=[SecondFactorOn])
def start(user: Principal) -> TotpStarted:
    """Begin to add a second factor: get a secret for an authenticator app.

    The secret is shown once. The second factor is on after `POST /auth/totp/confirm`; until then, a new call replaces
    the secret.
    """
    with transaction() as db:
        owner = lock_own_account(db, user)
        secret = SecondFactorService(db, state().sealer).start(owner)
        audit.note(db, "second_factor_started", user_id=user.id, session_id=user.session_id)
    return TotpStarted(
        status="success",
        message="scan the URI as a QR code, or type the secret; then confirm with a code",
        secret=secret,
        uri=provisioning_uri(secret, user.username),
    )


@second_factor.post("/totp/confirm")
@person_required
@operation(
    "addSecondFactor",
    Success(RecoveryCodes, "The recovery codes."),
    body=TotpConfirm,
    errors=[SecondFactorInvalid, SecondFactorOn, SecondFactorOff, LimitsUnavailable],
)
def confirm(body: TotpConfirm, user: Principal) -> RecoveryCodes:
    """Turn the second factor on with the first code of the authenticator app, and get ten recovery codes.

    The recovery codes are shown once. All other sessions end. From now on, a login needs a code.
    """
    with (
        audit.warning_of(state().database, "second_factor_failed", SecondFactorInvalid, user_id=user.id),
        count_code(user.id),
        transaction() as db,
    ):
        owner = lock_own_account(db, user)
        codes = SecondFactorService(db, state().sealer).confirm(owner, body.code)
        ended = SignOutService(db).end_all(user.id, but=user.session_id)
        audit.note(db, "second_factor_added", user_id=user.id, sessions_ended=ended)
    return RecoveryCodes(status="success", message="second factor on; all other sessions have ended", codes=codes)


@second_factor.post("/totp/recovery-codes")
@person_required
@confirmation_required
@operation("renewRecoveryCodes", Success(RecoveryCodes, "The new recovery codes."), errors=[SecondFactorOff])
def renew_codes(user: Principal) -> RecoveryCodes:
    """Get ten new recovery codes.

    They are shown once. The earlier ones become void.
    """
    with transaction() as db:
        owner = lock_own_account(db, user)
        codes = SecondFactorService(db, state().sealer).renew_codes(owner)
        audit.note(db, "recovery_codes_renewed", user_id=user.id)
    return RecoveryCodes(status="success", message="recovery codes renewed", codes=codes)


@second_factor.delete("/totp")
@person_required
@confirmation_required
@operation("removeSecondFactor", Success(WriteResult, "It is off."), errors=[SecondFactorOff])
def turn_off(user: Principal) -> WriteResult:
    """Turn your second factor off.

    All other sessions end, and the recovery codes become void. To use another authenticator app, add a second factor
    again.
    """
    with transaction() as db:
        owner = lock_own_account(db, user)
        SecondFactorService(db, state().sealer).turn_off(owner)
        ended = SignOutService(db).end_all(user.id, but=user.session_id)
        audit.note(db, "second_factor_removed", user_id=user.id, sessions_ended=ended)
    return WriteResult(status="success", message="second factor off; all other sessions have ended")
