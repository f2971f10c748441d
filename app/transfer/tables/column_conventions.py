"""What is the rule in the columns of one table, where a single cell may be read in two ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from app.transfer.people import Habits
from app.transfer.tables.headers import OF_LISTS

if TYPE_CHECKING:
    from app.transfer.tables.headers import Columns

ANCIENT = re.compile(r"-\d+(?:\.0+)?|\d{3}(?:\.0+)?|\d{1,2}\.0+|-?\d{1,4}\s*B\.?C\.?.*", re.IGNORECASE)


class TableHabits:
    """How the columns of a table are written.

    Attributes:
        names: the habits of each column of names, by its place.
        ancient: whether some years are of antiquity or the Middle Ages, so that `33` is a year.
    """

    def __init__(self, columns: Columns) -> None:
        self.names: defaultdict[int, Habits] = defaultdict(Habits)
        self.ancient = False
        self._of_people = _places(columns, *OF_LISTS)
        self._of_genres = _places(columns, "genres")
        self._of_years = _places(columns, "published_year")
        self._filled: Counter[int] = Counter()
        self._without_commas: Counter[int] = Counter()

    def learn(self, cells: list[str]) -> None:
        """Consider one more row."""
        cells = [*cells, *[""] * max(0, max([0, *self._of_people, *self._of_genres, *self._of_years]) + 1 - len(cells))]
        for place in self._of_people:
            if cells[place].strip():
                self.names[place].learn(cells[place])
        for place in self._of_genres:
            self._filled[place] += bool(cells[place].strip())
            self._without_commas[place] += any(mark in cells[place] for mark in ";|")
        self.ancient = self.ancient or any(ANCIENT.fullmatch(cells[place].strip()) for place in self._of_years)

    def commas_separate(self, place: int) -> bool:
        """Whether commas separate genres: unless most cells of the column have other marks."""
        return self._without_commas[place] * 2 <= self._filled[place]


def _places(columns: Columns, *fields: str) -> list[int]:
    return [place for of_field in fields for group in columns.of.get(of_field, []) for place in group]
