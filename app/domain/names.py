"""Comparing names: which spellings are the same name, and which letters are the same."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from hashlib import blake2b

LONGEST_NAME = 1_000
"""Characters. No record has so long a name, but any client may send one: normalization sorts combining marks in
quadratic time. A thousand of them take 1 ms, ten thousand 100, and a million would block Python for minutes."""
LONGEST_KEY = 500

APOSTROPHES = "'`\u00b4\u02bb\u02bc\u2018\u2019\uff07"
JOINERS = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, *range(0xFE00, 0xFE10), 0xFEFF])
"""Invisible characters within words or after emoji."""
LETTERS_APART = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "ـ": "",
    }
)
"""Letters that Unicode does not decompose, though people without them on the keyboard do; and Arabic's tatweel
(U+0640), a stroke that only lengthens."""
ACCENTS_FROM = 10
"""The lowest combining class of accents and points. Marks below it are parts of letters (Unicode 16, section 4.3)."""


def pluralize(number: int, thing: str) -> str:
    """`1 session`, `2 sessions`: for nouns with a regular plural."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def fold(text: str) -> str:
    """The form in which two spellings of a name are equal: NFKC, casefolded, with runs of white space as one space.

    Source: Unicode 16, section 3.13, D147 (compatibility caseless matching), with white space collapsed.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text).casefold()).casefold()
    return " ".join(folded.split())


def plain(text: str, *, keeping: frozenset[int] = frozenset()) -> str:
    """Text without case, accents and compatibility forms of letters.

    Search, sort keys and filters share it, so that they agree on which letters are the same.

    Args:
        text: any text.
        keeping: the combining classes of marks that are kept.
    """
    if text.isascii():
        return text.casefold().replace("_", " ")
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(JOINERS)
    kept = "".join(
        letter for letter in decomposed if (mark := unicodedata.combining(letter)) < ACCENTS_FROM or mark in keeping
    )
    return unicodedata.normalize("NFC", kept).casefold().translate(LETTERS_APART).replace("_", " ")


@lru_cache(maxsize=8_192)
def name_key(name: str) -> str:
    """The identity of a name: the folded name, truncated and with a digest where it would not fit an index.

    Usernames, genres and authors in imports are the same if their keys are. Lists are sorted and filtered by other
    keys: see `app/domain/sort_keys.py`. PostgreSQL indexes at most 2,704 bytes, and one letter can fold to eighteen. A
    text longer than any name is not folded: no record has it in any spelling.
    """
    folded = fold(name) if len(name) <= LONGEST_NAME else name
    if len(folded) <= LONGEST_KEY:
        return folded
    return folded[:LONGEST_KEY] + blake2b(folded.encode(), digest_size=16).hexdigest()
