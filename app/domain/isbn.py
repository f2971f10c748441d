"""ISBNs: any spelling is accepted, and normalized to 13 digits."""

from __future__ import annotations

import re
import unicodedata

from stdnum import ean
from stdnum import isbn as stdnum_isbn
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

FEWEST_DIGITS_LEFT = 7
LONGEST_SPELLING = 80
"""Characters: `ISBN-13: 978-0-14-143958-7` has 26, and each may have an invisible one beside it."""
PLAIN = re.compile("97[89][0-9]{10}")
NAMED = re.compile(r"(?:URN:)?ISBN[:.=#]*(?:\(?1[03]\)?[:.=#]*)??([0-9]{9}[0-9X]|[0-9]{13})")
NAME = re.compile(r"(?:URN:)?ISBN[:.=#]*(?:\(?1[03]\)?[:.=#]+)?")


def normalize_isbn(text: str) -> str:
    """The 13 digits of an ISBN-10 or ISBN-13 in any spelling.

    Hyphens, spaces and digits may be those of any script, and `ISBN`, `ISBN-13:`, `urn:isbn:` and the like may precede
    the number.

    Source: ISBN Users' Manual, 7th edition, sections 4 and 5; RFC 3187 (`urn:isbn:`).

    Raises:
        ValueError: it is not an ISBN; the message says why in plain words.
    """
    if PLAIN.fullmatch(text) and ean.calc_check_digit(text[:-1]) == text[-1]:
        return text
    try:
        number = stdnum_isbn.to_isbn13(stdnum_isbn.validate(_ten_or_thirteen(_compact(text))))
    except InvalidChecksum:
        msg = "the check digit does not match"
        raise ValueError(msg) from None
    except ValidationError:
        msg = "is not an ISBN of 10 or 13 digits"
        raise ValueError(msg) from None
    return str(number)


def restore_isbn10(text: str) -> str:
    """The ISBN of a number that lost its leading zeros in a spreadsheet, if the check digit confirms it.

    At least seven digits must be left: of shorter numbers one in eleven would pass by chance, and no group and
    publisher begin with so many zeros.

    Raises:
        ValueError: it is not an ISBN, with or without the zeros.
    """
    digits = _compact(text)
    return normalize_isbn(digits.zfill(10) if len(digits) >= FEWEST_DIGITS_LEFT else digits)


def _compact(text: str) -> str:
    """The digits alone, without invisible characters: Amazon's pages put direction marks around the colon."""
    if len(text) > LONGEST_SPELLING:
        return ""
    seen = [letter for letter in text if unicodedata.category(letter) != "Cf"]
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in seen)
    compact = str(stdnum_isbn.compact(" ".join(plain.split())))
    named = NAMED.fullmatch(compact)
    return named[1] if named else NAME.sub("", compact, count=1)


def _ten_or_thirteen(compact: str) -> str:
    """The digits, if there are 10 or 13. stdnum also accepts the nine of the older SBN, and ten zeros (no ISBN)."""
    if len(compact) not in {10, 13} or not compact.strip("0"):
        raise InvalidLength
    return compact
