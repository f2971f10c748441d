"""Recovery codes: for users without their authenticator. Each can be used once, and only digests are stored."""

from __future__ import annotations

import re
import secrets

GROUPS, GROUP_LENGTH = 4, 6
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""Base32: no 0 or 1, which look like letters."""
MOST = 10
"""The size of a set."""
CODE = re.compile(rf"[{ALPHABET}]{{{GROUPS * GROUP_LENGTH}}}")


def new_codes() -> list[str]:
    """A new set of codes such as `k3vq7a-p2mwzc-…`.

    Each has 120 random bits. From 112 bits on, a plain digest is safe to store (ASVS 5.0, 6.5.2).
    """
    return ["-".join(_group() for _ in range(GROUPS)) for _ in range(MOST)]


def canonical(code: str) -> str:
    """A code without spaces and hyphens, in lower case: the form whose digest is stored."""
    return code.replace("-", "").replace(" ", "").lower()


def _group() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH))
