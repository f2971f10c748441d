"""Times of reads on two databases, taken in turns, so that what disturbs the one disturbs the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from app.database import Database
    from bench.reads import Call, Read

MOST_GROWTH = 1.3
MOST_MILLISECONDS = 50.0
WARM = 20
"""Calls beforehand: caches are warm then, and psycopg and PostgreSQL have prepared what they prepare."""
LONGEST = 20.0
"""Seconds that one kind of read may take on one database and in one round; a slow one is called less often."""


@dataclass
class Times:
    """The times of a read in both databases, in milliseconds."""

    read: Read
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """How many times as long it takes in the large database, by the medians."""
        return median(self.large) / median(self.small)

    @property
    def kept(self) -> bool | None:
        """Whether the read is as quick as it is promised to be; None: nothing is promised."""
        match self.read.promise:
            case "flat":
                return self.growth <= MOST_GROWTH
            case "search":
                return p95(self.large) < MOST_MILLISECONDS
        return None


def p95(times: list[float]) -> float:
    """The time that nineteen of twenty stay below."""
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def measure(
    databases: tuple[Database, Database],
    reads: tuple[list[Read], list[Read]],
    rounds: int,
    calls: int,
    progress: Progress,
) -> list[Times]:
    """Read again and again: all kinds in each round, and each kind in turns on both databases."""
    # A small catalogue may have none of some kind, such as titles in Han letters.
    kinds = [(Times(small), small, large) for small, large in zip(*reads, strict=True) if small.calls and large.calls]
    task = progress.add_task("reading", total=rounds * len(kinds))
    for turn in range(rounds):
        for of_read, small, large in kinds:
            _warm(databases[0], small, turn * calls)
            _warm(databases[1], large, turn * calls)
            spent = 0.0
            for number in range(turn * calls, (turn + 1) * calls):
                one = timed(databases[0], small.calls[number % len(small.calls)])
                other = timed(databases[1], large.calls[number % len(large.calls)])
                of_read.small.append(one)
                of_read.large.append(other)
                spent += one + other
                if spent > LONGEST * 1000:
                    break
            progress.advance(task)
    return [of_read for of_read, *_ in kinds]


def timed(database: Database, call: Call) -> float:
    """The milliseconds of one read, the connection from the pool included."""
    start = perf_counter()
    with database.reading() as connection:
        call(connection)
    return (perf_counter() - start) * 1000


def _warm(database: Database, read: Read, start: int) -> None:
    spent = 0.0
    for number in range(start, start + WARM):
        spent += timed(database, read.calls[number % len(read.calls)])
        if spent > LONGEST * 1000 / 4:
            return
