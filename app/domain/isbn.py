"""ISBN as a value: any spelling in, thirteen digits out."""

from __future__ import annotations

import re
import unicodedata

from stdnum import isbn as stdnum_isbn
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

FEWEST_DIGITS_LEFT = 7
LONGEST_SPELLING = 80
"""Characters: `ISBN-13: 978-0-14-143958-7` has 26, and each may have something invisible beside it."""
NAMED = re.compile(r"(?:URN:)?ISBN[:.=#]*(?:\(?1[03]\)?[:.=#]*)??([0-9]{9}[0-9X]|[0-9]{13})")
NAME = re.compile(r"(?:URN:)?ISBN[:.=#]*(?:\(?1[03]\)?[:.=#]+)?")


def normalize_isbn(text: str) -> str:
    """The 13 digits of an ISBN-10 or ISBN-13 in any spelling.

    Hyphens, spaces and digits may be those of any script, and `ISBN`, `ISBN-13:`, `urn:isbn:` and the like may stand
    before it.

    Source: ISBN Users' Manual, 7th edition, sections 4 and 5; RFC 3187 (`urn:isbn:`).

    Raises:
        ValueError: not an ISBN; the message says why in plain words.
    """
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
    """The ISBN of a spreadsheet's number that lost its leading zeros; the check digit proves it.

    Seven digits have to be left: of shorter numbers one in eleven would pass by chance, and no group and publisher
    begin with so many zeros.

    Raises:
        ValueError: it is not an ISBN, with zeros or without.
    """
    digits = _compact(text)
    return normalize_isbn(digits.zfill(10) if len(digits) >= FEWEST_DIGITS_LEFT else digits)


def _compact(text: str) -> str:
    """The digits alone. What is not seen goes too: Amazon's pages put marks of direction around the colon."""
    if len(text) > LONGEST_SPELLING:
        return ""
    seen = [letter for letter in text if unicodedata.category(letter) != "Cf"]
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in seen)
    compact = str(stdnum_isbn.compact(" ".join(plain.split())))
    named = NAMED.fullmatch(compact)
    return named[1] if named else NAME.sub("", compact, count=1)


def _ten_or_thirteen(compact: str) -> str:
    """Stdnum takes the nine digits of the older SBN, too, and ten zeros, which stand for none."""
    if len(compact) not in {10, 13} or not compact.strip("0"):
        raise InvalidLength
    return compact
