"""The pool report, as Markdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TYPE_CHECKING, TypeVar

T = TypeVar("T")
K = TypeVar("K")
EXACT_BELOW = 100

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.crowd import Answers


@dataclass(frozen=True)
class Trial:
    """A version of the service, and the size of its pool; None is the default."""

    name: str
    root: Path
    pool_size: int | None = None


@dataclass
class Crowd:
    """The responses of one round, and the connections opened by it and by later rounds on the same server."""

    database: str
    name: str
    what: str
    answers: Answers
    opened: int = 0


@dataclass(frozen=True)
class Beside:
    """The milliseconds of reads of single books, without and with searches, and the responses to the searches."""

    name: str
    calm: list[float]
    crowded: list[float]
    searches: Answers


@dataclass
class PoolReport:
    """What was measured, and how."""

    machine: str
    books: int
    workers: int
    clients: int
    searchers: int
    seconds: float
    crowds: list[Crowd] = field(default_factory=list)
    lines: list[Crowd] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)

    def markdown(self) -> str:
        """The whole report."""
        return "\n".join([*self._introduction(), *self._pools(), *self._lines(), *self._searches()]) + "\n"

    def _introduction(self) -> Iterator[str]:
        yield "# Pool"
        yield ""
        yield "Many concurrent readers: throughput, latency, and the cost of queueing. Written by `make bench-pool`."
        yield ""
        yield f"- **Machine**: {self.machine} The clients ran on it, too."
        yield (
            f"- **Server**: `run.py` over loopback, WORKERS={self.workers}; PostgreSQL with {self.books:,} books, "
            "SQLite with the demo catalogue."
        )
        yield (
            f"- **Measured**: rounds of {self.seconds:g} s each, alternating between the configurations, each on its "
            "own server. Medians of the rounds, with minimum and maximum. Milliseconds. `before` is the version in the "
            "folder given by `--before`."
        )
        yield ""

    def _pools(self) -> Iterator[str]:
        yield f"## {self.clients} clients, each sending its next request on the response"
        yield ""
        yield "| database | read | configuration | requests/s | p50 | p99 | not 200 | connections opened |"
        yield "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"
        groups = _grouped(self.crowds, lambda one: (one.database, one.what, one.name))
        for (database, what, name), rounds in sorted(groups.items()):
            opened = max(one.opened for one in rounds)
            yield f"| {database} | {what} | {name} | {_answers(rounds)} | {opened or ''} |"
        yield ""
        yield "Connections opened: by all three reads together, as PostgreSQL counts sessions; maximum of the rounds."
        yield ""

    def _lines(self) -> Iterator[str]:
        yield "## The queue"
        yield ""
        yield (
            "`GET /books/<id>` on PostgreSQL with the defaults, by number of concurrent clients. Where requests per "
            "second are the same, longer times are time in the queue."
        )
        yield ""
        yield "| clients | requests/s | p50 | p99 | not 200 |"
        yield "| ---: | ---: | ---: | ---: | ---: |"
        for clients, rounds in _grouped(self.lines, lambda one: one.name).items():
            yield f"| {clients} | {_answers(rounds)} |"
        yield ""

    def _searches(self) -> Iterator[str]:
        yield "## `GET /books/<id>` beside slow searches"
        yield ""
        yield (
            f"4 readers, 10 reads a second each, without and then with {self.searchers} clients that count and sort "
            "the books that match a frequent prefix. Milliseconds from when a read was due."
        )
        yield ""
        yield "| version | median | p99 | beside searches: median | p99 | longest | searches/s | their p50 | statuses |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
        for name, rounds in _grouped(self.beside, lambda one: one.name).items():
            numbers = [
                _spread([median(one.calm) for one in rounds]),
                _spread([_p99(one.calm) for one in rounds]),
                _spread([median(one.crowded) for one in rounds]),
                _spread([_p99(one.crowded) for one in rounds]),
                _spread([max(one.crowded) for one in rounds]),
                _spread([one.searches.rate for one in rounds]),
                _spread([median(one.searches.times) for one in rounds]),
            ]
            statuses = sum((one.searches.statuses for one in rounds), Counter[int]())
            by_status = ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items()))
            yield f"| {name} | {' | '.join(numbers)} | {by_status} |"


def _grouped(entries: list[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups


def _answers(rounds: list[Crowd]) -> str:
    numbers = [
        _spread([one.answers.rate for one in rounds]),
        _spread([median(one.answers.times) for one in rounds]),
        _spread([_p99(one.answers.times) for one in rounds]),
    ]
    return " | ".join([*numbers, str(sum(one.answers.statuses.total() - one.answers.statuses[200] for one in rounds))])


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[-1] if len(times) > 1 else times[0]


def _spread(numbers: list[float]) -> str:
    middle, least, most = (
        f"{number:.0f}" if number >= EXACT_BELOW else f"{number:.1f}"
        for number in (median(numbers), min(numbers), max(numbers))
    )
    return f"{middle} ({least} to {most})"
