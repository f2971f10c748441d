"""What users may do, and what their keys may."""

from __future__ import annotations

from typing import Literal

Role = Literal["member", "admin"]
MEMBER: Role = "member"
ADMIN: Role = "admin"

Scope = Literal["books:read", "books:write", "imports"]
READ: Scope = "books:read"
WRITE: Scope = "books:write"
IMPORTS: Scope = "imports"
