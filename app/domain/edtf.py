"""Dates of publication, as precise as they are known: level 0 of EDTF, without times and intervals.

Source: the Extended Date/Time Format of the Library of Congress, which is part of ISO 8601-2:2019.
"""

from __future__ import annotations

import re
from calendar import monthrange

DATE = re.compile(r"(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
MONTHS = 12
CYCLE = 400
"""Years after which the Gregorian calendar repeats itself. Python knows it from the year 1 on."""


def year_of(date: str) -> int:
    """The year of a date: `1999`, `1999-05`, `1999-05-17` or `-0044`.

    Raises:
        ValueError: it is not such a date, or no day of the calendar.
    """
    match = DATE.fullmatch(date)
    if match is None or match[1] == "-0000":
        msg = "must be a date such as 1999, 1999-05, 1999-05-17 or -0044"
        raise ValueError(msg)
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    if not 1 <= month <= MONTHS or not 1 <= day <= monthrange(year % CYCLE + CYCLE, month)[1]:
        msg = "is not a day or month of the calendar"
        raise ValueError(msg)
    return year
