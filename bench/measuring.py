"""Times of reads on two databases, alternating, so that a disturbance affects both."""

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
"""Warm-up calls: they fill the caches, and let psycopg and PostgreSQL prepare the statements."""
LONGEST = 20.0
"""Seconds for one kind of read on one database in one round; a slow read is called less often."""


@dataclass
class Times:
    """The times of a read on both databases, in milliseconds."""

    read: Read
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Ratio of the medians, large to small."""
        return median(self.large) / median(self.small)

    @property
    def kept(self) -> bool | None:
        """Whether the read is as fast as promised; None if nothing is promised."""
        match self.read.promise:
            case "flat":
                return self.growth <= MOST_GROWTH
            case "search":
                return p95(self.large) < MOST_MILLISECONDS
        return None


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def measure(
    databases: tuple[Database, Database],
    reads: tuple[list[Read], list[Read]],
    rounds: int,
    calls: int,
    progress: Progress,
) -> list[Times]:
    """Read repeatedly: all kinds in each round, and each kind alternating between the databases."""
    # A small catalogue may lack some kinds, such as titles in Han characters.
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
    """The milliseconds of one read, including taking a connection from the pool."""
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
