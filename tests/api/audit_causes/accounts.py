"""What causes each event of accounts: passwords, deletion, roles and API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.audit_causes.cause import ANOTHER, KEY, NOTHING_MORE, Cause, by_admin, of_victim
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import AttackContext


def _change_password(context: AttackContext, current: str) -> httpx.Response:
    return context.victim.client.put("/auth/password", json={"current_password": current, "new_password": ANOTHER})


def _delete_account(context: AttackContext, current: str) -> httpx.Response:
    return context.victim.client.post("/auth/me/deletion", json={"current_password": current})


def _patch(**changes: Any) -> Callable[[AttackContext], httpx.Response]:
    return lambda context: context.admin.client.patch(f"/users/{context.victim.user_id}", json=changes)


ACCOUNTS = (
    Cause(
        "password_changed",
        lambda context: _change_password(context, PASSWORD),
        lambda context, answer: of_victim(context, answer) | {"sessions_ended": 1, **NOTHING_MORE},
        prepare=lambda context: context.elsewhere,
    ),
    Cause("password_change_failed", lambda context: _change_password(context, ANOTHER), of_victim, level="warning"),
    Cause(
        "account_deleted",
        lambda context: _delete_account(context, PASSWORD),
        lambda context, answer: of_victim(context, answer) | {"sessions_ended": 1, "keys_revoked": 0},
    ),
    Cause(
        "account_deleted",
        lambda context: context.admin.client.delete(f"/users/{context.victim.user_id}"),
        lambda context, _answer: by_admin(context, sessions_ended=1, keys_revoked=1),
        prepare=lambda context: context.key_id,
        when="by an admin",
    ),
    Cause("account_deletion_failed", lambda context: _delete_account(context, ANOTHER), of_victim, level="warning"),
    Cause(
        "password_reset_issued",
        lambda context: context.admin.client.post(f"/users/{context.victim.user_id}/password-reset"),
        lambda context, _answer: by_admin(context),
    ),
    Cause(
        "password_reset",
        lambda context: context.anonymous.post(
            "/auth/password-reset", json={"token": context.reset, "new_password": ANOTHER}
        ),
        lambda context, answer: (
            of_victim(context, answer) | {"sessions_ended": 1, "resets_voided": 0, "invitations_voided": 0}
        ),
        prepare=lambda context: context.reset,
    ),
    Cause(
        "password_reset_failed",
        lambda context: context.anonymous.post(
            "/auth/password-reset", json={"token": "bp_made-up", "new_password": ANOTHER}
        ),
        lambda _context, _answer: {"user_id": None},
        level="warning",
    ),
    Cause(
        "role_changed",
        _patch(role="admin"),
        lambda context, _answer: by_admin(context, role="admin", sessions_ended=1),
    ),
    Cause("user_disabled", _patch(disabled=True), lambda context, _answer: by_admin(context, sessions_ended=1)),
    Cause(
        "user_enabled",
        _patch(disabled=False),
        lambda context, _answer: by_admin(context, sessions_ended=0),
        prepare=_patch(disabled=True),
    ),
    Cause(
        "key_created",
        lambda context: context.victim.client.post("/auth/keys", json=KEY),
        lambda context, answer: of_victim(context, answer) | {"key_id": answer["id"], "scopes": KEY["scopes"]},
    ),
    Cause(
        "key_revoked",
        lambda context: context.victim.client.delete(f"/auth/keys/{context.key_id}"),
        lambda context, answer: of_victim(context, answer) | {"key_id": context.key_id},
        prepare=lambda context: context.key_id,
    ),
    Cause(
        "key_revoked",
        lambda context: context.admin.client.delete(f"/users/{context.victim.user_id}/keys/{context.key_id}"),
        lambda context, _answer: by_admin(context, key_id=context.key_id),
        prepare=lambda context: context.key_id,
        when="by an admin",
    ),
)
