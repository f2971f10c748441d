"""Every combination of two filters, a sort, a search and a count: which of them are slow.

Measures the CPU time of the caller and of its PostgreSQL process, without the time spent waiting for a core on a busy
machine; if that process is not visible, wall-clock time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from statistics import median
from time import perf_counter_ns, thread_time_ns
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from app.models import Book, Contributor
from app.queries.book_filters import ORDERS
from app.queries.books import BookReader
from app.schemas.lists import BookFilters
from app.schemas.pages import PageQuery
from bench.catalogue import BEGINNING, GENRES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress
    from sqlalchemy import Connection

    from app.database import Database

MOST_MILLISECONDS = 100
TIMES = 3
"""How often a combination is measured if it takes more than half of that; others are measured once."""
SEARCHES = [None, "t", "the", "fiction"]
SHOWN = 40
NOT_FILTERS = {*PageQuery.model_fields, "fields", "sort", "q"}

Asked = dict[str, Any]


@dataclass(frozen=True)
class Findings:
    """The findings on one database."""

    name: str
    books: int
    clock: str
    milliseconds: list[tuple[float, str]]

    @property
    def slow(self) -> list[tuple[float, str]]:
        """The combinations over the bound, slowest first."""
        return sorted((one for one in self.milliseconds if one[0] > MOST_MILLISECONDS), reverse=True)

    def markdown(self) -> Iterator[str]:
        """Its part of the report, as Markdown."""
        times = sorted(milliseconds for milliseconds, _ in self.milliseconds)
        parts = {"median": len(times) // 2, "99 of 100 below": len(times) * 99 // 100, "most": len(times) - 1}
        numbers = ", ".join(f"{name} {times[place]:.0f} ms" for name, place in parts.items())
        yield (
            f"- **{self.name}**, {self.books:,} books: {len(times):,} combinations, {self.clock}: {numbers}; "
            f"{len(self.slow)} over {MOST_MILLISECONDS} ms."
        )
        yield from (f"  - {milliseconds:.0f} ms: `{query}`" for milliseconds, query in self.slow[:SHOWN])


def measured(database: Database, every: int, progress: Progress) -> Findings:
    """Measure one in `every` combinations."""
    with database.reading() as connection:
        books = connection.scalar(select(func.count()).select_from(Book)) or 0
        asked = list(all_combinations(values(connection)))[::every]
        clock, said = _clock(connection)
        reader = BookReader(connection)
        found = []
        for one in progress.track(asked, description=f"combinations on {connection.dialect.name}"):
            filters = BookFilters.model_validate(one)
            times = [_time(reader, filters, clock)]
            if times[0] > MOST_MILLISECONDS / 2:
                times += [_time(reader, filters, clock) for _ in range(TIMES - 1)]
            found.append((median(times), "&".join(f"{name}={value}" for name, value in one.items())))
        return Findings(connection.dialect.name, books, said, found)


def values(connection: Connection) -> dict[str, list[Any]]:
    """Values for each filter: one that many books have, and one that few have."""

    def most(column: Any, by: Any) -> list[Any]:  # noqa: ANN401  (columns)
        frequent = select(column).where(by.is_not(None)).group_by(by).order_by(func.count().desc(), by)
        return [*connection.scalars(frequent.limit(1)), *connection.scalars(frequent.offset(300).limit(1))]

    newest = connection.scalar(select(func.max(Book.updated_at)))
    given = {
        "author_id": most(Contributor.author_id, Contributor.author_id),
        "role": ["aut", "trl"],
        "genre": [[GENRES[0]], [GENRES[30]]],
        "language": ["en", "pl"],
        "publisher": most(func.min(Book.publisher), Book.publisher_key),
        "series": most(func.min(Book.series), Book.series_key),
        "published_from": [1900, 2026],
        "published_to": [2020, 1500],
        "created_by": [1, 2],
        "updated_since": ["2000-01-01T00:00:00Z", newest.isoformat() if newest else BEGINNING.isoformat()],
    }
    named = BookFilters.model_fields.keys() - NOT_FILTERS
    assert given.keys() == named, f"Every filter needs values to be measured with: {given.keys() ^ named}"  # noqa: S101
    return given


def all_combinations(given: dict[str, list[Any]]) -> Iterator[Asked]:
    """All pairs of filters, each with every sort, search and count."""
    others = list(product([None, *ORDERS], SEARCHES, [None, "exact"]))
    for one, other in combinations(given, 2):
        for pair in product(given[one], given[other]):
            for sort, q, count in others:
                asked = {one: pair[0], other: pair[1], "sort": sort, "q": q, "count": count}
                yield {name: value for name, value in asked.items() if value is not None}


def _time(reader: BookReader, filters: BookFilters, clock: Callable[[], int]) -> float:
    began = clock()
    reader.page(filters, None)
    return (clock() - began) / 1e6


def _clock(connection: Connection) -> tuple[Callable[[], int], str]:
    """Nanoseconds."""
    if connection.dialect.name == "sqlite":
        return thread_time_ns, "CPU time"
    schedule = Path(f"/proc/{connection.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    if not schedule.exists():
        return perf_counter_ns, "time on the clock"
    return lambda: thread_time_ns() + int(schedule.read_text().split()[0]), "CPU time"
