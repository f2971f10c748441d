"""The book of a reference: what its fields or tags say, and what of it cannot be kept."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, TypeVar

from app.domain.identifiers import OF_BOOKS
from app.domain.names import plain
from app.schemas.contributors import MOST_CONTRIBUTORS
from app.schemas.fields import MOST_GENRES, without_repeats
from app.schemas.identifiers import MOST_IDENTIFIERS, MOST_LINKS
from app.transfer import texts, values
from app.transfer.dates import dated
from app.transfer.people import ANONYMOUS, NOT_NAMED, Person, unique
from app.transfer.tables.row_reader import LONGEST_DESCRIPTION, NO_AUTHOR
from app.transfer.validation import fill

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from app.transfer.dates import Dated
    from app.transfer.rows import Row

T = TypeVar("T")

INLINE = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span)\b[^<>]*>", re.IGNORECASE)
"""Marks within a word or sentence (CSL 1.0.2, "Rich text in fields")."""
BETWEEN_NUMBERS = re.compile(r"\s*[;,\n]\s*")
MOST_REMARKS = 100
LONGEST_TAG = 40
LARGEST_BATCH = 1_000
"""People or genres of one book that are looked at; of more, the first are kept all the same."""


class Reference:
    """Gathers the fields of one book, and the names of the fields or tags that they come from.

    Args:
        row: takes the book.
        remarks: counts what is true of many rows and is said once.
    """

    def __init__(self, row: Row, remarks: Counter[str]) -> None:
        self.row = row
        self.fields: dict[str, Any] = {}
        self._remarks = remarks
        self._tags: dict[str, str] = {}
        self._people: list[Person] = []
        self._identifiers: list[dict[str, str]] = []
        self._links: list[dict[str, Any]] = []
        self._genres: list[str] = []

    def leave_out(self, name: str, why: str, value: str = "", column: str = "") -> None:
        """Note a value that is left out."""
        self.row.leave_out(name, why, value, column)

    def put(self, name: str, value: object, tag: str, text: str = "") -> None:
        """Set a field. Another value that comes later is left out."""
        if value is None or value == "":
            return
        if name not in self.fields:
            self.fields[name], self._tags[name] = value, tag
        elif self.fields[name] != value:
            self.leave_out(name, "is a second value, and the first is kept", text or str(value), tag)

    def read(self, name: str, read: Callable[[str], T | None], text: str, tag: str) -> T | None:
        """The value of a text; None, with a note, if it cannot be read."""
        try:
            return read(text)
        except ValueError as error:
            self.leave_out(name, str(error), text, tag)
            return None

    def line(self, name: str, text: str, tag: str) -> None:
        """Set a field of one line."""
        self.put(name, one_line(text), tag)

    def date(self, text: str, tag: str) -> None:
        """Set the year and the date."""
        self.on(self.read("published_year", dated, text, tag), text, tag)

    def on(self, date: Dated | None, text: str, tag: str) -> None:
        """Set the year and the date, which are read."""
        if date is None or date.year is None:
            return
        if date.doubt:
            self.leave_out("published_year", date.doubt, text, tag)
        self.put("published_year", date.year, tag, text)
        if date.year == self.fields["published_year"]:
            self.put("published", date.published, tag, text)

    def isbns(self, text: str, tag: str) -> None:
        """Set the ISBN; further ones are identifiers."""
        self._tags.setdefault("isbn", tag)
        for part in BETWEEN_NUMBERS.split(text, maxsplit=LARGEST_BATCH):
            for isbn in self.read("isbn", values.isbns, part, tag) or []:
                if self.fields.setdefault("isbn", isbn) != isbn:
                    self._identifiers.append({"type": "isbn", "value": isbn})

    def identify(self, kind: str, text: str, tag: str) -> None:
        """Add an identifier."""
        value = self.read("identifiers", OF_BOOKS[kind], text.strip(), tag) if text.strip() else None
        if value is not None:
            self._identifiers.append({"type": kind, "value": value})

    def identify_any(self, text: str, tag: str) -> None:
        """Add an identifier that follows its type: `oclc:297`."""
        kind, colon, value = text.strip().partition(":")
        if colon and kind.strip().lower() in OF_BOOKS:
            self.identify(kind.strip().lower(), value, tag)
        else:
            self.leave_out("identifiers", "does not begin with a known type, such as oclc:", text, tag)

    def link(self, text: str, tag: str, **more: str | None) -> None:
        """Add a link."""
        if text.strip():
            self._tags["links"] = tag
            self._links.append({"rel": "about", "href": text.strip()} | more)

    def genre(self, text: str) -> None:
        """Add a genre."""
        if name := one_line(text):
            self._genres.append(name)

    def language(self, text: str, tag: str) -> None:
        """Set the language."""
        found = self.read("language", values.languages, text, tag) or []
        if found[1:]:
            self.leave_out("language", "names several languages, and the first is kept", text, tag)
        self.put("language", found[0] if found else None, tag)

    def description(self, text: str, tag: str) -> None:
        """Set the description, cut where it is too long."""
        found = texts.prose(text) if texts.MARKUP.search(text) else text.strip()
        if len(found) > LONGEST_DESCRIPTION:
            why = f"has {len(found):,} characters, and is cut after {LONGEST_DESCRIPTION:,}"
            self.leave_out("description", why, column=tag)
            found = found[: LONGEST_DESCRIPTION - 1].rstrip() + "…"
        self.put("description", found, tag)

    def person(self, name: str, role: str, tag: str, sort_name: str | None = None) -> None:
        """Add a contributor; `Unknown` and the like are the anonymous author."""
        name = one_line(name)
        if not name:
            return
        self._tags["contributors"] = tag
        if plain(name[: 2 * LONGEST_TAG]).strip("[]()") in NOT_NAMED:
            name, sort_name = ANONYMOUS, None
        self._people.append(Person(name, role, one_line(sort_name) if sort_name else None))

    def not_kept(self, tag: str) -> None:
        """Remark once that a field or tag has no place in the catalogue."""
        remark = f"has “{tag[:LONGEST_TAG]}”, for which the catalogue has no field"
        if remark in self._remarks or len(self._remarks) < MOST_REMARKS:
            self._remarks[remark] += 1

    def finish(self) -> None:
        """Fill in the row."""
        if "series" not in self.fields and "series_position" in self.fields:
            position = self.fields.pop("series_position")
            self.leave_out("series_position", "has no series", str(position), self._tags["series_position"])
        several: dict[str, tuple[list[Any], int]] = {
            "identifiers": (self._identifiers, MOST_IDENTIFIERS),
            "links": (self._links, MOST_LINKS),
            "genres": (without_repeats(self._genres[:LARGEST_BATCH]), MOST_GENRES),
        }
        for name, (entries, most) in several.items():
            if len(entries) > most:
                self.leave_out(name, f"are more than {most}; the others are left out")
        fields = self.fields | {
            "title": self.fields.get("title", ""),
            "contributors": [person._asdict() for person in self._contributors()],
            **{name: entries[:most] for name, (entries, most) in several.items()},
        }
        fill(self.row, fields, lambda name: self._tags.get(name, ""))

    def _contributors(self) -> list[Person]:
        people = unique(self._people[:LARGEST_BATCH])
        if not people:
            self._remarks[NO_AUTHOR] += 1
            return [Person(ANONYMOUS)]
        if len(people) > MOST_CONTRIBUTORS:
            self.leave_out("contributors", f"are more than {MOST_CONTRIBUTORS}; the others are left out")
        return people[:MOST_CONTRIBUTORS]


def one_line(text: str) -> str:
    """The text on one line, without HTML."""
    if not texts.MARKUP.search(text):
        return texts.joined_lines(text)
    text = INLINE.sub("", text)
    return texts.one_line(text) if texts.TAG.search(text) else texts.joined_lines(html.unescape(text))


def split_title(title: str, short: str) -> tuple[str, str] | None:
    """The title and the subtitle of a full title that begins with the short one and a colon."""
    whole, short = one_line(title), one_line(short)
    if short and whole.startswith(f"{short}: "):
        return short, whole[len(short) + 2 :]
    return None
