"""The book of a table's row: what can be read of each cell, and what cannot."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from app.domain.edtf import year_of
from app.domain.names import name_key
from app.schemas.contributors import MOST_CONTRIBUTORS
from app.transfer import texts, values
from app.transfer.people import ANONYMOUS, Person, people_in, turned, unique
from app.transfer.role_words import role_of
from app.transfer.tables.cells import FilledCells
from app.transfer.tables.headers import ROLES, Columns, key_of
from app.transfer.tables.identifiers import identifiers, links
from app.transfer.tables.programs import KINDS, OTHER_THINGS
from app.transfer.validation import fill

if TYPE_CHECKING:
    from collections import Counter

    from app.transfer.rows import Row
    from app.transfer.tables.column_conventions import TableHabits

LONGEST_DESCRIPTION = 10_000
UNDETERMINED = "und"
"""The language of a book whose language a program does not know (ISO 639-2)."""
TOTALS = re.compile(
    r"(?:grand )?(?:total|sum|summe|gesamt|count|anzahl|suma|somme|totale|razem|итого)"
    r"(?: (?:of )?(?:books|titles|items|bücher|livres|libros))?\b[^a-z]*",
    re.IGNORECASE,
)
SUM = re.compile(r"-?(?!\d{9})[\d.,\s$\u20ac\u00a3]{1,20}")
"""What stands beside the word in the line of totals: numbers and amounts, which are shorter than an ISBN."""
ROUNDED = "has an ISBN that a spreadsheet rounded; import the file as it was downloaded"
NO_AUTHOR = f"has no author, and comes in under “{ANONYMOUS}”"


class RowReader:
    """Reads the rows of one table.

    Args:
        columns: what they mean.
        habits: what is the rule in them.
        remarks: counts what is true of many rows and is said once.
    """

    def __init__(self, columns: Columns, habits: TableHabits, remarks: Counter[str]) -> None:
        self._columns, self._habits, self._remarks = columns, habits, remarks
        self._keys = [key_of(name) for name in columns.header]
        self._kinds = [place for place, key in enumerate(self._keys) if key in KINDS]

    def read(self, row: Row, cells: list[str]) -> None:
        """Fill in the book of a row, or why there is none."""
        cells = [texts.with_short_spaces(cell) for cell in cells]
        if reason := self._passed_over(cells):
            row.passed_over = reason
            return
        self._fill(row, FilledCells(row, self._columns, cells))

    def _passed_over(self, cells: list[str]) -> str:
        """Why the row is not about a book."""
        program = self._columns.program
        if program is not None:
            named = dict(zip(self._keys, (cell.strip() for cell in cells), strict=True))
            for key, allowed in program.only.items():
                if named.get(key, "").casefold() not in allowed:
                    return f"is of the type “{named[key]}”"
            for key, excluded in program.without.items():
                if named.get(key, "").casefold() in excluded:
                    return f"is marked as {key}"
        for place in self._kinds:
            if cells[place].strip().casefold() in OTHER_THINGS:
                return f"is of the type “{cells[place].strip()}”"
        filled = [cell.strip() for cell in cells if cell.strip()]
        word = next((cell for cell in filled if not SUM.fullmatch(cell)), "")
        is_total = TOTALS.fullmatch(word) and all(SUM.fullmatch(cell) or TOTALS.fullmatch(cell) for cell in filled)
        return "is the line of totals" if is_total else ""

    def _fill(self, row: Row, reading: FilledCells) -> None:
        title = texts.without_closing_marks(texts.one_line(reading.text("title", is_title=True)))
        series, place, others = reading.value("series", lambda text: values.series(texts.one_line(text))) or (
            None,
            None,
            "",
        )
        if others:
            row.leave_out("series", "is a second series", others)
        named = texts.titled(title) if series is None else texts.Titled(title)
        if named.fault:
            row.leave_out("series_position", named.fault, title)
        own_place = reading.value("series_position", values.position)
        volume = reading.value("volume", values.position)
        if series is None and volume is not None and named.series is None:
            named = named._replace(series=named.title)
        series = series or named.series
        position = next((one for one in (own_place, place, named.series_position, volume) if one is not None), None)
        identified = identifiers(row, reading)
        isbns = (one["value"] for one in identified if one["type"] == "isbn")
        fields = {
            "title": named.title,
            "subtitle": texts.without_closing_marks(reading.line("subtitle") or "") or None,
            "contributors": self._contributors(row, reading),
            "isbn": self._isbn(row, reading) or next(isbns, None),
            **self._published(reading),
            "language": self._language(row, reading),
            "publisher": texts.publisher_in(publisher) if (publisher := reading.line("publisher")) else None,
            "description": self._description(row, reading),
            "pages": reading.value("pages", values.pages),
            "series": series,
            "series_position": position if series else None,
            "sort_title": reading.line("sort_title"),
            "call_number": reading.line("call_number"),
            "location": reading.line("location"),
            "cover_url": reading.line("cover_url"),
            "links": links(reading),
            "genres": [
                genre
                for cell in reading.cells("genres")
                for genre in values.genres(html.unescape(cell.text), commas=self._habits.commas_separate(cell.place))
            ],
        }
        fields["identifiers"] = [one for one in identified if one["value"] != fields["isbn"]]
        fill(row, fields, reading.column_of)

    def _published(self, reading: FilledCells) -> dict[str, str | int | None]:
        """The year, and the date unless it is in another year, in a column that is less good."""
        year = reading.value("published_year", lambda text: values.year(text, ancient=self._habits.ancient))
        date = reading.value("published_year", values.date)
        return {"published_year": year, "published": date if date and year_of(date) == year else None}

    def _contributors(self, row: Row, reading: FilledCells) -> list[dict[str, Any]]:
        """The main author first; without one, the anonymous one."""
        people = self._authors(row, reading)
        people += self._people(row, reading, "contributors", "ctb" if people else "aut")
        for role in ROLES:
            people += self._people(row, reading, role, role)
        named = {name_key(person.name) for person in people if person.role != "ctb"}
        people = [one for one in unique(people) if one.role != "ctb" or name_key(one.name) not in named]  # named twice
        if not people:
            self._remarks[NO_AUTHOR] += 1
            people = [Person(ANONYMOUS)]
        if len(people) > MOST_CONTRIBUTORS:
            row.leave_out("contributors", f"are more than {MOST_CONTRIBUTORS}; the others are left out")
        return [person._asdict() for person in people[:MOST_CONTRIBUTORS]]

    def _authors(self, row: Row, reading: FilledCells) -> list[Person]:
        first, last = reading.line("first_name"), reading.line("last_name")
        people = [turned(last, first) if first else Person(last)] if last and not reading.cells("author") else []
        people += _with_roles(self._people(row, reading, "author"), reading.line("author_role"))
        others = _with_roles(self._people(row, reading, "more_authors"), reading.line("more_roles"))
        if others and not people and reading.cells("author"):  # Anonymous, whom they edit
            people = [Person(ANONYMOUS)]
        return people + others

    def _people(self, row: Row, reading: FilledCells, name: str, role: str = "aut") -> list[Person]:
        found: list[Person] = []
        for cell in reading.cells(name):
            people, doubt = people_in(texts.without_closing_marks(cell.text), self._habits.names[cell.place], role)
            found += people
            if doubt:
                row.leave_out("contributors", doubt, cell.text, cell.column)
        return found

    def _isbn(self, row: Row, reading: FilledCells) -> str | None:
        """The first ISBN of the first column that has one."""
        faults = []
        rounded = False
        for cell in reading.each("isbn"):
            if values.is_rounded(cell.text):
                rounded = True
                continue
            try:
                found = values.isbns(cell.text)
            except ValueError as error:
                faults.append((cell, str(error)))
            else:
                if found[1:]:
                    row.leave_out("isbn", "has several ISBNs, and the first is kept", cell.text, cell.column)
                if found:
                    return found[0]
        if rounded:
            self._remarks[ROUNDED] += 1
        for cell, fault in faults[:1]:
            row.leave_out("isbn", fault, cell.text, cell.column)
        return None

    def _language(self, row: Row, reading: FilledCells) -> str | None:
        found = [tag for tag in reading.value("language", values.languages) or [] if tag != UNDETERMINED]
        if found[1:]:
            row.leave_out("language", "names several languages, and the first is kept", reading.text("language"))
        return found[0] if found else None

    def _description(self, row: Row, reading: FilledCells) -> str | None:
        text = texts.prose(reading.text("description"))
        if len(text) > LONGEST_DESCRIPTION:
            row.leave_out("description", f"has {len(text):,} characters, and is cut after {LONGEST_DESCRIPTION:,}")
            text = text[: LONGEST_DESCRIPTION - 1].rstrip() + "…"
        return text or None


def _with_roles(people: list[Person], roles: str | None) -> list[Person]:
    """The people with the roles of a column beside theirs, separated in the same way."""
    codes = [role_of(role) for role in (roles or "").replace(";", "|").split("|")]
    return [
        person._replace(role=code) if code else person
        for person, code in zip(people, [*codes, *[None] * len(people)], strict=False)
    ]
