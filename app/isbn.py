"""ISBN as a value: any spelling in, thirteen digits out."""

from __future__ import annotations

from stdnum import isbn as stdnum_isbn
from stdnum.exceptions import InvalidChecksum, ValidationError


def normalize_isbn(text: str) -> str:
    """The 13 digits of an ISBN-10 or ISBN-13 in any spelling.

    Source: ISBN Users' Manual, 7th edition, sections 4 and 5.

    Raises:
        ValueError: not an ISBN; the message says why in plain words.
    """
    try:
        number = stdnum_isbn.to_isbn13(stdnum_isbn.validate(text))
    except InvalidChecksum:
        msg = "the check digit does not match"
        raise ValueError(msg) from None
    except ValidationError:
        msg = "is not an ISBN of 10 or 13 digits"
        raise ValueError(msg) from None
    return str(number)


def restore_isbn10(digits: str) -> str:
    """The ISBN of a spreadsheet's number that lost its leading zeros; the check digit proves it.

    Raises:
        ValueError: it is not an ISBN, with zeros or without.
    """
    return normalize_isbn(digits.strip().zfill(10))
