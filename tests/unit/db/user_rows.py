"""Rows of the table of users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def user(number: int, name: str) -> dict[str, Any]:
    """A user with that id and name."""
    return {
        "id": number,
        "username": name,
        "username_key": name,
        "password_hash": "",
        "role": "member",
        "created_at": datetime.now(UTC),
    }
