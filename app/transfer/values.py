"""Values in cells as people and spreadsheets write them.

Each function returns the value, or None where the cell means that there is none. A `ValueError` says in plain words,
as the end of a sentence that begins with the cell, why it is not a value.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import langcodes

from app.domain.edtf import year_of
from app.domain.isbn import restore_isbn10
from app.domain.languages import normalize_language
from app.domain.names import fold
from app.transfer.python_lists import python_list

NOTHING = {
    "",
    "na",
    "n/a",
    "n.a.",
    "nan",
    "null",
    "none",
    "?",
    "-",
    "--",
    "\u2013",
    "\u2014",
    "unknown",
    "n.d.",
    "s.a.",
    "s.d.",
    "s. d.",
    "o.j.",
    "o. j.",
    "[]",
    *("#n/a", "#value!", "#ref!", "#name?", "#div/0!", "#num!", "#null!"),
}
LONGEST_NOTHING = 50
"""Characters of a cell that may mean so, with its spaces; to fold a longer one may take long."""
NOUGHT = re.compile(r"0+(?:[.,]0+)?")

EXCEL_FORMULA = re.compile(r'=?"(.*)"')
ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
NO_ISBN = re.compile(
    r"B0[0-9A-Z]{8}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|ASIN.*", re.IGNORECASE
)
"""Identifiers of shops and of reading apps, in columns that they share with ISBNs."""
QUALIFIER = re.compile(r"\([^)]*\)?|[\[\]'\"]")
BETWEEN_ISBNS = re.compile(r"[,;|/\s]+")

PLAIN_YEAR = re.compile(r"([+-]?\d{1,4})(?:\.0+)?")
DATE = re.compile(r"([+-]?\d{4})-\d{2}(?:-\d{2})?")
COMPACT_DATE = re.compile(r"(\d{4})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
DATE_WITH_MARKS = re.compile(r"(\d{4})(?:/\d{1,2}|[./]\d{1,2}[./]\d{1,2})")
BEFORE_CHRIST = re.compile(
    r"\D{0,8}?(\d{1,4})\s*(?:B\.?\s?C\.?(?:\s?E\.?)?|v\.\s?Chr\.?|av\.\s?J\.-C\.|a\.\s?C\.)", re.IGNORECASE
)
ISO_DATE = re.compile(r"(-?\d{4}-\d{2}(?:-\d{2})?)(?:[T ]\d{2}:\d{2}.*)?$", re.ASCII)
CALIBRES_NO_DATE = "0101-01-01"
A_YEAR = re.compile(r"(?<!\d)(?<!\d[.,])\d{4}(?!\d)(?![.,]\d)|(?<=\d[./]\d\d\.)\d{4}(?!\d)|(?<=[./]\d\.)\d{4}(?!\d)")
NOT_A_YEAR = "is not a year"

THOUSANDS = re.compile(r"(?<=\d)[.,\u00a0\u2009' ](?=\d{3}(?!\d))")
NUMBER = re.compile(r"\d+")
OF_OTHER_THINGS = re.compile(r"\d+\s*(?:vols?|volumes?|v|bde?|b\u00e4nde|tomes?|tomos?|t|cm|mm)\b\.?", re.IGNORECASE)
"""Numbers in an extent that count volumes or the height of the book: `2 v. ; 24 cm`."""
POSITION = re.compile(
    r"(?:#|no\.?|nr\.?|n°|v\.?|vol\.?|volume|book|bk\.?|band|bd\.?|tome|t\.?|part)?\s*#?\s*(-?\d+(?:[.,]\d+)?)\.?",
    re.IGNORECASE,
)
ROMAN = re.compile(r"(?=[IVXLC])(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
NAMED_SERIES = re.compile(
    r"""(?P<name>.*?[^\s,(#])
        (?: ,?\s*\#\s* | \s*\((?:\#|book\ |vol\.?\ |band\ )? | \s*,\s*(?:book\ |vol\.?\ |band\ )? )
        (?P<place>-?\d{1,4}(?:[.,]\d+)?)\)?""",
    re.IGNORECASE | re.VERBOSE,
)
OTHER_NAMES = {"castellano": "es", "dt.": "de", "engl.": "en", "frz.": "fr"}
"""Names of languages that are not those of CLDR."""
FINAL_STOP = re.compile(r"(?<=[^\W\d_]{3})\.$")
"""Catalogues end a subject with a full stop (MARC 21, field 650)."""


LONGEST = 500
"""Characters of a cell with one value. Longer ones are something else, and would take long to search."""


def require_short(text: str) -> None:
    """Refuse a cell that is too long for what it should hold."""
    if len(text) > LONGEST:
        msg = f"is longer than {LONGEST} characters"
        raise ValueError(msg)


def is_nothing(text: str) -> bool:
    """Whether a cell means a missing value."""
    return len(text) <= LONGEST_NOTHING and fold(text) in NOTHING


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet has rounded a number, whose last digits are lost: `9.78E+12`."""
    return ROUNDED.fullmatch(text) is not None


def isbns(text: str) -> list[str]:
    """The ISBNs of a cell, in 13 digits: each with a correct check digit, even without its leading zeros."""
    require_short(text)
    formula = EXCEL_FORMULA.fullmatch(text)
    text = formula[1].strip() if formula else text.strip()
    if is_nothing(text) or NO_ISBN.fullmatch(text) or not re.sub(r"[0\s\-[\].]", "", text):
        return []
    text = re.sub(r"\.0+$", "", text)
    fault = ""
    for parts in ([text], [QUALIFIER.sub(" ", text)], BETWEEN_ISBNS.split(QUALIFIER.sub(" ", text))):
        found = []
        for part in parts:
            try:
                found.append(restore_isbn10(part))
            except ValueError as error:
                fault = fault or str(error)
        if found:
            return list(dict.fromkeys(found))
    if not QUALIFIER.sub("", text).strip():
        return []
    raise ValueError(fault)


def year(text: str, *, ancient: bool = False) -> int | None:
    """The one year that a cell names, however its date is written.

    Args:
        text: of the cell.
        ancient: whether years of less than three digits are meant; elsewhere `99` may be 1999.
    """
    require_short(text)
    text = text.strip()
    if NOUGHT.fullmatch(text) or text.startswith(CALIBRES_NO_DATE):
        return None
    if whole := PLAIN_YEAR.fullmatch(text):
        if not ancient and len(text) <= 2 and text.isdecimal():  # noqa: PLR2004  (two digits)
            msg = "may be the year 99 or 1999, or the like: write it with four digits"
            raise ValueError(msg)
        return int(whole[1])
    if date := DATE.fullmatch(text) or COMPACT_DATE.fullmatch(text) or DATE_WITH_MARKS.fullmatch(text):
        return int(date[1])
    if before := BEFORE_CHRIST.fullmatch(text):
        return -int(before[1])
    latest = datetime.now(UTC).year + 1
    years = {int(found) for found in A_YEAR.findall(text)}
    if len(years) != 1:
        raise ValueError("names several years" if years else NOT_A_YEAR)
    found = years.pop()
    if not 1000 <= found <= latest:  # noqa: PLR2004  (four digits that are no year of a book)
        raise ValueError(NOT_A_YEAR)
    return found


def date(text: str) -> str | None:
    """A date of at least a month, as ISO 8601 writes it, possibly with a time; of others, only the year is certain."""
    match = ISO_DATE.match(text.strip())
    if match is None or text.startswith(CALIBRES_NO_DATE):
        return None
    try:
        year_of(match[1])
    except ValueError:
        return None
    return match[1]


def pages(text: str) -> int | None:
    """The largest number in a cell such as `xii, 352 p.`."""
    require_short(text)
    if NOUGHT.fullmatch(text.strip()):
        return None
    text = OF_OTHER_THINGS.sub("", re.sub(r"(\d)[.,]0+$", r"\1", text.strip()))
    numbers = [int(number) for number in NUMBER.findall(THOUSANDS.sub("", text))]
    if not numbers or text.strip().startswith("-"):
        msg = "is not a number of pages"
        raise ValueError(msg)
    return max(numbers) or None


def position(text: str) -> float | None:
    """A place in a series: `1`, `#1.5`, `Book 5`, `7,5`, `IX`."""
    require_short(text)
    text = text.strip()
    if match := POSITION.fullmatch(text):
        return float(match[1].replace(",", "."))
    if ROMAN.fullmatch(text):
        digits = [ROMAN_DIGITS[letter] for letter in text]
        pairs = zip(digits, [*digits[1:], 0], strict=True)
        return float(sum(-digit if digit < following else digit for digit, following in pairs))
    msg = "is not one number"
    raise ValueError(msg)


def series(text: str) -> tuple[str, float | None, str]:
    """The first series of a cell, the place in it, if it is there, and the others: `Discworld #2; Death, #1`."""
    require_short(text)
    first, *others = re.split(r"\s*[;|]\s*", text.strip())
    match = NAMED_SERIES.fullmatch(first)
    name, place = (match["name"].strip(), position(match["place"])) if match else (first, None)
    if place is None and others and POSITION.fullmatch(others[0]):  # `The giver quartet ; bk. 1`
        place = position(others.pop(0))
    return name, place, "; ".join(filter(None, others))


def languages(text: str) -> list[str]:
    """The tags of the languages of a cell, by their codes or by their names in any language."""
    require_short(text)
    parts = [part for part in re.split(r"\s*[,;|/]\s*", text.strip()) if part]
    try:
        found = [_language(part) for part in parts]
    except ValueError:  # `Greek, Modern` is one language
        found = [_language(text)]
    return list(dict.fromkeys(found))


def _language(text: str) -> str:
    try:
        return normalize_language(OTHER_NAMES.get(text.casefold(), text))
    except ValueError:
        if "\0" in text:  # at which the search by name fails with a SystemError
            raise
        try:
            return normalize_language(str(langcodes.find(text)))
        except LookupError:
            pass
        raise


def genres(text: str, *, commas: bool) -> list[str]:
    """The genres of a cell, separated by semicolons, bars or lines, or of a list as Python writes it.

    Args:
        text: of the cell.
        commas: whether commas separate as well, in a cell without the others.
    """
    if (entries := python_list(text)) is not None:
        return [entry.strip() for entry in entries if entry.strip()]
    marks = r"[;|\n]+" if not commas or re.search(r"[;|\n]", text) else ","
    names = (" ".join(part.split()) for part in re.split(marks, text))
    return [FINAL_STOP.sub("", name) for name in names if name]
