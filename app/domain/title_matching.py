"""Titles of the same book in two spellings."""

from __future__ import annotations

import re

from app.domain.names import plain

BETWEEN_WORDS = re.compile(r"[\W_]+")


def titles_agree(one: str, other: str) -> bool:
    """Whether two titles may be of one book: they have the same words, or one has a subtitle or edition more.

    Case, accents and punctuation do not matter, nor whether words are joined (`Spider-Man`).
    """
    first, second = (list(filter(None, BETWEEN_WORDS.split(plain(title)))) for title in (one, other))
    return "".join(first) == "".join(second) or set(first) <= set(second) or set(second) <= set(first)
