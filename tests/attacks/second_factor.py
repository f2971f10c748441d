"""Attacks on the second factor and on confirmations, by name: what each sends, and how it is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.support.authenticators import add_second_factor
from tests.support.factories import PASSWORD
from tests.support.time_shift import session_was_confirmed

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import AttackContext

    Attack = Callable[[AttackContext], httpx.Response]

WRONG_CODE, UNCONFIRMED = (401, "second_factor_invalid"), (401, "confirmation_required")
KEY = {"name": "of a thief", "scopes": ["books:write"]}


def log_in(context: AttackContext, **more: Any) -> httpx.Response:
    """With the victim's password, which the attacker knows."""
    return context.anonymous.post(
        "/auth/login", json={"username": context.victim.username, "password": PASSWORD, **more}
    )


def _again(context: AttackContext, code: str) -> httpx.Response:
    log_in(context, code=code).raise_for_status()
    return log_in(context, code=code)


def _the_code_that_added_it(context: AttackContext) -> httpx.Response:
    code = context.started.code()
    context.victim.client.post("/auth/totp/confirm", json={"code": code}).raise_for_status()
    return log_in(context, code=code)


def _of_an_earlier_step(context: AttackContext) -> httpx.Response:
    log_in(context, code=context.authenticator.code(1)).raise_for_status()
    return log_in(context, code=context.authenticator.code())


def _at_a_step_up_after_a_login(context: AttackContext) -> httpx.Response:
    code = context.authenticator.code(1)
    log_in(context, code=code).raise_for_status()
    return context.victim.client.post("/auth/step-up", json={"code": code})


def _of_a_former_set(context: AttackContext) -> httpx.Response:
    former = context.authenticator.recovery_codes[0]
    context.victim.client.post("/auth/totp/recovery-codes").raise_for_status()
    return log_in(context, code=former)


def _of_a_second_factor_that_was_removed(context: AttackContext) -> httpx.Response:
    former = context.authenticator.recovery_codes[0]
    context.victim.client.delete("/auth/totp").raise_for_status()
    add_second_factor(context.victim.client)
    return log_in(context, code=former)


def _with_a_stolen_session(method: str, path: str, body: Any = None, *, is_admin: bool = False) -> Attack:
    """The session of the victim, or of an admin, whose last confirmation is eleven minutes old."""

    def attack(context: AttackContext) -> httpx.Response:
        stolen = context.admin if is_admin else context.victim
        assert context.victim.is_signed_in
        session_was_confirmed(context.database, stolen.session_id, ago=timedelta(minutes=11))
        address = path.format(user_id=context.victim.user_id)
        return stolen.refresh().client.request(method, address, json=body)

    return attack


def _with_second_factor(attack: Attack) -> Attack:
    def attack_it(context: AttackContext) -> httpx.Response:
        assert context.authenticator
        return attack(context)

    return attack_it


BY_CODES: dict[str, tuple[Attack, tuple[int, str]]] = {
    "only the password": (log_in, (401, "second_factor_required")),
    "a code twice": (lambda context: _again(context, context.authenticator.code(1)), WRONG_CODE),
    "a code of an earlier step": (_of_an_earlier_step, WRONG_CODE),
    "a code two steps ahead": (lambda context: log_in(context, code=context.authenticator.code(3)), WRONG_CODE),
    "a code two steps old": (lambda context: log_in(context, code=context.authenticator.code(-2)), WRONG_CODE),
    "a code of a login at a step-up": (_at_a_step_up_after_a_login, WRONG_CODE),
    "a code of another user": (
        lambda context: log_in(context, code=add_second_factor(context.attacker.client).code(1)),
        WRONG_CODE,
    ),
    "a recovery code twice": (
        lambda context: _again(context, context.authenticator.recovery_codes[0]),
        WRONG_CODE,
    ),
    "a recovery code of another user": (
        lambda context: log_in(context, code=add_second_factor(context.attacker.client).recovery_codes[0]),
        WRONG_CODE,
    ),
    "a recovery code of a former set": (_of_a_former_set, WRONG_CODE),
    "a recovery code of a second factor that was removed": (_of_a_second_factor_that_was_removed, WRONG_CODE),
    "the password at a step-up": (
        lambda context: context.victim.client.post("/auth/step-up", json={"password": PASSWORD}),
        (401, "second_factor_required"),
    ),
    "removing it with a stolen session": (_with_a_stolen_session("DELETE", "/auth/totp"), UNCONFIRMED),
    "new recovery codes with a stolen session": (
        _with_a_stolen_session("POST", "/auth/totp/recovery-codes"),
        UNCONFIRMED,
    ),
    "removing it with the stolen session of an admin": (
        _with_a_stolen_session("DELETE", "/users/{user_id}/totp", is_admin=True),
        UNCONFIRMED,
    ),
}
"""Attacks on a victim with a second factor."""

ATTACKS: dict[str, tuple[Attack, tuple[int, str]]] = {
    **{name: (_with_second_factor(attack), refusal) for name, (attack, refusal) in BY_CODES.items()},
    "the code that added it": (_the_code_that_added_it, WRONG_CODE),
    "adding one with a stolen session": (_with_a_stolen_session("POST", "/auth/totp"), UNCONFIRMED),
    "a key with a stolen session": (_with_a_stolen_session("POST", "/auth/keys", KEY), UNCONFIRMED),
    "a role with the stolen session of an admin": (
        _with_a_stolen_session("PATCH", "/users/{user_id}", {"role": "admin"}, is_admin=True),
        UNCONFIRMED,
    ),
    "disabling a user with the stolen session of an admin": (
        _with_a_stolen_session("PATCH", "/users/{user_id}", {"disabled": True}, is_admin=True),
        UNCONFIRMED,
    ),
    "a password reset with the stolen session of an admin": (
        _with_a_stolen_session("POST", "/users/{user_id}/password-reset", is_admin=True),
        UNCONFIRMED,
    ),
}
