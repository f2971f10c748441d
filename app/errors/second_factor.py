"""Errors of the second factor, and of the confirmation that sensitive operations need."""

from __future__ import annotations

from datetime import timedelta

from app.errors.access import Forbidden, Unauthenticated
from app.errors.records import Conflict


class SecondFactorRequired(Unauthenticated):
    code = "second_factor_required"
    title = "Second factor required"
    message = "This account has a second factor: send its current code as 'code'."
    remedy = "Add `code`: the six digits that the authenticator app shows now, or a recovery code."


class SecondFactorInvalid(Unauthenticated):
    code = "second_factor_invalid"
    title = "Code not valid"
    message = "The code is wrong, expired, or was already used."
    remedy = (
        "Wait for the next code of the authenticator app, and check the clock of its device; or use a recovery code. "
        "Each code can be used once. An admin can remove the second factor of an account."
    )


class ConfirmationRequired(Unauthenticated):
    code = "confirmation_required"
    title = "Confirmation required"
    message = "This needs a recent login or confirmation."
    remedy = (
        "Confirm with `POST /auth/step-up`, which takes the password or, if the account has a second factor, a code; "
        "then send the request again. A user without a password and a second factor signs in again, which starts a "
        "confirmed session. `max_age` in `WWW-Authenticate` says how many seconds a confirmation lasts."
    )

    def __init__(self, lifetime: timedelta) -> None:
        self.max_age = int(lifetime.total_seconds())
        super().__init__()


class SecondFactorMissing(Forbidden):
    code = "second_factor_missing"
    title = "Second factor missing"
    message = "This account must have a second factor first: add one with 'POST /auth/totp'."
    remedy = (
        "Add an authenticator app with `POST /auth/totp` and `POST /auth/totp/confirm`. "
        "Operators: `SECOND_FACTOR` says which accounts must have one."
    )


class SecondFactorOn(Conflict):
    code = "second_factor_on"
    title = "Second factor already on"
    message = "This account already has a second factor."
    remedy = "To use another authenticator app, turn the second factor off with `DELETE /auth/totp` and start again."


class SecondFactorOff(Conflict):
    code = "second_factor_off"
    title = "No second factor"
    message = "This account has no second factor."
    remedy = "Start with `POST /auth/totp`, then send the first code of the authenticator app to `/auth/totp/confirm`."
