"""The audit log as a table: what brings each event about, and what it says besides who asked from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.support.factories import PASSWORD
from tests.support.time_shift import spent

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import Scene

ANOTHER = f"{PASSWORD}, and a staple"
TYPED = "a-password-typed-as-the-name"
KEY = {"name": "nightly import", "scopes": ["books:write"]}


@dataclass(frozen=True)
class Cause:
    """What brings an event about: one request, after what was prepared; and what the event then says."""

    event: str
    ask: Callable[[Scene], httpx.Response]
    facts: Callable[[Scene, Any], dict[str, Any]]
    level: str = "info"
    prepare: Callable[[Scene], object] = lambda _scene: None
    when: str = ""

    def __str__(self) -> str:
        return f"{self.event} {self.when}".strip()


def _victim(scene: Scene, _answer: Any) -> dict[str, Any]:
    return {"user_id": scene.victim.user_id}


def _here(scene: Scene, _answer: Any) -> dict[str, Any]:
    return {"user_id": scene.victim.user_id, "session_id": scene.victim.session_id}


def _by_admin(scene: Scene, **facts: Any) -> dict[str, Any]:
    return {"user_id": scene.victim.user_id, "by": scene.admin.user_id, **facts}


def _log_in(scene: Scene, username: str, password: str) -> httpx.Response:
    return scene.nobody.post("/auth/login", json={"username": username, "password": password})


def _new_session(scene: Scene, answer: Any) -> dict[str, Any]:
    return {"user_id": scene.victim.user_id, "session_id": scene.victim.with_tokens(answer).session_id}


def _change_password(scene: Scene, current: str) -> httpx.Response:
    return scene.victim.client.put("/auth/password", json={"current_password": current, "new_password": ANOTHER})


def _patch(**changes: Any) -> Callable[[Scene], httpx.Response]:
    return lambda scene: scene.admin.client.patch(f"/users/{scene.victim.user_id}", json=changes)


def _steal(scene: Scene) -> None:
    scene.victim.refresh()
    spent(scene.database, scene.victim.refresh_token, ago=timedelta(seconds=11))


CAUSES = (
    Cause(
        "registered",
        lambda scene: scene.nobody.post("/register", json={"username": TYPED, "password": PASSWORD}),
        lambda _scene, answer: {"user_id": answer["id"]},
    ),
    Cause("signed_in", lambda scene: _log_in(scene, scene.victim.username, PASSWORD), _new_session),
    Cause(
        "sign_in_failed",
        lambda scene: _log_in(scene, scene.victim.username, ANOTHER),
        _victim,
        level="warning",
        when="by a wrong password",
    ),
    Cause(
        "sign_in_failed",
        lambda scene: _log_in(scene, TYPED, PASSWORD),
        lambda _scene, _answer: {"user_id": None},
        level="warning",
        when="by an unknown name",
    ),
    Cause("signed_out", lambda scene: scene.victim.client.post("/auth/logout"), _here),
    Cause(
        "session_ended",
        lambda scene: scene.elsewhere.client.delete(f"/auth/sessions/{scene.victim.session_id}"),
        _here,
        prepare=lambda scene: scene.elsewhere,
    ),
    Cause(
        "session_ended",
        lambda scene: scene.elsewhere.client.post("/auth/logout", json={"refresh_token": scene.victim.refresh_token}),
        _here,
        prepare=lambda scene: scene.elsewhere,
        when="by a logout elsewhere",
    ),
    Cause(
        "signed_out_everywhere",
        lambda scene: scene.victim.client.post("/auth/logout-all"),
        lambda scene, answer: _victim(scene, answer) | {"sessions_ended": 1},
    ),
    Cause(
        "signed_out_everywhere",
        lambda scene: scene.admin.client.post(f"/users/{scene.victim.user_id}/logout-all"),
        lambda scene, _answer: _by_admin(scene, sessions_ended=1),
        when="by an admin",
    ),
    Cause(
        "refresh_token_reused",
        lambda scene: scene.nobody.post("/auth/refresh", json={"refresh_token": scene.victim.refresh_token}),
        _here,
        level="warning",
        prepare=_steal,
    ),
    Cause(
        "password_changed",
        lambda scene: _change_password(scene, PASSWORD),
        lambda scene, answer: _victim(scene, answer) | {"sessions_ended": 1},
        prepare=lambda scene: scene.elsewhere,
    ),
    Cause("password_change_failed", lambda scene: _change_password(scene, ANOTHER), _victim, level="warning"),
    Cause(
        "password_reset_issued",
        lambda scene: scene.admin.client.post(f"/users/{scene.victim.user_id}/password-reset"),
        lambda scene, _answer: _by_admin(scene),
    ),
    Cause(
        "password_reset",
        lambda scene: scene.nobody.post("/auth/password-reset", json={"token": scene.reset, "new_password": ANOTHER}),
        lambda scene, answer: _victim(scene, answer) | {"sessions_ended": 1},
        prepare=lambda scene: scene.reset,
    ),
    Cause(
        "password_reset_failed",
        lambda scene: scene.nobody.post("/auth/password-reset", json={"token": "bp_made-up", "new_password": ANOTHER}),
        lambda _scene, _answer: {"user_id": None},
        level="warning",
    ),
    Cause(
        "role_changed",
        _patch(role="admin"),
        lambda scene, _answer: _by_admin(scene, role="admin", sessions_ended=1),
    ),
    Cause("user_disabled", _patch(disabled=True), lambda scene, _answer: _by_admin(scene, sessions_ended=1)),
    Cause(
        "user_enabled",
        _patch(disabled=False),
        lambda scene, _answer: _by_admin(scene, sessions_ended=0),
        prepare=_patch(disabled=True),
    ),
    Cause(
        "key_created",
        lambda scene: scene.victim.client.post("/auth/keys", json=KEY),
        lambda scene, answer: _victim(scene, answer) | {"key_id": answer["id"], "scopes": KEY["scopes"]},
    ),
    Cause(
        "key_revoked",
        lambda scene: scene.victim.client.delete(f"/auth/keys/{scene.key_id}"),
        lambda scene, answer: _victim(scene, answer) | {"key_id": scene.key_id},
        prepare=lambda scene: scene.key_id,
    ),
)
