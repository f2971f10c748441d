"""What counts as a word, and when two words are nearly one. Records and queries go through the same functions."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

from app.text import APOSTROPHES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_WORD = 60
MOST_WORDS = 32
"""Words of a query that count: those after them would only make it slow."""
SHORTEST_FORGIVEN = 4
"""Letters of a word in which a slip is forgiven: shorter ones are all one slip away from each other."""

NO_SPACES = (
    "\u0e00-\u0e3e\u0e40-\u0e4e\u0e50-\u0e59\u0e5c-\u0eff\u1000-\u1049\u1050-\u109d"  # Thai, Lao, Burmese
    "\u1780-\u17d3\u17d7\u17dc-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Scripts that put no spaces between words: there, each two letters that follow each other count as a word. Their signs
(the middle dot in `ドン・キホーテ`) are left out: they end a word."""
MARKS = "".join(
    re.escape(letter) for letter in map(chr, range(0x300, 0x10000)) if unicodedata.category(letter)[0] == "M"
)
"""Python's `\\w` leaves out the signs of vowels that Hindi, Tamil and others write upon their letters."""
RUN = re.compile(rf"[{NO_SPACES}]+|(?:[^\W{NO_SPACES}]|[{MARKS}])+")


def words(text: str) -> list[str]:
    """The words of a text, in order and with repeats; a text of nothing but signs counts as one word.

    An apostrophe joins (`o'brien` is `obrien`), and its parts count as well, so that `brien` finds it.
    """
    found: list[str] = []
    for chunk in plain(text).split():
        joined = chunk.translate(dict.fromkeys(map(ord, APOSTROPHES)))
        found += _runs(joined)
        if joined != chunk:
            found += [run for run in _runs(chunk.translate(dict.fromkeys(map(ord, APOSTROPHES), " "))) if len(run) > 1]
    return found or _signs(text)


def query_words(text: str) -> list[str]:
    """The words that a query asks for, each once; the last may be a beginning."""
    found: list[str] = []
    for chunk in plain(text).split():
        found += _runs(chunk.translate(dict.fromkeys(map(ord, APOSTROPHES))), asked=True)
    return list(dict.fromkeys(found or _signs(text)))[-MOST_WORDS:]


def variants(word: str) -> set[str]:
    """The word, and what is left of it without one of its letters.

    Two words that are one slip apart (a letter too many, too few, another, or two changed about) share one of these.
    Source: W. Garbe, symmetric delete spelling correction.
    """
    return {word} | {word[:index] + word[index + 1 :] for index in range(len(word))}


def forgiven(word: str) -> bool:
    """Whether a slip in this word is forgiven."""
    return len(word) >= SHORTEST_FORGIVEN and not word.isdigit() and not without_spaces(word)


def without_spaces(word: str) -> bool:
    """Whether the word is of a script that puts no spaces between words."""
    return bool(re.match(rf"[{NO_SPACES}]", word))


def one_slip_apart(one: str, other: str) -> bool:
    """Whether a letter too many, too few, another, or two neighbours changed about make the one word the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = next((index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest, other_rest = one[start:], other[start:]
    if len(one) < len(other):
        return rest == other_rest[1:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == other_rest[1:] or swapped == other_rest


def _runs(chunk: str, *, asked: bool = False) -> list[str]:
    found: list[str] = []
    for run in RUN.findall(chunk):
        if not without_spaces(run):
            found.append(run[:LONGEST_WORD])
        elif asked and len(run) > 1:
            found += _pairs(run)
        else:
            found += [*_pairs(run), run[-1]]  # the last letter by itself, so that it can be asked for alone
    return found


def _pairs(run: str) -> list[str]:
    return [first + second for first, second in pairwise(run)]


def _signs(text: str) -> list[str]:
    """A title such as `???` is found by itself, spelled in letters that every index takes."""
    return [f"u{''.join(chunk.split()).encode().hex()}"[:LONGEST_WORD] for chunk in text.split()]


def new_variants(of_words: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a variant and its word, in one order for all, so that no two writers wait for each other."""
    return sorted((variant, word) for word in of_words for variant in variants(word))
