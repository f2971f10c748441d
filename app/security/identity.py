"""The authenticated principal, and the stored credentials that a login is checked against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.security.roles import ADMIN, Role, Scope

SUBJECT = re.compile(r"[ -~]{1,255}")
"""The subject of an identity (OpenID Connect Core 1.0, section 2)."""


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


class ExternalIdentity(NamedTuple):
    """A user as an OpenID provider knows it: `issuer` and `subject` name it, and never anything else."""

    issuer: str
    subject: str
    username: str | None
    """The preferred username: not unique, and may change; only a proposal for a new account."""


class Credentials(NamedTuple):
    """What a login is checked against."""

    user_id: int
    username: str
    password_hash: str
    has_second_factor: bool
