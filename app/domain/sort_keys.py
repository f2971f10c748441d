"""Keys by which lists are sorted and filtered, the same on both databases: they are compared by their code points.

A key has two levels, as in the Unicode Collation Algorithm (UTS 10), with one rule for all languages. The first is the
text without case, accents and marks; the second, only where it differs from the first, is the text as `fold` has it.
What makes two names one is another matter: `name_key`.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from app.domain.names import APOSTROPHES, LONGEST_NAME, fold, plain

RULE = 2
"""Grows when a key changes: cursors of the rule before are then refused, and a migration computes all keys again."""
LONGEST_FIRST = 1_500
"""Bytes: 500 letters of three. With the second level, a digest and the id, an entry stays under the 2,704 bytes that
PostgreSQL indexes."""
LONGEST_SECOND = 500

SECOND_LEVEL, LEADING_ZERO, COMMA = "\x01", "\x02", "\x03"
"""They come before the space, so that what they end comes before what goes on with another word."""
AFTER_ALL = "\U0010fffd"
"""Comes after every letter: `и` with it is a letter between `и` and `к`."""
NEIGHBOURS = (
    "аәӕ гґғҕ дђѓ еє жҗ зҙѕ ийіїј кқҡҟҝќ лљ нңҥњ оө пҧ сҫ тћ уўүұ хҳһ цҵ чҷҹџ"  # Cyrillic
    " بپ تٹ جچ دڈ رڑ زژ كگ"  # Arabic
    " bɓ dɗ eɛəǝ kƙ nŋ oɔ yƴ"  # Latin
)
"""Letters of their own whose place in the alphabet is not that of their code point: each stands after the first of its
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
"""Combining classes of the vowels of Telugu, Thai, Lao and Tibetan: no accents, though search lets them fall."""
VOWEL_FIRST = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])|([\u0ec0-\u0ec4])([\u0e81-\u0eae])")
"""Thai and Lao write some vowels before the consonant after which they are spoken, and sorted."""
NUMBER = re.compile(r"\d+")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
MOST_COUNTED_DIGITS = ord("`") - ord("0")
"""The sign that counts them comes before the letters, however many they are."""

KEPT_SIGNS = "#&%*@"
"""Signs within a text that tell two names apart: `C#` is not `C`. So do symbols of all kinds (`C++`)."""
UNSEEN_SIGNS = APOSTROPHES + '"\u00b7\u2032\u2033'
"""Signs within words: they do not part them."""
FRACTION_SLASH = "\u2044"


class _Signs(dict[int, str | None]):
    """What becomes of each character; each is looked up in Unicode's tables once."""

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
        return None  # variants of emoji, and the apostrophes of transliterations
    return " " if category[0] in "PZ" or category == "Cc" or letter == FRACTION_SLASH else letter


SIGNS = _Signs()
CONTROLS = dict.fromkeys([*range(32), 127], " ")


def sort_key(text: str) -> str:
    """What titles are sorted by: `École` beside `Ecole`, `¡Hola!` at H, `Volume 2` before `Volume 10`."""
    letters = _letters(text)
    return _with_second_level(filter_key(text), letters, text)


def person_key(sort_name: str) -> str:
    """What persons are sorted by: as titles are, but every `Smith, …` comes before `Smith Jones, …`."""
    family, comma, given = sort_name.partition(",")
    if not comma or not _letters(family):
        return sort_key(sort_name)
    first = _counted(_letters(family)) + COMMA + _counted(_letters(given))
    return _with_second_level(_cut(first), first, sort_name)


def filter_key(text: str) -> str:
    """What filters compare: equal for two names that differ in case, accents and marks alone.

    Genres, publishers and series are sorted by it as well. A name of nothing but marks comes before all others.
    """
    return _cut(_counted(_letters(text)) or " " + _as_written(text))


def _letters(text: str) -> str:
    """The text without case, accents and marks."""
    text = text[:LONGEST_NAME]
    if text.isascii():
        letters = plain(text)
    else:
        placed = fold(text).translate(LETTERS_OF_THEIR_OWN)
        without_accents = plain(placed, keeping=VOWELS).translate(LETTERS_OF_THEIR_OWN)
        letters = VOWEL_FIRST.sub(r"\2\1\4\3", without_accents)
    kept = " ".join(THOUSANDS.sub("", letters).translate(SIGNS).split())
    start = next((place for place, letter in enumerate(kept) if letter.isalnum()), len(kept))
    return kept[start:]


def _counted(letters: str) -> str:
    """Numbers as they are sorted: each begins with the count of its digits, so that 2 comes before 10."""
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
    return " ".join(fold(text[:LONGEST_NAME]).translate(CONTROLS).split())


def _cut(key: str) -> str:
    """A key that fits an index: one that is too long ends in a digest, so that it stays the key of one name."""
    start = _start(key, LONGEST_FIRST)
    if start == key:
        return key
    return start + blake2b(key.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _start(text: str, size: int) -> str:
    """As much of the text as so many bytes of UTF-8 hold."""
    encoded = text.encode(errors="surrogatepass")
    return text if len(encoded) <= size else encoded[:size].decode(errors="ignore")
