"""The audit log as a table: what brings each event about, and what it says besides who asked from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.security.identity import ExternalIdentity
from app.services.accounts.identities import IdentityService
from tests.support.factories import PASSWORD, Factory
from tests.support.time_shift import refresh_token_was_spent

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import AttackContext

ANOTHER = f"{PASSWORD}, and a staple"
NOTE = "for Bob, who keeps the poetry"
TYPED = "a-password-typed-as-the-name"
NOTHING_MORE = {"resets_voided": 0, "invitations_voided": 0, "keys_revoked": 0}
RENAME = {"name": "Sci-Fi", "new_name": "Science Fiction"}
ISSUER = "https://id.example"
KEY = {"name": "nightly import", "scopes": ["books:write"]}
WEBHOOK = {"url": "https://receiver.example/"}


@dataclass(frozen=True)
class Cause:
    """What brings an event about: one request, after what was prepared; and what the event then says."""

    event: str
    ask: Callable[[AttackContext], httpx.Response]
    facts: Callable[[AttackContext, Any], dict[str, Any]]
    level: str = "info"
    prepare: Callable[[AttackContext], object] = lambda _context: None
    when: str = ""

    def __str__(self) -> str:
        return f"{self.event} {self.when}".strip()


def _victim(context: AttackContext, _answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id}


def _here(context: AttackContext, _answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "session_id": context.victim.session_id}


def _by_admin(context: AttackContext, **facts: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "by": context.admin.user_id, **facts}


def _log_in(context: AttackContext, username: str, password: str) -> httpx.Response:
    return context.anonymous.post("/auth/login", json={"username": username, "password": password})


def _new_session(context: AttackContext, answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "session_id": context.victim.with_tokens(answer).session_id}


def _change_password(context: AttackContext, current: str) -> httpx.Response:
    return context.victim.client.put("/auth/password", json={"current_password": current, "new_password": ANOTHER})


def _delete_account(context: AttackContext, current: str) -> httpx.Response:
    return context.victim.client.post("/auth/me/deletion", json={"current_password": current})


def _patch(**changes: Any) -> Callable[[AttackContext], httpx.Response]:
    return lambda context: context.admin.client.patch(f"/users/{context.victim.user_id}", json=changes)


def _steal(context: AttackContext) -> None:
    context.victim.refresh()
    refresh_token_was_spent(context.database, context.victim.refresh_token, ago=timedelta(seconds=11))


def _code(context: AttackContext, subject: str) -> str:
    """A code that proves this identity."""
    with context.database.transaction() as db:
        return IdentityService(db).issue_code(ExternalIdentity(ISSUER, subject, "alice"), None)


def _prove(context: AttackContext, subject: str = "1") -> None:
    """Sign in at the provider: keep the code."""
    context.__dict__["code"] = _code(context, subject)


def _link(context: AttackContext) -> httpx.Response:
    return context.victim.client.post("/auth/identities", json={"sign_in_code": context.__dict__["code"]})


def _link_and_prove(context: AttackContext) -> None:
    _prove(context)
    context.__dict__["linked"] = _link(context).raise_for_status().json()
    _prove(context)


def _exchange(context: AttackContext) -> httpx.Response:
    return context.anonymous.post("/auth/oidc/token", json={"sign_in_code": context.__dict__["code"]})


def _unlink(context: AttackContext) -> httpx.Response:
    return context.victim.client.delete(f"/auth/identities/{context.__dict__['linked']['id']}")


def _of_webhook(event: str, method: str, path: str, body: dict[str, Any] | None = None, **facts: str) -> Cause:
    """A request about the admin's webhook. `facts` are named by what `context.webhook` has."""

    def ask(context: AttackContext) -> httpx.Response:
        return context.admin.client.request(method, path.format(**context.webhook), json=body)

    def said(context: AttackContext, _answer: Any) -> dict[str, Any]:
        common = {"webhook_id": context.webhook["id"], "by": context.admin.user_id}
        return common | {name: context.webhook[value] for name, value in facts.items()}

    return Cause(event, ask, said, prepare=lambda context: context.webhook)


CAUSES = (
    Cause(
        "registered",
        lambda context: context.anonymous.post("/register", json={"username": TYPED, "password": PASSWORD}),
        lambda _context, answer: {"user_id": answer["id"]},
    ),
    Cause(
        "registered",
        lambda context: context.anonymous.post(
            "/register", json={"username": TYPED, "password": PASSWORD, "invitation": context.invitation["token"]}
        ),
        lambda context, answer: {"user_id": answer["id"], "invitation_id": context.invitation["id"]},
        prepare=lambda context: context.invitation,
        when="with an invitation",
    ),
    Cause("signed_in", lambda context: _log_in(context, context.victim.username, PASSWORD), _new_session),
    Cause(
        "sign_in_failed",
        lambda context: _log_in(context, context.victim.username, ANOTHER),
        _victim,
        level="warning",
        when="by a wrong password",
    ),
    Cause(
        "sign_in_failed",
        lambda context: _log_in(context, TYPED, PASSWORD),
        lambda _context, _answer: {"user_id": None},
        level="warning",
        when="by an unknown name",
    ),
    Cause(
        "signed_in",
        _exchange,
        lambda context, answer: _new_session(context, answer) | {"by": "oidc"},
        prepare=_link_and_prove,
        when="at the provider",
    ),
    Cause(
        "sign_in_failed",
        _exchange,
        lambda _context, _answer: {"user_id": None, "issuer": ISSUER, "subject": "2"},
        level="warning",
        prepare=lambda context: _prove(context, "2"),
        when="by an identity that is not linked",
    ),
    Cause(
        "identity_linked",
        _link,
        lambda context, answer: _victim(context, answer) | {"identity_id": answer["id"]},
        prepare=_prove,
    ),
    Cause(
        "identity_unlinked",
        _unlink,
        lambda context, _answer: {
            "user_id": context.victim.user_id,
            "identity_id": context.__dict__["linked"]["id"],
            "sessions_ended": 0,
        },
        prepare=_link_and_prove,
    ),
    Cause("signed_out", lambda context: context.victim.client.post("/auth/logout"), _here),
    Cause(
        "session_ended",
        lambda context: context.elsewhere.client.delete(f"/auth/sessions/{context.victim.session_id}"),
        _here,
        prepare=lambda context: context.elsewhere,
    ),
    Cause(
        "session_ended",
        lambda context: context.elsewhere.client.post(
            "/auth/logout", json={"refresh_token": context.victim.refresh_token}
        ),
        _here,
        prepare=lambda context: context.elsewhere,
        when="by a logout elsewhere",
    ),
    Cause(
        "signed_out_everywhere",
        lambda context: context.victim.client.post("/auth/logout-all"),
        lambda context, answer: _victim(context, answer) | {"sessions_ended": 1, **NOTHING_MORE},
    ),
    Cause(
        "signed_out_everywhere",
        lambda context: context.admin.client.post(f"/users/{context.victim.user_id}/logout-all"),
        lambda context, _answer: _by_admin(context, sessions_ended=1, **NOTHING_MORE),
        when="by an admin",
    ),
    Cause(
        "refresh_token_reused",
        lambda context: context.anonymous.post("/auth/refresh", json={"refresh_token": context.victim.refresh_token}),
        _here,
        level="warning",
        prepare=_steal,
    ),
    Cause(
        "password_changed",
        lambda context: _change_password(context, PASSWORD),
        lambda context, answer: _victim(context, answer) | {"sessions_ended": 1, **NOTHING_MORE},
        prepare=lambda context: context.elsewhere,
    ),
    Cause("password_change_failed", lambda context: _change_password(context, ANOTHER), _victim, level="warning"),
    Cause(
        "account_deleted",
        lambda context: _delete_account(context, PASSWORD),
        lambda context, answer: _victim(context, answer) | {"sessions_ended": 1, "keys_revoked": 0},
    ),
    Cause(
        "account_deleted",
        lambda context: context.admin.client.delete(f"/users/{context.victim.user_id}"),
        lambda context, _answer: _by_admin(context, sessions_ended=1, keys_revoked=1),
        prepare=lambda context: context.key_id,
        when="by an admin",
    ),
    Cause("account_deletion_failed", lambda context: _delete_account(context, ANOTHER), _victim, level="warning"),
    Cause(
        "password_reset_issued",
        lambda context: context.admin.client.post(f"/users/{context.victim.user_id}/password-reset"),
        lambda context, _answer: _by_admin(context),
    ),
    Cause(
        "password_reset",
        lambda context: context.anonymous.post(
            "/auth/password-reset", json={"token": context.reset, "new_password": ANOTHER}
        ),
        lambda context, answer: (
            _victim(context, answer) | {"sessions_ended": 1, "resets_voided": 0, "invitations_voided": 0}
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
        lambda context, _answer: _by_admin(context, role="admin", sessions_ended=1),
    ),
    Cause("user_disabled", _patch(disabled=True), lambda context, _answer: _by_admin(context, sessions_ended=1)),
    Cause(
        "user_enabled",
        _patch(disabled=False),
        lambda context, _answer: _by_admin(context, sessions_ended=0),
        prepare=_patch(disabled=True),
    ),
    Cause(
        "key_created",
        lambda context: context.victim.client.post("/auth/keys", json=KEY),
        lambda context, answer: _victim(context, answer) | {"key_id": answer["id"], "scopes": KEY["scopes"]},
    ),
    Cause(
        "key_revoked",
        lambda context: context.victim.client.delete(f"/auth/keys/{context.key_id}"),
        lambda context, answer: _victim(context, answer) | {"key_id": context.key_id},
        prepare=lambda context: context.key_id,
    ),
    Cause(
        "key_revoked",
        lambda context: context.admin.client.delete(f"/users/{context.victim.user_id}/keys/{context.key_id}"),
        lambda context, _answer: _by_admin(context, key_id=context.key_id),
        prepare=lambda context: context.key_id,
        when="by an admin",
    ),
    Cause(
        "invitation_created",
        lambda context: context.admin.client.post("/invitations", json={"note": NOTE}),
        lambda context, answer: {"invitation_id": answer["id"], "by": context.admin.user_id},
    ),
    Cause(
        "invitation_revoked",
        lambda context: context.admin.client.delete(f"/invitations/{context.invitation['id']}"),
        lambda context, _answer: {"invitation_id": context.invitation["id"], "by": context.admin.user_id},
        prepare=lambda context: context.invitation,
    ),
    Cause(
        "webhook_created",
        lambda context: context.admin.client.post("/webhooks", json=WEBHOOK),
        lambda context, answer: {"webhook_id": answer["id"], "by": context.admin.user_id},
    ),
    _of_webhook("webhook_changed", "PATCH", "/webhooks/{id}", {"enabled": False}, fields="changed"),
    _of_webhook("webhook_secret_rotated", "POST", "/webhooks/{id}/secret"),
    _of_webhook(
        "webhook_redelivered", "POST", "/webhooks/{id}/deliveries/{delivery_id}/redeliver", delivery_id="delivery_id"
    ),
    _of_webhook("webhook_replayed", "POST", "/webhooks/{id}/replay", {"since": "2026-11-22T10:00:00Z"}),
    _of_webhook("webhook_deleted", "DELETE", "/webhooks/{id}"),
    Cause(
        "genre_renamed",
        lambda context: context.admin.client.post("/genres/rename", json=RENAME),
        lambda context, _answer: {**RENAME, "books": 1, "complete": True, "by": context.admin.user_id},
        prepare=lambda context: Factory(context.anonymous).book(context.victim.client, genres=[RENAME["name"]]),
    ),
    Cause(
        "access_denied",
        lambda context: context.victim.client.get("/users"),
        lambda context, answer: _here(context, answer) | {"code": "not_admin", "method": "GET", "path": "/users"},
        level="warning",
    ),
)
