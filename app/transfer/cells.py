"""Parsing of table cells as people and spreadsheets write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from app.domain.isbn import restore_isbn10
from app.domain.languages import normalize_language
from app.domain.names import fold, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.transfer.rows import Row

WHOLE_YEAR = re.compile(r"([+-]?\d{1,4})(?:\.0+)?")
WHOLE = re.compile(r"([+-]?\d{1,6})(?:\.0+)?")
DATE = re.compile(r"([+-]?\d{4})-\d{2}(?:-\d{2})?")
FLOAT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
SERIES_IN_TITLE = re.compile(
    r"(?P<title>.*\S)\s*\((?P<series>(?:[^()#]|\([^()#]*\))*(?:[^()#,\s]|\([^()#]*\))),?\s*#(?P<place>[^()]*)\)"
)
PLACE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:;.*|,\s*[^\W\d].*#.*)?")
"""A number; anything after it is the position in another series."""
BREAK = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")
NOTHING = {"", "na", "n/a", "nan", "null", "none", "?"}


class Titled(NamedTuple):
    """A title, and the series in parentheses after it."""

    title: str
    series: str | None = None
    series_position: float | None = None


def one_line(text: str) -> str:
    """The cell on one line: spreadsheets wrap long titles with line breaks and tabs."""
    return BREAK.sub(" ", text.strip())


def is_missing(name: str, text: str) -> bool:
    """Whether a cell means a missing value. Titles and names must be empty: some books and people are called `None`."""
    return fold(text) in ({""} if name in {"title", "author"} else NOTHING)


def titled(text: str, row: Row) -> Titled:
    """Split a title with its series: `The Hunger Games (The Hunger Games, #1)`."""
    match = SERIES_IN_TITLE.fullmatch(text.strip())
    if match is None:
        return Titled(text)
    place = PLACE.fullmatch(match["place"].strip())
    if place is None:
        row.leave_out("series_position", "is not one number")
    return Titled(match["title"], match["series"].strip(), float(place[1]) if place else None)


def authors(column: str, names: str) -> list[str]:
    """The names without duplicates, separated by semicolons, or in a column called `authors` otherwise by commas."""
    separator = ";" if ";" in names else ","
    if fold(column) != "authors" and separator == ",":
        return [" ".join(names.split())]
    everyone = [" ".join(name.split()) for name in names.split(separator) if name.strip()]
    return [name for place, name in enumerate(everyone) if name_key(name) not in map(name_key, everyone[:place])]


def isbn(candidates: Iterable[str], row: Row) -> str | None:
    """The first ISBN with a correct check digit, even if a spreadsheet removed its leading zeros."""
    fault = None
    for text in candidates:
        if FLOAT.fullmatch(text):
            continue  # a number in a spreadsheet's notation: the last digits are lost
        try:
            return restore_isbn10(text)
        except ValueError as error:
            fault = fault or str(error)
    if fault is not None:
        row.leave_out("isbn", fault)
    return None


def year(text: str, row: Row) -> int | None:
    """A year, also if written as `2008.0`, or the year of a date."""
    match = WHOLE_YEAR.fullmatch(text) or DATE.fullmatch(text)
    if match is None and text:
        row.leave_out("published_year", "is not a year")
    return int(match[1]) if match else None


def whole(name: str, text: str, row: Row) -> int | None:
    """A whole number, also if written as `352.0`."""
    match = WHOLE.fullmatch(text)
    if match is None and text:
        row.leave_out(name, "is not a whole number")
    return int(match[1]) if match else None


def number(name: str, text: str, row: Row) -> float | None:
    """A number, such as 1.5."""
    try:
        return float(text) if text else None
    except ValueError:
        row.leave_out(name, "is not a number")
        return None


def language(text: str, row: Row) -> str | None:
    """A language tag; an unknown one is left out."""
    try:
        return normalize_language(text) if text else None
    except ValueError as error:
        row.leave_out("language", str(error))
        return None


def several(text: str) -> list[str]:
    """Names separated by semicolons or vertical bars."""
    return [name.strip() for name in re.split(r"[;|]", text) if name.strip()]
