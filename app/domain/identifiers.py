"""Identifiers of books and people in other catalogues: each in the one spelling that is stored and compared.

A wrong check digit is an error, where a kind of identifier has one. `app.domain.isbn` knows ISBNs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2
from stdnum.issn import calc_check_digit as issn_check_digit

from app.domain.isbn import normalize_isbn

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 255
MOST_DIGITS = 30
CHECK_DIGIT = "the check digit does not match"
SERIAL_OF_LCCN = 6
"""Digits after the hyphen, which may be written without leading zeros."""


def _form(pattern: str, what: str, *, lower: bool = False) -> Callable[[str], str]:
    """A rule: the group of a pattern, in upper case unless it is to be in lower."""
    known = re.compile(pattern, re.ASCII | re.IGNORECASE)

    def normalize(text: str) -> str:
        match = known.fullmatch(text)
        if match is None:
            msg = f"is not {what}"
            raise ValueError(msg)
        return match[1].lower() if lower else match[1].upper()

    return normalize


_issn = _form(r"(?:issn:? *)?(\d{4}[-\u2010-\u2013]?\d{3}[\dx])", "an ISSN such as 0317-8471")
_isni = _form(
    r"(?:isni:? *|https?://(?:www\.)?isni\.org/(?:isni/)?)?((?:\d{4}[ -]?){3}\d{3}[\dx])", "an ISNI of 16 digits"
)
_orcid = _form(r"(?:orcid:? *|https?://orcid\.org/)?((?:\d{4}-?){3}\d{3}[\dx])", "an ORCID iD of 16 digits")
_lccn = _form(r"([a-z]{0,3}\d{8,10})", "an LCCN such as n78-890351", lower=True)
_asin = _form(r"([a-z0-9]{10})", "an ASIN of 10 letters and digits")
_digits = _form(rf"0*(\d{{1,{MOST_DIGITS}}})", "a number")


def normalize_issn(text: str) -> str:
    """An ISSN with its hyphen. Source: ISO 3297."""
    digits = re.sub("[^0-9X]", "", _issn(text))
    if issn_check_digit(digits[:-1]) != digits[-1]:
        raise ValueError(CHECK_DIGIT)
    return f"{digits[:4]}-{digits[4:]}"


def normalize_isni(text: str) -> str:
    """The 16 digits of an ISNI. Source: ISO 27729; its check digit is that of ISO 7064, MOD 11-2."""
    return _checked(re.sub("[ -]", "", _isni(text)))


def normalize_orcid(text: str) -> str:
    """An ORCID iD with its hyphens; it is an ISNI of a reserved range."""
    digits = _checked(_orcid(text).replace("-", ""))
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def normalize_lccn(text: str) -> str:
    """An LCCN without spaces, revision and hyphen: `n78-89035` becomes `n78089035`.

    Source: Library of Congress, "LCCN Namespace" (info:lccn), normalization.
    """
    text = text.removeprefix("info:lccn/").replace(" ", "").partition("/")[0]
    prefix, hyphen, serial = text.partition("-")
    return _lccn(prefix + serial.rjust(SERIAL_OF_LCCN, "0") if hyphen and serial else text)


def normalize_asin(text: str) -> str:
    """An ASIN. That of a book is its ISBN-10, unless it begins with a letter."""
    asin = _asin(text)
    if asin[0].isdigit():
        normalize_isbn(asin)
    return asin


def _checked(digits: str) -> str:
    try:
        return str(mod_11_2.validate(digits))
    except ValidationError:
        raise ValueError(CHECK_DIGIT) from None


_PERSON_OR_BOOK: dict[str, Callable[[str], str]] = {
    "lccn": normalize_lccn,
    "wikidata": _form(
        r"(?:https?://www\.wikidata\.org/(?:wiki|entity)/)?(Q[1-9]\d{0,18})", "a Wikidata item such as Q42"
    ),
    "goodreads": _digits,
    "librarything": str,
    "other": str,
}
OF_BOOKS: dict[str, Callable[[str], str]] = {
    "isbn": normalize_isbn,
    "issn": normalize_issn,
    "oclc": _form(rf"(?:\(OCoLC\) *)?(?:oc[mn]|on)?0*([1-9]\d{{0,{MOST_DIGITS}}})", "an OCLC number"),
    "doi": _form(
        r"(?:doi: *|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}(?:\.\d+)*/[!-\u007e\u00a1-\U0010fffd]+)",
        "a DOI such as 10.1000/182",
        lower=True,
    ),
    "olid": _form(r"(OL[1-9]\d{0,18}[MW])", "an Open Library ID such as OL7353617M"),
    "asin": normalize_asin,
} | _PERSON_OR_BOOK
"""The rules by type. Each takes a trimmed text, and raises a ValueError that says what is wrong in plain words."""
OF_PEOPLE: dict[str, Callable[[str], str]] = {
    "viaf": _form(r"(?:https?://(?:www\.)?viaf\.org/viaf/)?([1-9]\d{0,22})", "a VIAF number"),
    "isni": normalize_isni,
    "orcid": normalize_orcid,
    "olid": _form(r"(OL[1-9]\d{0,18}A)", "an Open Library ID such as OL21594A"),
} | _PERSON_OR_BOOK
"""The same for people."""
