"""Text as people compare it."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

LONGEST_NAME = 10_000
"""Characters. No record has a name so long, but anybody may send one: to put a million combining marks in order keeps
Python from everything else for minutes, as the time grows with their square."""
LONGEST_KEY = 500


def counted(number: int, thing: str) -> str:
    """`1 session`, `2 sessions`: for things whose plural is regular."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def fold(text: str) -> str:
    """The form under which two spellings of a name are one: NFKC, without case, runs of spaces as one.

    Source: Unicode 16, section 3.13, D147 (compatibility caseless matching), with white space collapsed.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text).casefold()).casefold()
    return " ".join(folded.split())


def name_key(name: str) -> str:
    """What makes two names one: the folded name, cut short with a digest where it would not fit an index.

    PostgreSQL indexes at most 2,704 bytes, and one letter can fold to eighteen. What is longer than any name is not
    folded: it is nobody's in any spelling.
    """
    folded = fold(name) if len(name) <= LONGEST_NAME else name
    if len(folded) <= LONGEST_KEY:
        return folded
    return folded[:LONGEST_KEY] + blake2b(folded.encode(), digest_size=16).hexdigest()
