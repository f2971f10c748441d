"""What comes to `POST /auth/refresh` and is no valid refresh token."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.security.credentials import REFRESH_TOKEN, digest, successor
from tests.attacks.forging import altered
from tests.support.time_shift import refresh_token_was_spent

if TYPE_CHECKING:
    from tests.attacks.attack_fixtures import AttackContext
    from tests.attacks.credentials import Credential

OTHER_SECRET = "another secret, also of more than 32 bytes"  # noqa: S105


def _replayed(context: AttackContext) -> str:
    context.victim.refresh()
    refresh_token_was_spent(context.database, context.victim.refresh_token, ago=timedelta(seconds=11))
    return context.victim.refresh_token


def _first_of_a_long_line(context: AttackContext) -> str:
    context.victim.refresh().refresh().refresh()
    refresh_token_was_spent(context.database, context.victim.refresh_token, ago=timedelta(days=29))
    return context.victim.refresh_token


def _next_after_a_theft(context: AttackContext) -> str:
    following = context.victim.refresh()
    refresh_token_was_spent(context.database, context.victim.refresh_token, ago=timedelta(seconds=11))
    assert (
        context.anonymous.post("/auth/refresh", json={"refresh_token": context.victim.refresh_token}).status_code == 401
    )
    return following.refresh_token


def _of_the_attacker_after_a_logout(context: AttackContext) -> str:
    context.attacker.client.post("/auth/logout").raise_for_status()
    return context.attacker.refresh_token


REFRESHING: dict[str, Credential] = {
    "an access token": lambda context: context.victim.access_token,
    "a key": lambda context: context.victim.new_key(),
    "a password reset": lambda context: context.reset,
    "only the prefix": lambda _context: REFRESH_TOKEN,
    "one that was never issued": lambda _context: REFRESH_TOKEN + "A" * 43,
    "one cut short": lambda context: context.victim.refresh_token[:-1],
    "one with another letter": lambda context: altered(context.victim.refresh_token, 20),
    "one in capitals": lambda context: context.victim.refresh_token.upper(),
    "one with spaces around it": lambda context: f" {context.victim.refresh_token} ",
    "its digest, as it is kept": lambda context: digest(context.victim.refresh_token),
    "a wildcard": lambda _context: f"{REFRESH_TOKEN}%",
    "SQL": lambda _context: "' OR '1'='1",
    "the next one, guessed with another secret": lambda context: successor(context.victim.refresh_token, OTHER_SECRET),
    "one that was spent": _replayed,
    "the first of a long line": _first_of_a_long_line,
    "the good one, after a theft": _next_after_a_theft,
    "one's own, after a logout": _of_the_attacker_after_a_logout,
}
