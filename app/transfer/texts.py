"""Texts in cells: without the marks of catalogues, spreadsheets and web pages."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from app.transfer.values import LONGEST, position

SPACE = re.compile(r"\s+")
LONG_SPACE = re.compile(r"(\s{50})\s+")
SHORT = 200
"""Characters of a text that is searched quickly, whatever it is."""
BREAK = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
PARAGRAPH = re.compile(r"<(?:/p|/div|br\s*+/?|/h\d|/li)\s*+>", re.IGNORECASE)
CLOSING_MARKS = re.compile(r"\s*+(?:[/:;=]\s++|,)++")
"""Marks that separate a field from the next one in a catalogue (ISBD, section A3), backwards: a search for what ends a
text would try each space of a long row of them."""
PLACE = r"(?:#|(?:Book|Bk\.?|Vol\.?|Volume|Band|Bd\.?|Tome|No\.)\s+(?=#?\d))"
SERIES_IN_TITLE = re.compile(
    rf"(?P<title>.*\S)\s*\((?P<series>(?:[^()#]|\([^()#]*\))*?(?:[^()#,\s]|\([^()#]*\))),?\s*{PLACE}(?P<place>[^()]*)\)"
)
VOLUME_IN_TITLE = re.compile(r"(?P<series>.*\S),\s*(?:Vol\.?|Volume|Band|Bd\.|Tome)\s+(?P<place>\d{1,4})")
LEADING_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(?:;.*|,\s*[^\W\d].*#.*)?")
"""A number; anything after it is the position in another series."""
IN_PUBLICATION = re.compile(r"\s*\((?:c|©)?\d{4}\).*$")
PLACE_AND_YEAR = re.compile(r"(?:[^:]{1,80}\s:\s+)?(\S.*?)(?:,\s*\[?[cp©]?\s?\d{4}\]?\.?)?")
"""The place before a publisher, and the year behind it (ISBD, area 4): `London : Penguin, 2003.`"""


class Titled(NamedTuple):
    """A title, and the series that it names."""

    title: str
    series: str | None = None
    series_position: float | None = None
    fault: str = ""


MARKUP = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,6}|#x[0-9a-f]{2,5});|</[a-z]|<br\s*/?>", re.IGNORECASE)
"""What shows that a text of a reference manager is HTML."""


def with_short_spaces(text: str) -> str:
    """The text with at most fifty characters of white space in a row.

    Many of the patterns that read values begin with white space, and would try each place of a longer row: a megabyte
    of spaces took minutes, in which Python does nothing else.
    """
    return text if len(text) <= SHORT else LONG_SPACE.sub(r"\1", text)


def one_line(text: str) -> str:
    """The cell on one line, without tags: spreadsheets wrap long titles, and web pages mark them up."""
    if "&" in text or "<" in text:
        text = html.unescape(TAG.sub(" ", text)) if TAG.search(text) else html.unescape(text)
    return " ".join(text.split())


def joined_lines(text: str) -> str:
    """The text on one line; spaces within a line stay as they are."""
    return SPACE.sub(lambda space: " " if BREAK.search(space[0]) else space[0], text).strip()


def without_closing_marks(text: str) -> str:
    """The text without ISBD's mark at its end: `Wuthering Heights /`."""
    marks = CLOSING_MARKS.match(text[::-1])
    return text[: -marks.end()] or text if marks else text


def publisher_in(text: str) -> str:
    """The publisher in `Gallimard (1979), Poche`, and in `London : Penguin, 2003`."""
    found = IN_PUBLICATION.sub("", without_closing_marks(text)) or text
    match = PLACE_AND_YEAR.fullmatch(found) if len(found) <= LONGEST else None
    return match[1] if match else found


def prose(text: str) -> str:
    """Text with paragraphs, without HTML."""
    if not TAG.search(text):
        return html.unescape(text).strip() if "&" in text else text.strip()
    paragraphs = html.unescape(TAG.sub("", PARAGRAPH.sub("\n", text))).split("\n")
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip())


def titled(text: str) -> Titled:
    """Split a title with its series: `The Hunger Games (The Hunger Games, #1)`.

    A volume after a comma remains in the title: the other volumes of the series have the same one.
    """
    if len(text) > LONGEST:
        return Titled(text)
    match = SERIES_IN_TITLE.fullmatch(text.strip())
    if match is None:
        volume = VOLUME_IN_TITLE.fullmatch(text.strip())
        return Titled(text, volume["series"], float(volume["place"])) if volume else Titled(text)
    place = LEADING_NUMBER.fullmatch(match["place"].strip())
    if place is None:
        return Titled(match["title"], match["series"].strip(), None, "is not one number")
    return Titled(match["title"], match["series"].strip(), position(place[1]))
