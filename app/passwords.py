"""Passwords: what is good enough, and how one is kept."""

from __future__ import annotations

import os
from threading import BoundedSemaphore

from passlib.hash import bcrypt

LONGEST = 72
"""Bytes that bcrypt reads. A longer password is refused, never cut short silently."""

_hashing = BoundedSemaphore(max(1, (os.cpu_count() or 2) // 2))
"""A hash takes about 0.3 s of a core, outside Python's lock: a flood of logins must leave cores to the readers."""


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


def hash_password(password: str, rounds: int) -> str:
    """A bcrypt hash, with 2**rounds steps."""
    with _hashing:
        return str(bcrypt.using(rounds=rounds).hash(password))


class Verifier:
    """Compares passwords with hashes, and takes as long where there is no hash."""

    def __init__(self, rounds: int) -> None:
        self._decoy = hash_password("nobody's password", rounds)

    def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether this is the password. One that bcrypt would cut short is simply a wrong one."""
        usable = fault_of_password(password, 0) is None
        with _hashing:
            matched = bcrypt.verify(password if usable else "", password_hash or self._decoy)
        return bool(matched) and usable and password_hash is not None
