"""ISBN as a value: any spelling in, thirteen digits out."""

from __future__ import annotations

from stdnum import isbn as stdnum_isbn
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

FEWEST_DIGITS_LEFT = 7


def normalize_isbn(text: str) -> str:
    """The 13 digits of an ISBN-10 or ISBN-13 in any spelling.

    Source: ISBN Users' Manual, 7th edition, sections 4 and 5.

    Raises:
        ValueError: not an ISBN; the message says why in plain words.
    """
    try:
        number = stdnum_isbn.to_isbn13(stdnum_isbn.validate(_ten_or_thirteen(text)))
    except InvalidChecksum:
        msg = "the check digit does not match"
        raise ValueError(msg) from None
    except ValidationError:
        msg = "is not an ISBN of 10 or 13 digits"
        raise ValueError(msg) from None
    return str(number)


def restore_isbn10(digits: str) -> str:
    """The ISBN of a spreadsheet's number that lost its leading zeros; the check digit proves it.

    Seven digits have to be left: of shorter numbers one in eleven would pass by chance, and no group and publisher
    begin with so many zeros.

    Raises:
        ValueError: it is not an ISBN, with zeros or without.
    """
    digits = digits.strip()
    return normalize_isbn(digits.zfill(10) if len(digits) >= FEWEST_DIGITS_LEFT else digits)


def _ten_or_thirteen(text: str) -> str:
    """Stdnum takes the nine digits of the older SBN, too, and ten zeros, which stand for none."""
    compact = str(stdnum_isbn.compact(text))
    if len(compact) not in {10, 13} or not compact.strip("0"):
        raise InvalidLength
    return compact
