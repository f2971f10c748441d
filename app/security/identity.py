"""The authenticated principal, and the stored credentials that a login is checked against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.security.roles import ADMIN, Role, Scope


@dataclass(frozen=True)
class Principal:
    """The principal of a request: a user in a session, or a program with one of that user's API keys."""

    id: int
    username: str
    role: Role
    session_id: int | None = None
    key_id: int | None = None
    scopes: frozenset[Scope] | None = None
    """The scopes of the API key; None for a session, which has no such limits."""
    has_second_factor: bool = False
    """Whether the account has a second factor; not looked up for an API key."""
    confirmed_at: datetime | None = None
    """When the user last gave the password or a code in this session."""
    must_be_confirmed: bool = False
    """Whether the operation needs a recent confirmation, also when it commits."""

    @property
    def is_admin(self) -> bool:
        """Whether the user is an admin."""
        return self.role == ADMIN


class Credentials(NamedTuple):
    """What a login is checked against."""

    user_id: int
    username: str
    password_hash: str
    has_second_factor: bool
