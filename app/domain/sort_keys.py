"""Keys by which lists are sorted and filtered. They are compared by code point, so both databases agree.

A key has two levels, as in the Unicode Collation Algorithm (UTS 10), with one rule for all languages. The first is the
text without case, accents and marks. The second is the text as `fold` returns it, only where that differs.
Whether two names are the same name is decided by `name_key` instead.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from app.domain.names import APOSTROPHES, LONGEST_NAME, fold, plain

RULE = 3
"""Increase it when a key changes, or what it is derived from: cursors of the former rule are then refused, and a
migration recomputes all keys."""
LONGEST_FIRST = 1_500
"""Bytes: 500 letters of three bytes. With the second level, a digest and the id, an index entry stays below the 2,704
bytes that PostgreSQL allows."""
LONGEST_SECOND = 500

SECOND_LEVEL, LEADING_ZERO, COMMA = "\x01", "\x02", "\x03"
"""They sort before the space, so that a text that ends with one comes before a text that continues with a word."""
AFTER_ALL = "\U0010fffd"
"""Sorts after every letter: `и` followed by it sorts between `и` and `к`."""
NEIGHBOURS = (
    "аәӕ гґғҕ дђѓ еє жҗ зҙѕ ийіїј кқҡҟҝќ лљ нңҥњ оө пҧ сҫ тћ уўүұ хҳһ цҵ чҷҹџ"  # Cyrillic
    " بپ تٹ جچ دڈ رڑ زژ كگ"  # Arabic
    " bɓ dɗ eɛəǝ kƙ nŋ oɔ yƴ"  # Latin
)
"""Separate letters whose place in the alphabet differs from that of their code point: each sorts after the first of its
group. Source: the order of the Unicode Collation Algorithm, and of the alphabets in CLDR."""
LETTERS_OF_THEIR_OWN = str.maketrans(
    {
        letter: group[0] + AFTER_ALL * place
        for group in NEIGHBOURS.split()
        for place, letter in enumerate(group)
        if place
    }
    | {"ک": "ك", "ی": "ي"}
)

VOWELS = frozenset({84, 91, 103, 118, 129, 130, 132})
"""Combining classes of the vowels of Telugu, Thai, Lao and Tibetan: not accents, although search drops them."""
VOWEL_FIRST = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])|([\u0ec0-\u0ec4])([\u0e81-\u0eae])")
"""Thai and Lao write some vowels before the consonant after which they are pronounced and sorted."""
NUMBER = re.compile(r"\d+")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
MOST_COUNTED_DIGITS = ord("`") - ord("0")
"""The character that counts the digits must sort before the letters, however many digits there are."""

KEPT_SIGNS = "#&%*@"
"""Punctuation that distinguishes names: `C#` is not `C`. So do all symbols (`C++`)."""
UNSEEN_SIGNS = APOSTROPHES + '"\u00b7\u2032\u2033'
"""Signs within words that do not separate them."""
FRACTION_SLASH = "\u2044"


class _Signs(dict[int, str | None]):
    """What each character becomes. Each is looked up in the Unicode tables once."""

    def __missing__(self, code: int) -> str | None:
        self[code] = result = _sign(chr(code))
        return result


def _sign(letter: str) -> str | None:
    category = unicodedata.category(letter)
    if letter in KEPT_SIGNS:
        return letter
    if letter in UNSEEN_SIGNS or category in {"Ps", "Pe", "Pi", "Pf", "Cf"}:
        return None
    if "\ufe00" <= letter <= "\ufe0f" or ("\u02b9" <= letter <= "\u02df" and category == "Lm"):
        return None  # emoji variation selectors, and apostrophes in transliterations
    return " " if category[0] in "PZ" or category == "Cc" or letter == FRACTION_SLASH else letter


SIGNS = _Signs()
CONTROLS = dict.fromkeys([*range(32), 127], " ")


@lru_cache(maxsize=2_048)
def sort_key(text: str) -> str:
    """The sort key of a title: `École` beside `Ecole`, `¡Hola!` at H, `Volume 2` before `Volume 10`."""
    letters = _letters(text)
    return _with_second_level(_filter_key(letters, text), letters, text)


def person_key(sort_name: str) -> str:
    """The sort key of a person: as for titles, but every `Smith, …` comes before `Smith Jones, …`."""
    family, comma, given = sort_name.partition(",")
    if not comma or not _letters(family):
        return sort_key(sort_name)
    first = _counted(_letters(family)) + COMMA + _counted(_letters(given))
    return _with_second_level(_cut(first), first, sort_name)


def filter_key(text: str) -> str:
    """The key that filters compare: equal for names that differ only in case, accents and marks.

    Genres, publishers and series are sorted by it as well. A name of nothing but marks comes before all others.
    """
    return _filter_key(_letters(text), text)


def _filter_key(letters: str, text: str) -> str:
    return _cut(_counted(letters) or " " + _as_written(text))


def _letters(text: str) -> str:
    """The text without case, accents and marks."""
    text = text[:LONGEST_NAME]
    if text.isascii():
        letters = plain(text)
        parts = letters.split()
        if "".join(parts).isalpha():  # most texts: there is nothing to replace
            return " ".join(parts)
    else:
        placed = fold(text).translate(LETTERS_OF_THEIR_OWN)
        without_accents = plain(placed, keeping=VOWELS).translate(LETTERS_OF_THEIR_OWN)
        letters = VOWEL_FIRST.sub(r"\2\1\4\3", without_accents)
    kept = " ".join(THOUSANDS.sub("", letters).translate(SIGNS).split())
    start = next((place for place, letter in enumerate(kept) if letter.isalnum()), len(kept))
    return kept[start:]


def _counted(letters: str) -> str:
    """Numbers in sortable form: each begins with the count of its digits, so that 2 comes before 10."""
    return NUMBER.sub(_number, letters)


def _number(found: re.Match[str]) -> str:
    digits = "".join(str(unicodedata.digit(digit)) for digit in found[0])
    significant = digits.lstrip("0") or "0"
    count = min(len(significant), MOST_COUNTED_DIGITS)
    return chr(ord("0") + count) + significant + LEADING_ZERO * (len(digits) - len(significant))


def _with_second_level(first: str, letters: str, text: str) -> str:
    second = _as_written(text)
    return first if letters in {second, ""} else first + SECOND_LEVEL + _start(second, LONGEST_SECOND)


def _as_written(text: str) -> str:
    """The text with its accents and marks, and without control characters."""
    folded = fold(text[:LONGEST_NAME])
    return folded if folded.isprintable() else " ".join(folded.translate(CONTROLS).split())


def _cut(key: str) -> str:
    """A key that fits an index: one that is too long is truncated and ends in a digest, so that it stays unique."""
    start = _start(key, LONGEST_FIRST)
    if start == key:
        return key
    return start + blake2b(key.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _start(text: str, size: int) -> str:
    """The longest start of the text that fits this many bytes of UTF-8."""
    encoded = text.encode(errors="surrogatepass")
    return text if len(encoded) <= size else encoded[:size].decode(errors="ignore")
