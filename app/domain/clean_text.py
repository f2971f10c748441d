"""Text as it is kept: in NFC, without control characters, and with something to see."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

WHITE = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace() and not "\x1c" <= letter <= "\x1f")
"""White_Space (Unicode 16, PropList). Python's `strip` takes four control characters for spaces as well."""
UNSEEN_ENDS = "\ufeff\u200b\u2060"
"""Byte order mark, zero width space and word joiner: at the ends of a text they mean nothing."""
ENDS = WHITE + UNSEEN_ENDS
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""The fillers of Hangul and the empty cell of braille: letters and a symbol by category, and nothing to see."""
PLANE_14 = "\U000e0000"
"""Tags and more that is never seen; after it come only private letters, which are assigned."""
NONCHARACTER = re.compile(
    f"[\ufdd0-\ufdef{''.join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))}]"
)
OVERRIDES = frozenset("\u202d\u202e")
OPENING = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
"""Embeddings and isolates, each with what closes it (UAX #9, section 2)."""
MOST_MARKS = 30
"""Combining marks in a row (UAX #15, section 13, Stream-Safe Text). NFC puts them in order in a time that grows with
their square: 10,000 took 0.5 s, 40,000 took 8 s."""
# Not regex's `\p{M}`: what counts is the combining class, in the version of Unicode that normalizes the text.
MARKS = "".join(re.escape(letter) for letter in map(chr, range(0x300, 0x20000)) if unicodedata.combining(letter))
MANY_MARKS = re.compile(f"[{MARKS}]{{{MOST_MARKS + 1}}}")
MOST_DECOMPOSED = 4
"""Characters of NFD that can become one of NFC: a text that is longer than that many times the limit is too long."""


def clean_line(text: str, at_most: int) -> str:
    """A text of one line, such as a title: trimmed, in NFC.

    Raises:
        ValueError: it is empty, too long, or has what no line has; the message says so in plain words.
    """
    line = _composed(text.strip(ENDS), at_most)
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in _suspect(line)):
        msg = "must not contain control characters or line breaks"
        raise ValueError(msg)
    _require_sound(line)
    return line


def require_visible(line: str) -> str:
    """The text, if there is something to see.

    Raises:
        ValueError: it is empty, or a browser shows nothing.
    """
    if not any(map(_visible, line)):
        msg = "must have a visible character" if line else "must not be empty"
        raise ValueError(msg)
    return line


def clean_prose(text: str, at_most: int) -> str:
    """A text of many lines, such as a description: in NFC, and with line feeds between the lines.

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
    """What has to be looked at letter by letter: little of what people write is not printable in Python's sense."""
    return "" if text.isprintable() else text


def _composed(text: str, at_most: int) -> str:
    if len(text) <= at_most * MOST_DECOMPOSED:
        text = _nfc(text)
    if len(text) > at_most:
        msg = f"must have at most {at_most} characters"
        raise ValueError(msg)
    return text


def same_text(one: str, other: str) -> bool:
    """Whether two short texts are the same letters, composed or not."""
    return one == other or unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _nfc(text: str) -> str:
    if text.isascii():
        return text
    if MANY_MARKS.search(text):
        msg = f"must not have more than {MOST_MARKS} combining marks in a row"
        raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


def _visible(letter: str) -> bool:
    """Whether there is something to see where this stands alone: a letter, number, sign or symbol.

    What is not assigned counts, as it may be a letter of a later Unicode; plane 14 has none.
    """
    category = unicodedata.category(letter)
    if category == "Cn":
        return letter < PLANE_14
    return (category[0] in "LNPS" or category == "Co") and letter not in BLANK_LETTERS


def _require_sound(line: str) -> None:
    """Stop what changes how the text after it is shown, on a page that shows the line among others.

    Overrides show letters in another order than they have, which no title needs. Embeddings and isolates are found in
    catalogues of Hebrew and Arabic books; one that is not closed goes on after the title (UAX #9, section 3.3.2).
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
    """Whether every embedding and isolate is closed, and nothing is closed that was not opened."""
    open_ones: Counter[str] = Counter()
    for letter in line:
        if letter in OPENING:
            open_ones[OPENING[letter]] += 1
        elif letter in OPENING.values():
            open_ones[letter] -= 1
            if open_ones[letter] < 0:
                return False
    return not any(open_ones.values())
