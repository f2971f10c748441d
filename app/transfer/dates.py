"""Dates of publication as bibliographies write them: EDTF, of which the catalogue keeps level 0."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.domain.edtf import year_of
from app.transfer import values

OPEN = {"", ".."}
EXTENDED = re.compile(r"\s*(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T[\d:.+Z-]*)?([?~%]*)\s*", re.ASCII)
SMALL_YEAR = re.compile(r"\s*(-?\d{1,4})([?~%]*)\s*", re.ASCII)
BEGINS_WITH_A_DATE = re.compile(r"\s*-?\d{3}[\dX]", re.ASCII)
FIRST_SEASON, LAST_SEASON = 21, 41
"""Numbers of seasons and the like in the place of a month (EDTF, levels 1 and 2)."""
PERIOD = "names a period, and its beginning is kept"
UNCERTAIN = "is uncertain or approximate, which is not kept"
SEASON = "names a season, and its year is kept"
NO_DAY = "is no day of the calendar, and its year is kept"


class Dated(NamedTuple):
    """A date.

    Attributes:
        year: negative before Christ; None if there is no date.
        published: the date, if its month is known.
        doubt: what of it is not kept.
    """

    year: int | None = None
    published: str | None = None
    doubt: str = ""


def dated(text: str) -> Dated:
    """The date that a text names: `1988/1992`, `1999-03`, `-0876`, `1850~`, or any that names one year.

    Source: Extended Date/Time Format, levels 0 and 1, as biblatex has it (biblatex, section 2.3.8).

    Raises:
        ValueError: it names no year, or several.
    """
    values.require_short(text)
    start, slash, end = text.strip().partition("/")
    if slash and (start.strip() in OPEN or (_begins(start) and (end.strip() in OPEN or _begins(end)))):
        return _one_date(end if start.strip() in OPEN else start)._replace(doubt=PERIOD)
    return _one_date(text)


def of_parts(year: int, month: int | None = None, day: int | None = None) -> Dated:
    """The date of numbers, of which the last may be missing."""
    sign = "-" if year < 0 else ""
    text = f"{sign}{abs(year):04}"
    if month:
        text += f"-{month:02}"
        text += f"-{day:02}" if day else ""
    return _one_date(text)


def _begins(text: str) -> bool:
    return BEGINS_WITH_A_DATE.match(text) is not None


def _one_date(text: str) -> Dated:
    if small := SMALL_YEAR.fullmatch(text):
        year = int(small[1])
        return Dated(year or None, None, UNCERTAIN if small[2] else "")
    match = EXTENDED.fullmatch(text)
    if match is None:
        return Dated(values.year(text))
    year, month, day, marks = int(match[1]), match[2], match[3], match[4]
    if FIRST_SEASON <= int(month or 0) <= LAST_SEASON:
        return Dated(year, None, SEASON)
    published = "-".join(filter(None, (match[1], month, day)))
    try:
        year_of(published)
    except ValueError:
        return Dated(year, None, NO_DAY)
    return Dated(year, published if month else None, UNCERTAIN if marks else "")
