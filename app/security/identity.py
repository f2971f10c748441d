"""Who is who: whoever makes a request, and what a sign-in is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.security.roles import ADMIN, Role, Scope


@dataclass(frozen=True)
class SignedIn:
    """Whoever makes the request: a person in a session, or a program with a key of that user."""

    id: int
    username: str
    role: Role
    session_id: int | None = None
    scopes: frozenset[Scope] | None = None
    """What the key may do; None for a person, who may do all."""

    @property
    def is_admin(self) -> bool:
        """Whether the user may do what only admins may."""
        return self.role == ADMIN


class Credentials(NamedTuple):
    """What a sign-in is held against."""

    user_id: int
    username: str
    password_hash: str
