"""Roles of users and scopes of API keys."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypeAliasType

Role = TypeAliasType("Role", Literal["member", "admin"])
MEMBER: Role = "member"
ADMIN: Role = "admin"

Scope = TypeAliasType("Scope", Literal["books:read", "books:write", "imports"])
READ: Scope = "books:read"
WRITE: Scope = "books:write"
IMPORTS: Scope = "imports"
