"""Every combination of two filters, a sort, a search and a count: which of them are slow.

Measures the CPU time of the caller and of its PostgreSQL process, without the time spent waiting for a core on a busy
machine; if that process is not visible, wall-clock time.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter_ns, thread_time_ns
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from app.database import Database
from app.models import Book, Contributor
from app.queries.book_filters import IN_SERIES, ORDERS
from app.queries.books import BookReader
from app.schemas.lists import BookFilters
from app.schemas.pages import PageQuery
from bench.catalogue import BEGINNING, GENRES
from devtools.databases import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress
    from sqlalchemy import Connection

MOST_MILLISECONDS = 100
TIMES = 3
"""How often a combination is measured if it takes more than half of that; others are measured once."""
SEARCHES = [None, "t", "the", "fiction"]
SHOWN = 40
PARTS = 100
"""Into how many parts the combinations are divided among processes; the progress is shown by these."""
NOT_FILTERS = {*PageQuery.model_fields, "fields", "sort", "q", "id", "isbn"}
"""Those that are measured otherwise, and those that select no more books than a page has."""

Query = dict[str, Any]


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


def measured(database: Database, every: int, processes: int, progress: Progress) -> Findings:
    """Measure one in `every` combinations, in several processes, and print each slow one as it is found."""
    with database.reading() as connection:
        name = connection.dialect.name
        books = connection.scalar(select(func.count()).select_from(Book)) or 0
        combined = list(all_combinations(values(connection)))[::every]
        _, clock = _clock(connection)
    url = database.engine.url.render_as_string(hide_password=False)
    found = []
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(_measured, url, combined[start::PARTS]) for start in range(min(PARTS, len(combined)))]
        for part in progress.track(as_completed(parts), len(parts), description=f"combinations on {name}"):
            found += part.result()
            for milliseconds, query in part.result():
                if milliseconds > MOST_MILLISECONDS:
                    progress.console.print(f"{name}: {milliseconds:.0f} ms {query}")
    return Findings(name, books, clock, found)


def _measured(url: str, combined: list[Query]) -> list[tuple[float, str]]:
    """Milliseconds of each combination, in a process of its own."""
    with _database(url).reading() as connection:
        reader, (clock, _) = BookReader(connection), _clock(connection)
        return [
            (_median(reader, clock, one), "&".join(f"{name}={value}" for name, value in one.items()))
            for one in combined
        ]


@cache
def _database(url: str) -> Database:
    """The database, opened once per process; its slow statements are measured, not cancelled."""
    return Database.of(settings_for(url, db_statement_timeout=0))


def values(connection: Connection) -> dict[str, list[Any]]:
    """Values for each filter: one that many books have, and one that few have."""

    def most(column: Any, by: Any) -> list[Any]:  # noqa: ANN401  (columns)
        frequent = select(column).where(by.is_not(None)).group_by(by).order_by(func.count().desc(), by)
        return [*connection.scalars(frequent.limit(1)), *connection.scalars(frequent.offset(300).limit(1))]

    newest = connection.scalar(select(func.max(Book.updated_at)))
    values = {
        "author_id": most(Contributor.author_id, Contributor.author_id),
        "role": ["aut", "trl"],
        "genre": [[GENRES[0]], [GENRES[30]]],
        "language": ["en", "pl"],
        "publisher": most(func.min(Book.publisher), Book.publisher_key),
        "series": most(func.min(Book.series), Book.series_key),
        "published_from": [1900, 2026],
        "published_to": [2020, 1500],
        "created_by": [1, 2],
        "missing": [["publisher"], ["description"]],
        "identifier": ["oclc:1", "isbn:9780141439587"],
        "updated_since": ["2000-01-01T00:00:00Z", newest.isoformat() if newest else BEGINNING.isoformat()],
    }
    named = BookFilters.model_fields.keys() - NOT_FILTERS
    assert values.keys() == named, f"Every filter needs values to be measured with: {values.keys() ^ named}"  # noqa: S101
    return values


def all_combinations(values: dict[str, list[Any]]) -> Iterator[Query]:
    """All pairs of filters, each with every sort, search and count."""
    others = list(product([None, *ORDERS], SEARCHES, [None, "exact"]))
    for one, other in combinations(values, 2):
        for pair in product(values[one], values[other]):
            for sort, q, count in others:
                query = {one: pair[0], other: pair[1], "sort": sort, "q": q, "count": count}
                if "series" not in query and sort is not None and sort in IN_SERIES:
                    continue
                yield {name: value for name, value in query.items() if value is not None}


def _median(reader: BookReader, clock: Callable[[], int], combined: Query) -> float:
    """Milliseconds; one time, or the median of several for what may be slow."""
    filters = BookFilters.model_validate(combined)
    times = [_time(reader, filters, clock)]
    if times[0] > MOST_MILLISECONDS / 2:
        times += [_time(reader, filters, clock) for _ in range(TIMES - 1)]
    return median(times)


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
