"""Authenticator apps, as users have them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyotp

if TYPE_CHECKING:
    from tests.support.client import Client

STEP = 30


@dataclass(frozen=True)
class Authenticator:
    """An authenticator app, with the recovery codes that its user wrote down."""

    secret: str
    recovery_codes: tuple[str, ...] = ()

    def code(self, steps: int = 0, at: float | None = None) -> str:
        """The code that it shows now, or so many steps later."""
        return pyotp.TOTP(self.secret).at((time.time() if at is None else at) + steps * STEP)

    def wrong_code(self, at: float | None = None) -> str:
        """Six digits that it does not show in any step near now."""
        shown = {self.code(steps, at) for steps in range(-3, 4)}
        return next(code for code in ("000000", "111111", *map(str, range(200_000, 200_008))) if code not in shown)


def start_second_factor(member: Client) -> Authenticator:
    """An authenticator that its user has not confirmed yet."""
    return Authenticator(member.post("/auth/totp").raise_for_status().json()["secret"])


def add_second_factor(member: Client, at: float | None = None) -> Authenticator:
    """The second factor of a user whose session is confirmed. The code of the current step is used up."""
    started = start_second_factor(member)
    reply = member.post("/auth/totp/confirm", json={"code": started.code(at=at)}).raise_for_status()
    return Authenticator(started.secret, tuple(reply.json()["codes"]))
