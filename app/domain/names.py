"""Text as people compare it: names that are one, and letters that are one."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

LONGEST_NAME = 10_000
"""Characters. No record has a name so long, but anybody may send one: to put a million combining marks in order keeps
Python from everything else for minutes, as the time grows with their square."""
LONGEST_KEY = 500

APOSTROPHES = "'`\u00b4\u02bb\u02bc\u2018\u2019\uff07"
JOINERS = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, *range(0xFE00, 0xFE10), 0xFEFF])
"""What stands within words, or after an emoji, and is not seen."""
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
"""Letters that Unicode does not take apart, though keyboards without them do; and Arabic's lengthening stroke."""
ACCENTS_FROM = 10
"""The least combining class of what is an accent or a point, and not a letter's own part (Unicode 16, section 4.3)."""


def counted(number: int, thing: str) -> str:
    """`1 session`, `2 sessions`: for things whose plural is regular."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def fold(text: str) -> str:
    """The form under which two spellings of a name are one: NFKC, without case, runs of spaces as one.

    Source: Unicode 16, section 3.13, D147 (compatibility caseless matching), with white space collapsed.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text).casefold()).casefold()
    return " ".join(folded.split())


def plain(text: str, *, keeping: frozenset[int] = frozenset()) -> str:
    """Text without case, accents and the differences between look-alike forms of one letter.

    Search, sort keys and filters share it, so that they agree on which letters are the same.

    Args:
        text: any text.
        keeping: combining classes of marks that stay.
    """
    if text.isascii():
        return text.casefold().replace("_", " ")
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(JOINERS)
    kept = "".join(
        letter for letter in decomposed if (mark := unicodedata.combining(letter)) < ACCENTS_FROM or mark in keeping
    )
    return unicodedata.normalize("NFC", kept).casefold().translate(LETTERS_APART).replace("_", " ")


def name_key(name: str) -> str:
    """What makes two names one: the folded name, cut short with a digest where it would not fit an index.

    This is identity (usernames, genres, authors in imports). What lists are sorted and filtered by is in
    `app/domain/sort_keys.py`. PostgreSQL indexes at most 2,704 bytes, and one letter can fold to eighteen. A text that
    is longer than any name is not folded: no record has it in any spelling.
    """
    folded = fold(name) if len(name) <= LONGEST_NAME else name
    if len(folded) <= LONGEST_KEY:
        return folded
    return folded[:LONGEST_KEY] + blake2b(folded.encode(), digest_size=16).hexdigest()
