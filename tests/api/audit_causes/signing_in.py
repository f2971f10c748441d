"""What causes each event of registrations, logins, sessions and identities."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.security.identity import ExternalIdentity
from app.services.accounts.identities import IdentityService
from tests.api.audit_causes.cause import (
    ANOTHER,
    NOTHING_MORE,
    TYPED,
    Cause,
    by_admin,
    new_session,
    of_session,
    of_victim,
)
from tests.support.factories import PASSWORD
from tests.support.time_shift import refresh_token_was_spent

if TYPE_CHECKING:
    import httpx

    from tests.attacks.attack_fixtures import AttackContext

ISSUER = "https://id.example"


def _log_in(context: AttackContext, username: str, password: str) -> httpx.Response:
    return context.anonymous.post("/auth/login", json={"username": username, "password": password})


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


SIGNING_IN = (
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
    Cause("signed_in", lambda context: _log_in(context, context.victim.username, PASSWORD), new_session),
    Cause(
        "sign_in_failed",
        lambda context: _log_in(context, context.victim.username, ANOTHER),
        of_victim,
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
        lambda context, answer: new_session(context, answer) | {"by": "oidc"},
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
        lambda context, answer: of_victim(context, answer) | {"identity_id": answer["id"]},
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
    Cause("signed_out", lambda context: context.victim.client.post("/auth/logout"), of_session),
    Cause(
        "session_ended",
        lambda context: context.elsewhere.client.delete(f"/auth/sessions/{context.victim.session_id}"),
        of_session,
        prepare=lambda context: context.elsewhere,
    ),
    Cause(
        "session_ended",
        lambda context: context.elsewhere.client.post(
            "/auth/logout", json={"refresh_token": context.victim.refresh_token}
        ),
        of_session,
        prepare=lambda context: context.elsewhere,
        when="by a logout elsewhere",
    ),
    Cause(
        "signed_out_everywhere",
        lambda context: context.victim.client.post("/auth/logout-all"),
        lambda context, answer: of_victim(context, answer) | {"sessions_ended": 1, **NOTHING_MORE},
    ),
    Cause(
        "signed_out_everywhere",
        lambda context: context.admin.client.post(f"/users/{context.victim.user_id}/logout-all"),
        lambda context, _answer: by_admin(context, sessions_ended=1, **NOTHING_MORE),
        when="by an admin",
    ),
    Cause(
        "refresh_token_reused",
        lambda context: context.anonymous.post("/auth/refresh", json={"refresh_token": context.victim.refresh_token}),
        of_session,
        level="warning",
        prepare=_steal,
    ),
    Cause(
        "access_denied",
        lambda context: context.victim.client.get("/users"),
        lambda context, answer: of_session(context, answer) | {"code": "not_admin", "method": "GET", "path": "/users"},
        level="warning",
    ),
)
