"""What the processes of a service use, sampled at intervals."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from statistics import linear_regression, median
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.faults.target import Target

SECONDS_AN_HOUR = 3600
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'books-api'"
IDLE = f"{OPEN} AND state LIKE 'idle in transaction%'"


@dataclass(frozen=True)
class Sample:
    """What all processes of the service use together.

    Attributes:
        at: seconds since the beginning.
        megabytes: their memory (PSS: shared pages are counted once).
        descriptors: open files and sockets, those of the database excluded.
        connections: to PostgreSQL; or open files of an SQLite database, of which each connection has two or three.
        threads: of all processes.
        processes: how many there are.
    """

    at: float
    megabytes: float
    descriptors: int
    connections: int
    threads: int
    processes: int


def sample(target: Target, at: float) -> Sample:
    """What is used now."""
    processes = target.processes()
    connections = open_connections(target)
    return Sample(
        at=at,
        megabytes=sum(one.memory_full_info().pss for one in processes) / 2**20,
        descriptors=sum(one.num_fds() for one in processes) - connections,
        connections=connections,
        threads=sum(one.num_threads() for one in processes),
        processes=len(processes),
    )


def open_connections(target: Target) -> int:
    """The connections to PostgreSQL, or the open files of an SQLite database."""
    if target.kind == "sqlite":
        files = (file.path for one in target.processes() for file in one.open_files())
        return sum(path.startswith(str(target.file)) for path in files)
    return _count(target, OPEN)


def unfinished(target: Target) -> int:
    """Transactions on PostgreSQL that are open though no statement runs."""
    return 0 if target.kind == "sqlite" else _count(target, IDLE)


@contextmanager
def sampling(target: Target, every: float) -> Iterator[list[Sample]]:
    """Take a sample at once, and one every so many seconds, until the block ends; yields the samples so far."""
    samples, until, began = [sample(target, 0.0)], Event(), monotonic()

    def repeat() -> None:
        while not until.wait(every):
            try:
                samples.append(sample(target, monotonic() - began))
            except psutil.NoSuchProcess:  # a worker was replaced meanwhile, which is reported elsewhere
                continue

    thread = Thread(target=repeat, name="samples", daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        until.set()
        thread.join()


def hourly_slope(samples: list[Sample]) -> float:
    """The megabytes by which the memory grows in an hour: least squares."""
    fitted = linear_regression([one.at for one in samples], [one.megabytes for one in samples])
    return fitted.slope * SECONDS_AN_HOUR


def drift(numbers: list[int]) -> float:
    """How much the median of the last quarter is above that of the first."""
    quarter = max(1, len(numbers) // 4)
    return median(numbers[-quarter:]) - median(numbers[:quarter])


def _count(target: Target, query: str) -> int:
    with psycopg.connect(target.url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
