"""Text as it is stored: in NFC, without control characters, and with something visible."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

WHITE = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace() and not "\x1c" <= letter <= "\x1f")
"""White_Space (Unicode 16, PropList). Python's `strip` also strips four control characters."""
UNSEEN_ENDS = "\ufeff\u200b\u2060"
"""Byte order mark, zero width space and word joiner, which mean nothing at the ends of a text."""
ENDS = WHITE + UNSEEN_ENDS
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""The Hangul fillers and the empty braille cell: letters and a symbol by category, but invisible."""
HIDDEN = frozenset({"Cf", "Cn", "Co", "Cs"})
"""Categories of characters that do not show, or have no shape that everyone agrees on."""
SELECTORS = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors and the combining grapheme joiner: marks by category, but invisible."""
PLANE_14 = "\U000e0000"
"""Start of tags and other invisible characters; after them come only private-use characters, which are assigned."""
NONCHARACTER = re.compile(
    f"[\ufdd0-\ufdef{''.join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))}]"
)
OVERRIDES = frozenset("\u202d\u202e")
OPENING = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
"""Embeddings and isolates, each with the character that closes it (UAX #9, section 2)."""
MOST_MARKS = 30
"""Combining marks in a row (UAX #15, section 13, Stream-Safe Text). NFC sorts them in quadratic time: 10,000 took
0.5 s, 40,000 took 8 s."""
# Not regex's `\p{M}`: what counts is the combining class, in the version of Unicode that normalizes the text.
MARKS = "".join(re.escape(letter) for letter in map(chr, range(0x300, 0x20000)) if unicodedata.combining(letter))
MANY_MARKS = re.compile(f"[{MARKS}]{{{MOST_MARKS + 1}}}")
FURTHER_MARKS = re.compile(f"([{MARKS}]{{{MOST_MARKS}}})[{MARKS}]+")
MOST_DECOMPOSED = 4
"""Characters of NFD that can become one of NFC: a text of more than this many times the limit is too long."""


def clean_line(text: str, at_most: int) -> str:
    """A text of one line, such as a title: trimmed, in NFC.

    Raises:
        ValueError: it is too long, or has characters that do not belong in a line; the message says so in plain words.
    """
    if len(text) <= at_most and text.isascii() and text.isprintable():  # most are
        return text.strip(" ")
    line = _composed(text.strip(ENDS), at_most)
    if line.isprintable():  # such a line has none of what follows
        return line
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in line):
        msg = "must not contain control characters or line breaks"
        raise ValueError(msg)
    _require_sound(line)
    return line


def require_visible(line: str) -> str:
    """The text, if any of it is visible.

    Raises:
        ValueError: it is empty, or a browser shows nothing of it.
    """
    if not any(map(_visible, line)):
        msg = "must have a visible character" if line else "must not be empty"
        raise ValueError(msg)
    return line


def require_legible(name: str) -> str:
    """The name, if every character of it shows: otherwise two that look the same could be different users.

    Raises:
        ValueError: it contains characters that are invisible or change the direction of others.
    """
    if any(unicodedata.category(letter) in HIDDEN or letter in BLANK_LETTERS for letter in name) or SELECTORS.search(
        name
    ):
        msg = "must not contain invisible characters or marks of direction"
        raise ValueError(msg)
    return name


def clean_prose(text: str, at_most: int) -> str:
    """A text of several lines, such as a description: in NFC, with line feeds between the lines.

    Raises:
        ValueError: it is too long, or has control characters other than tabs and line breaks.
    """
    prose = _composed(text.strip(UNSEEN_ENDS).replace("\r\n", "\n").replace("\r", "\n"), at_most)
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in _suspect(prose)):
        msg = "must not contain control characters other than tabs and line breaks"
        raise ValueError(msg)
    for paragraph in prose.split("\n"):
        _require_sound(paragraph)
    return prose


def _suspect(text: str) -> str:
    """The text, if its characters have to be checked one by one: most text is printable in Python's sense."""
    return "" if text.isprintable() else text


def _composed(text: str, at_most: int) -> str:
    if len(text) <= at_most * MOST_DECOMPOSED:
        text = _nfc(text)
    if len(text) > at_most:
        msg = f"must have at most {at_most} characters"
        raise ValueError(msg)
    return text


def same_text(one: str, other: str) -> bool:
    """Whether two short texts are canonically equivalent: the same letters, composed or not."""
    return one == other or composed(one) == composed(other)


def composed(text: str) -> str:
    """The form in which canonically equivalent texts are equal."""
    return unicodedata.normalize("NFC", text)


def with_few_marks(text: str) -> str:
    """The text of a search, without the combining marks beyond those that a stored text can have in a row."""
    return text if text.isascii() else FURTHER_MARKS.sub(r"\1", text)


def _nfc(text: str) -> str:
    if text.isascii():
        return text
    if MANY_MARKS.search(text):
        msg = f"must not have more than {MOST_MARKS} combining marks in a row"
        raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


def _visible(letter: str) -> bool:
    """Whether the character is visible by itself: a letter, number, punctuation mark or symbol.

    Unassigned characters count as visible, since a later Unicode may make them letters; not so in plane 14.
    """
    category = unicodedata.category(letter)
    if category == "Cn":
        return letter < PLANE_14
    return (category[0] in "LNPS" or category == "Co") and letter not in BLANK_LETTERS


def _require_sound(line: str) -> None:
    """Refuse characters that would change how the text after the line is displayed on a page.

    Overrides display letters in another order, which no title needs. Embeddings and isolates occur in catalogues of
    Hebrew and Arabic books; one that is not closed extends beyond the title (UAX #9, section 3.3.2).
    """
    if line.isprintable():
        return
    if NONCHARACTER.search(line):
        msg = "must not contain noncharacters, such as U+FFFF"
        raise ValueError(msg)
    if not OVERRIDES.isdisjoint(line) or not _balanced(line):
        msg = "must not contain direction overrides, or embeddings and isolates that are not closed"
        raise ValueError(msg)


def _balanced(line: str) -> bool:
    """Whether every embedding and isolate is closed, and none is closed that was not opened."""
    open_ones: Counter[str] = Counter()
    for letter in line:
        if letter in OPENING:
            open_ones[OPENING[letter]] += 1
        elif letter in OPENING.values():
            open_ones[letter] -= 1
            if open_ones[letter] < 0:
                return False
    return not any(open_ones.values())
