"""Passwords: what is good enough."""

from __future__ import annotations

from app.hashing import LONGEST


def fault_of_password(password: str, shortest: int) -> str | None:
    """What is wrong with a new password, in plain words; nothing if it is good enough.

    Args:
        password: as the user typed it.
        shortest: the fewest bytes, in UTF-8, that will do.
    """
    size = len(password.encode())
    if size < shortest:
        return f"must be at least {shortest} bytes long"
    if size > LONGEST:
        return f"must be at most {LONGEST} bytes long, as bcrypt reads no more"
    if "\0" in password:
        return "must not contain a NUL"
    return None
