"""The audit log as a table, continued: what causes each event of second factors and confirmations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.api.audit_causes import ANOTHER, KEY, Cause
from tests.attacks.second_factor import log_in
from tests.support.factories import PASSWORD
from tests.support.time_shift import session_was_confirmed

if TYPE_CHECKING:
    import httpx

    from tests.attacks.attack_fixtures import AttackContext


def victim(context: AttackContext, _answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id}


def here(context: AttackContext, _answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "session_id": context.victim.session_id}


def new_session(context: AttackContext, answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "session_id": context.victim.with_tokens(answer).session_id}


def log_in_with_a_recovery_code(context: AttackContext) -> httpx.Response:
    return log_in(context, code=context.authenticator.recovery_codes[0])


def step_up(context: AttackContext, password: str) -> httpx.Response:
    return context.victim.client.post("/auth/step-up", json={"password": password})


def let_the_confirmation_lapse(context: AttackContext) -> None:
    session_was_confirmed(context.database, context.victim.session_id, ago=timedelta(minutes=11))


SECOND_FACTOR_CAUSES = (
    Cause("second_factor_started", lambda context: context.victim.client.post("/auth/totp"), here),
    Cause(
        "second_factor_added",
        lambda context: context.victim.client.post("/auth/totp/confirm", json={"code": context.started.code()}),
        lambda context, answer: victim(context, answer) | {"sessions_ended": 1},
        prepare=lambda context: (context.elsewhere, context.started),
    ),
    Cause(
        "second_factor_failed",
        lambda context: context.victim.client.post("/auth/totp/confirm", json={"code": context.started.wrong_code()}),
        victim,
        level="warning",
        prepare=lambda context: context.started,
        when="by the first code",
    ),
    Cause(
        "second_factor_asked",
        log_in,
        victim,
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "second_factor_failed",
        lambda context: log_in(context, code=context.authenticator.wrong_code()),
        victim,
        level="warning",
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "recovery_code_used",
        log_in_with_a_recovery_code,
        lambda context, answer: victim(context, answer) | {"codes_left": 9},
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
        victim,
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "second_factor_removed",
        lambda context: context.victim.client.delete("/auth/totp"),
        lambda context, answer: victim(context, answer) | {"sessions_ended": 0},
        prepare=lambda context: context.authenticator,
    ),
    Cause(
        "second_factor_removed",
        lambda context: context.admin.client.delete(f"/users/{context.victim.user_id}/totp"),
        lambda context, answer: victim(context, answer) | {"by": context.admin.user_id, "sessions_ended": 1},
        prepare=lambda context: context.authenticator,
        when="by an admin",
    ),
    Cause("session_confirmed", lambda context: step_up(context, PASSWORD), here),
    Cause("confirmation_failed", lambda context: step_up(context, ANOTHER), here, level="warning"),
    Cause(
        "access_denied",
        lambda context: context.victim.client.post("/auth/keys", json=KEY),
        lambda context, answer: (
            here(context, answer) | {"code": "confirmation_required", "method": "POST", "path": "/auth/keys"}
        ),
        level="warning",
        prepare=let_the_confirmation_lapse,
        when="without a confirmation",
    ),
)
