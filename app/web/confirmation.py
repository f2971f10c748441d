"""Second factors and confirmations: what a session needs besides its access token."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING

from app.errors import ConfirmationRequired, SecondFactorMissing
from app.services.policy import lacks_second_factor
from app.web.operations import View, declare_confirmation
from app.web.state import state

if TYPE_CHECKING:
    from app.security.identity import Principal


def confirmation_required(view: View) -> View:
    """Admit only sessions with a recent login or confirmation (RFC 9470): a stolen session alone is not enough.

    Put it right below the decorator of `app.auth`, which refuses API keys.
    """

    @wraps(view)
    def confirmed(*args: object, user: Principal, **kwargs: object) -> object:
        require_confirmed(user)
        return view(*args, user=replace(user, must_be_confirmed=True), **kwargs)

    declare_confirmation(confirmed)
    return confirmed


def require_confirmed(user: Principal) -> None:
    """Check that the user gave the password or a code in this session within `STEP_UP_LIFETIME`.

    Raises:
        ConfirmationRequired: that was longer ago.
    """
    lifetime = state().settings.step_up_lifetime
    if user.confirmed_at is None or datetime.now(UTC) - user.confirmed_at > lifetime:
        raise ConfirmationRequired(lifetime)


def require_second_factor(user: Principal) -> None:
    """Check that the account has a second factor if `SECOND_FACTOR` says that it must.

    Raises:
        SecondFactorMissing: it has none.
    """
    if lacks_second_factor(user, state().settings.second_factor):
        raise SecondFactorMissing
