"""What causes an event of the audit log, and the facts that many events have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import AttackContext

ANOTHER = f"{PASSWORD}, and a staple"
NOTE = "for Bob, who keeps the poetry"
TYPED = "a-password-typed-as-the-name"
NOTHING_MORE = {"resets_voided": 0, "invitations_voided": 0, "keys_revoked": 0}
KEY = {"name": "nightly import", "scopes": ["books:write"]}


@dataclass(frozen=True)
class Cause:
    """What causes an event: one request, after what was prepared; and the facts that the event then has."""

    event: str
    send: Callable[[AttackContext], httpx.Response]
    facts: Callable[[AttackContext, Any], dict[str, Any]]
    level: str = "info"
    prepare: Callable[[AttackContext], object] = lambda _context: None
    when: str = ""

    def __str__(self) -> str:
        return f"{self.event} {self.when}".strip()


def of_victim(context: AttackContext, _answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id}


def of_session(context: AttackContext, _answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "session_id": context.victim.session_id}


def by_admin(context: AttackContext, **facts: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "by": context.admin.user_id, **facts}


def new_session(context: AttackContext, answer: Any) -> dict[str, Any]:
    return {"user_id": context.victim.user_id, "session_id": context.victim.with_tokens(answer).session_id}
