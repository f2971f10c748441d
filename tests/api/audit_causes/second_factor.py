"""What causes each event of second factors and confirmations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.api.audit_causes.cause import ANOTHER, KEY, Cause, new_session, of_session, of_victim
from tests.attacks.second_factor import log_in
from tests.support.factories import PASSWORD
from tests.support.time_shift import session_was_confirmed

if TYPE_CHECKING:
    import httpx

    from tests.attacks.attack_fixtures import AttackContext


def log_in_with_a_recovery_code(context: AttackContext) -> httpx.Response:
    return log_in(context, code=context.authenticator.recovery_codes[0])


def step_up(context: AttackContext, password: str) -> httpx.Response:
    return context.victim.client.post("/auth/step-up", json={"password": password})


def let_the_confirmation_expire(context: AttackContext) -> None:
    session_was_confirmed(context.database, context.victim.session_id, ago=timedelta(minutes=11))


SECOND_FACTOR = (
    Cause("second_factor_started", lambda context: context.victim.client.post("/auth/totp"), of_session),
    Cause(
        "second_factor_added",
        lambda context: context.victim.client.post("/auth/totp/confirm", json={"code": context.started.code()}),
        lambda context, answer: of_victim(context, answer) | {"sessions_ended": 1},
        prepare=lambda context: (context.elsewhere, context.started),
    ),
    Cause(
        "second_factor_failed",
        lambda context: context.victim.client.post("/auth/totp/confirm", json={"code": context.started.wrong_code()}),
        of_victim,
        level="warning",
        prepare=lambda context: context.started,
        when="by the first code",
    ),
    Cause(
        "second_factor_asked",
        log_in,
        of_victim,
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "second_factor_failed",
        lambda context: log_in(context, code=context.authenticator.wrong_code()),
        of_victim,
        level="warning",
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "recovery_code_used",
        log_in_with_a_recovery_code,
        lambda context, answer: of_victim(context, answer) | {"codes_left": 9},
        level="warning",
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "signed_in",
        log_in_with_a_recovery_code,
        lambda context, answer: new_session(context, answer) | {"second_factor": "recovery_code"},
        prepare=lambda context: context.authenticator,
        when="with a recovery code",
    ),
    Cause(
        "recovery_codes_renewed",
        lambda context: context.victim.client.post("/auth/totp/recovery-codes"),
        of_victim,
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "second_factor_removed",
        lambda context: context.victim.client.delete("/auth/totp"),
        lambda context, answer: of_victim(context, answer) | {"sessions_ended": 0},
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "second_factor_removed",
        lambda context: context.admin.client.delete(f"/users/{context.victim.user_id}/totp"),
        lambda context, answer: of_victim(context, answer) | {"by": context.admin.user_id, "sessions_ended": 1},
        prepare=lambda context: context.authenticator,
        when="by an admin",
    ),
    Cause("session_confirmed", lambda context: step_up(context, PASSWORD), of_session),
    Cause("confirmation_failed", lambda context: step_up(context, ANOTHER), of_session, level="warning"),
    Cause(
        "access_denied",
        lambda context: context.victim.client.post("/auth/keys", json=KEY),
        lambda context, answer: (
            of_session(context, answer) | {"code": "confirmation_required", "method": "POST", "path": "/auth/keys"}
        ),
        level="warning",
        prepare=let_the_confirmation_expire,
        when="without a confirmation",
    ),
)
