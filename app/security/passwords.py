"""Rules for new passwords, after OWASP ASVS 5.0, section 6.2."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.names import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings import Settings

LONGEST = 256
"""Characters. A body with two such passwords, each character escaped twice, still fits `SmallBody`."""
SERVICE_WORDS = frozenset(
    {"book", "books", "bookapi", "booksapi", "catalog", "catalogue", "library", "author", "authors"}
)
"""Words that are easy to guess for this service (ASVS 6.2.11)."""


def fault_of_password(password: str, username: str | None, settings: Settings) -> str | None:
    """What is wrong with a new password, in plain words; None if it is acceptable.

    Lengths are in code points, of the password as typed (NIST SP 800-63B, "Password Verifiers").

    Args:
        password: as the user typed it.
        username: the user's name; None if it is not known.
        settings: the minimum length, and whether common passwords are refused.
    """
    if len(password) < settings.password_min_length:
        return f"must have at least {settings.password_min_length} characters"
    if len(password) > LONGEST:
        return f"must have at most {LONGEST} characters"
    if "\0" in password:
        return "must not contain a NUL"
    if username and _is_name(fold(password), fold(username)):
        return "must not be your username"
    if settings.password_blocklist:
        return _fault_of_common(password)
    return None


def _fault_of_common(password: str) -> str | None:
    folded = fold(password)
    if "\n" not in folded and f"\n{folded}\n" in common_passwords():
        return "is among the most common passwords"
    if _only(str.isalpha, folded) in SERVICE_WORDS:
        return "must not be a word that belongs to this service"
    return None


def _is_name(password: str, name: str) -> bool:
    """Whether the password is the name, possibly with digits and signs in or around it. Both are folded."""
    for kind in (str.isalpha, str.isalnum):  # a name of digits alone has no letters to compare
        if bare := _only(kind, name):
            return _only(kind, password) == bare
    return password == name


def _only(kind: Callable[[str], bool], text: str) -> str:
    return "".join(filter(kind, text))


@cache
def common_passwords() -> str:
    """The 30,000 most common passwords, in lower case, each between line breaks: the list of zxcvbn (MIT).

    Some 11,600 of them have eight letters or more; ASVS 6.2.4 asks for 3,000 that satisfy the other rules. The shorter
    ones count where `PASSWORD_MIN_LENGTH` is lower. The text takes 0.2 MB, a set 4 MB; to search it takes less than a
    thousandth of the time of the hash that follows.
    """
    return "\n" + Path(__file__).with_name("common_passwords.txt").read_text("utf-8")
