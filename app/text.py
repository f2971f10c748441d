"""Text as people compare it."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

LONGEST_KEY = 500


def fold(text: str) -> str:
    """The form under which two spellings of a name are one: NFKC, without case, runs of spaces as one.

    Source: Unicode 16, section 3.13, D147 (compatibility caseless matching), with white space collapsed.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text).casefold()).casefold()
    return " ".join(folded.split())


def name_key(name: str) -> str:
    """What makes two names one: the folded name, cut short with a digest where it would not fit an index.

    PostgreSQL indexes at most 2,704 bytes, and one letter can fold to eighteen.
    """
    folded = fold(name)
    if len(folded) <= LONGEST_KEY:
        return folded
    return folded[:LONGEST_KEY] + blake2b(folded.encode(), digest_size=16).hexdigest()
