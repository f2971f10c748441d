"""The coded fields of a MARC record: dates and languages, read and written.

Source: MARC 21 Format for Bibliographic Data, field 008 (all materials, and books), 041 and 046; MARC Code List for
Languages.
"""

from __future__ import annotations

import re
from typing import Any

import langcodes

from app.domain.edtf import year_of
from app.domain.languages import normalize_language

DATE = slice(7, 11)
DATE_2 = slice(11, 15)
LANGUAGE = slice(35, 38)
DETAILED = "e"
"""Type of date: with month, and possibly day, as the second date."""
SINGLE, UNKNOWN, BEFORE_CHRIST = "s", "n", "b"
NO_LANGUAGE = {"", "|||", "und", "zxx", "mul", "xxx", "###", "---", "n/a"}
TAGS_SOURCE = "rfc5646"
"""The source code of language tags (field 041, subfield 2)."""
FORMER = dict(
    pair.split()
    for pair in [
        "cam km",
        "esp eo",
        "eth gez",
        "far fo",
        "fri fy",
        "gae gd",
        "gag gl",
        "gal om",
        "gua gn",
        "int ia",
        "iri ga",
        "kus kos",
        "lan oc",
        "lap se",
        "max gv",
        "mla mg",
        "mol ro",
        "sao sm",
        "scc sr",
        "scr hr",
        "sho sn",
        "snh si",
        "sso st",
        "swz ss",
        "tag tl",
        "taj tg",
        "tar tt",
        "tru chk",
        "tsw tn",
    ]
)
"""Discontinued codes, as tags. Some mean other languages in ISO 639-3."""
BOOKS = "|||||||||||||||||"
"""Positions 18 to 34: illustrations, audience, contents and so on; no attempt to code."""


def year_in(fixed: str) -> int | None:
    """The first date of field 008, if it is a year."""
    year = fixed[DATE]
    return int(year) if re.fullmatch(r"\d{4}", year, re.ASCII) and year not in {"0000", "9999"} else None


def date_in(fixed: str) -> str | None:
    """The detailed date of field 008: `1815-12`, `1815-12-23`."""
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)?", fixed[DATE] + fixed[DATE_2].strip(), re.ASCII)
    if fixed[6:7] != DETAILED or match is None:
        return None
    date = "-".join(filter(None, match.groups()))
    try:
        year_of(date)
    except ValueError:
        return None
    return date


def tag_of(code: str) -> str | None:
    """The tag of a language's code; None if it means that there is none.

    Raises:
        ValueError: it is no such code.
    """
    code = code.strip().lower()
    return None if code in NO_LANGUAGE else normalize_language(FORMER.get(code, code))


def tag_or_none(code: str) -> str | None:
    """The same, and None for what is no code."""
    try:
        return tag_of(code)
    except ValueError:
        return None


def code_of(tag: str | None) -> str:
    """The code of a language."""
    try:
        return langcodes.Language.get(tag).to_alpha3(variant="B") if tag else "und"
    except (LookupError, ValueError):
        return "und"


def fixed_field(book: dict[str, Any]) -> str:
    """Field 008 of a book: when it was entered, its date, and its language."""
    year, date = book["published_year"], book["published"] or ""
    if year is None:
        dates = f"{UNKNOWN}uuuuuuuu"
    elif year < 1:
        dates = f"{BEFORE_CHRIST}{'':8}"
    elif date[5:]:
        dates = f"{DETAILED}{year:04}{date[5:].replace('-', ''):4}"
    else:
        dates = f"{SINGLE}{year:04}{'':4}"
    entered = book["created_at"][2:10].replace("-", "")
    return f"{entered}{dates}xx {BOOKS}{code_of(book['language'])} d"
