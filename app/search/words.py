"""Splitting text into words. Records and queries use the same functions."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

from app.domain.names import APOSTROPHES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_WORD = 60
MOST_WORDS = 32
"""How many words of a query count: more would only make it slow."""

NO_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))
SPACES_FOR_APOSTROPHES = dict.fromkeys(NO_APOSTROPHES, " ")

NO_SPACES = (
    "\u0e00-\u0e3e\u0e40-\u0e4e\u0e50-\u0e59\u0e5c-\u0eff\u1000-\u1049\u1050-\u109d"  # Thai, Lao, Burmese
    "\u1780-\u17d3\u17d7\u17dc-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Scripts without spaces between words, in which each pair of adjacent letters counts as a word. Their punctuation (the
middle dot in `ドン・キホーテ`) is left out: it ends a word.

Not `\\p{Script=Han}` and the like of the package regex: in Unicode `ー` belongs to no script, some punctuation does;
2,395 characters would split words differently from the words that databases already store."""
MARKS = "".join(
    re.escape(letter) for letter in map(chr, range(0x300, 0x10000)) if unicodedata.category(letter)[0] == "M"
)
"""Python's `\\w` leaves out the vowel signs of Hindi, Tamil and others. The scan takes 18 ms. Importing regex for its
`\\p{M}` takes 13, and its Unicode is later than that of `unicodedata`, which folds the text."""
LETTER = rf"(?:[^\W{NO_SPACES}]|[{MARKS}])"
RUN = re.compile(rf"[{NO_SPACES}]+|{LETTER}+")
START_WITHOUT_SPACES = re.compile(rf"[{NO_SPACES}]")
HYPHENATED = re.compile(rf"[{NO_SPACES}]+|{LETTER}+(?:[-\u2010]{LETTER}+)*")
"""Runs of letters; hyphenated ones are kept together."""
MARKED = re.compile(rf"{LETTER}+[+#\u266f]+(?!{LETTER})")
"""Words with a mark, such as `C++`, `C#` and `A+`."""
MARK_LETTERS = str.maketrans({"+": "\ue02b", "#": "\ue023", "\u266f": "\ue023"})
"""Private use characters replace the marks, since SQLite's tokenizer treats them as letters, but not the marks."""
EMOJI = re.compile("[\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\U0001f000-\U0001faff]+")
"""Arrows, dingbats and pictographs, which are words wherever they occur."""


def words(text: str) -> list[str]:
    """The words under which a text is indexed: its own, in order and with repeats, and alternative spellings of them.

    An apostrophe joins (`o'brien` is `obrien`), and its parts count as well, so that `brien` finds it. Hyphenated words
    are also one word (`spider-man` is `spiderman`), and so are initials (`J. R. R.` is `jrr`). Marks that stand alone,
    and emoji anywhere, are words too.
    """
    folded = plain(text)
    chunks = folded.split()
    if folded.isascii() and "".join(chunks).isalnum() and sum(len(chunk) == 1 for chunk in chunks) <= 1:  # most texts
        return [chunk[:LONGEST_WORD] for chunk in chunks]
    found: list[str] = []
    for chunk in chunks:
        joined = chunk.translate(NO_APOSTROPHES)
        found += _runs(joined)
        if joined != chunk:
            found += [run for run in _runs(chunk.translate(SPACES_FOR_APOSTROPHES)) if len(run) > 1]
        if not chunk.isalnum():
            found += [*marked_words(joined), *_signs("".join(EMOJI.findall(chunk)) if RUN.search(joined) else chunk)]
    found += [one_word(unit) for unit in units(folded) if len(unit) > 1]
    return found or _signs(text)


def query_words(text: str) -> list[str]:
    """The words of a query, without duplicates."""
    folded = plain(text)
    found = _runs(folded.translate(NO_APOSTROPHES), of_query=True)
    return list(dict.fromkeys(found or _signs(folded) or _signs(text)))[-MOST_WORDS:]


def units(folded: str) -> list[list[str]]:
    """The runs of letters of a text that is `plain`; initials and hyphenated words are grouped."""
    found: list[list[str]] = []
    initials: list[str] = []
    for part in HYPHENATED.findall(folded.translate(NO_APOSTROPHES)):
        runs = RUN.findall(part)
        if all(map(_is_initial, runs)):
            if not initials:
                found.append(initials)
            initials += runs
        else:
            found.append(runs)
            initials = []
    return found


def one_word(runs: Iterable[str]) -> str:
    """Several runs of letters as one word."""
    return "".join(runs)[:LONGEST_WORD]


def pieces(run: str) -> list[str]:
    """The words of a run of letters in a query: one word, or, in a script without spaces, each pair of letters."""
    return _runs(run, of_query=True)


def marked_words(folded: str) -> list[str]:
    """The words with a mark, in which the mark is replaced by a letter."""
    return [word[-LONGEST_WORD:].translate(MARK_LETTERS) for word in MARKED.findall(folded)]


def without_spaces(word: str) -> bool:
    """Whether the word is in a script without spaces between words."""
    return START_WITHOUT_SPACES.match(word) is not None


def _runs(chunk: str, *, of_query: bool = False) -> list[str]:
    found: list[str] = []
    for run in RUN.findall(chunk):
        if run.isascii() or not without_spaces(run):
            found.append(run[:LONGEST_WORD])
        elif of_query and len(run) > 1:
            found += _pairs(run)
        else:
            found += [*_pairs(run), run[-1]]  # also the last letter by itself, so that it can be searched alone
    return found


def _is_initial(run: str) -> bool:
    return len(run) == 1 and run.isalpha() and not without_spaces(run)


def _pairs(run: str) -> list[str]:
    return [first + second for first, second in pairwise(run)]


def _signs(text: str) -> list[str]:
    """Marks as words, encoded in letters that every index accepts."""
    return [f"u{chunk.encode(errors='surrogatepass').hex()}"[:LONGEST_WORD] for chunk in text.split()]
