"""The report on a long run, as Markdown."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cached_property
from statistics import quantiles
from typing import TYPE_CHECKING

from bench.faults_report import DATABASES
from bench.soak_metrics import BUSY, FAILURES, differences, total
from bench.soak_samples import Sample, drift, hourly_slope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.soak_metrics import Samples
    from bench.soak_tally import Tally

SETTLES = 300.0
"""Seconds in which a service may still grow: caches fill, threads and connections are created."""
JUDGED_FROM = 600.0
"""Seconds of samples after that from which growth is judged."""
MOST_GROWTH = 10.0
"""Megabytes an hour. One request that leaks a kilobyte would make it more than fifty."""
MOST_DRIFT = 2
"""Open files and sockets."""
MOST_THREADS = 8
"""A worker creates a thread when more requests are under way than ever before: at most one for each client."""
ROWS = 12
"""How many samples the report shows of each database, about."""
SERVER_ERROR = "5"


@dataclass(frozen=True)
class Check:
    """Something that must hold.

    Attributes:
        what: its name.
        found: what was found.
        holds: whether it holds; None if the run was too short to tell.
    """

    what: str
    found: str
    holds: bool | None

    @property
    def fails(self) -> bool:
        """Whether it does not hold."""
        return self.holds is False


@dataclass(frozen=True)
class Soaked:
    """What happened on one database.

    Attributes:
        kind: of the database.
        seconds: how long clients sent requests.
        tally: the responses that they received.
        samples: what the service used.
        before: what it had counted when the clients began.
        after: what it had counted when they were gone.
        unfinished: transactions that are still open.
        errors: lines of the log that report errors.
    """

    kind: str
    seconds: float
    tally: Tally
    samples: list[Sample]
    before: Samples
    after: Samples
    unfinished: int
    errors: int

    @property
    def name(self) -> str:
        """The name of the database."""
        return DATABASES[self.kind]

    @cached_property
    def settled(self) -> list[Sample]:
        """The samples after the first minutes."""
        return [one for one in self.samples if one.at >= SETTLES]

    def checks(self) -> Iterator[Check]:
        """Everything that must hold."""
        failed = sum(number for (*_, status), number in self.tally.requests.items() if status.startswith(SERVER_ERROR))
        yield Check("responses with 5xx", str(failed), failed == 0)
        others = ", ".join(f"{' '.join(request)} ({number})" for request, number in self.tally.unexpected.items())
        yield Check("unexpected responses", others or "none", not others)
        wrong = differences(self.tally, self.before, self.after)
        yield Check("metrics that differ from the clients' counts", "; ".join(wrong) or "none", not wrong)
        for name in FAILURES:
            rise = total(self.after, name) - total(self.before, name)
            yield Check(f"`{name}`", f"{rise:.0f}", rise == 0)
        for name in BUSY:
            left = total(self.after, name)
            yield Check(f"`{name}` after the last response", f"{left:.0f}", left == 0)
        yield Check("transactions left open", str(self.unfinished), self.unfinished == 0)
        yield Check("errors in the log", str(self.errors), self.errors == 0)
        yield from self._growth()

    def _growth(self) -> Iterator[Check]:
        names = ("memory, MB an hour", "descriptors, drift", "threads, drift")
        if not self.settled or self.settled[-1].at - SETTLES < JUDGED_FROM:
            yield from (Check(name, "not judged: the run is too short", None) for name in names)
            return
        slope = hourly_slope(self.settled)
        yield Check(names[0], f"{slope:+.1f}", slope <= MOST_GROWTH)
        for name, numbers, most in (
            (names[1], [one.descriptors for one in self.settled], MOST_DRIFT),
            (names[2], [one.threads for one in self.settled], MOST_THREADS),
        ):
            yield Check(name, f"{drift(numbers):+.0f}", drift(numbers) <= most)


def markdown(soaked: list[Soaked], rate: float) -> str:
    """The whole report."""
    return "\n".join([*_introduction(soaked, rate), *_checks(soaked), *_samples(soaked), *_requests(soaked)]) + "\n"


def _introduction(soaked: list[Soaked], rate: float) -> Iterator[str]:
    minutes = max(one.seconds for one in soaked) / 60
    yield from (
        "# Soak",
        "",
        "Whether a service that runs for long stays as it is. Written by `make bench-soak`. `run.py` has two workers",
        "and its default settings, limits included; PostgreSQL has its own defaults.",
        "",
        f"- **Machine**: {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; clients,",
        f"  services and both databases at the same time. The load at the end was {os.getloadavg()[2]:.0f}.",
        f"- **Load**: for {minutes:g} minutes, {rate:g} actions a second on each database: single books (also with",
        "  `If-None-Match`), lists and their next pages, searches, authors, creates, updates, deletes, batches, logins",
        "  (each on a new connection), refreshes, API keys, the OpenAPI document, probes, and requests that are",
        "  refused. Clients delete as many books as they create, so the catalogue does not grow.",
        "- **Memory**: that of all processes of the service (PSS: shared pages are counted once). Growth is the slope",
        f"  of a line through those after the first {SETTLES / 60:g} minutes; at most {MOST_GROWTH:g} MB an hour.",
        "- **Descriptors**: open files and sockets of all processes, without those of the database. The drift is how",
        f"  much the median of the last quarter is above that of the first; at most {MOST_DRIFT}.",
        "- **Threads**: likewise, but a worker creates one when more requests are under way than ever before, so their",
        f"  number comes close to that of the clients in time; at most {MOST_THREADS}.",
        "- **Connections**: to PostgreSQL; of SQLite the files that its connections have open.",
        "- **Metrics**: each series of requests (by route, method and status), of their durations and of problems must",
        "  have grown by exactly the number of responses that the clients received. Both workers ran all the time, so",
        "  nothing explains a difference.",
        "",
    )


def _checks(soaked: list[Soaked]) -> Iterator[str]:
    yield "## What must hold"
    yield ""
    yield f"| | {' | '.join(f'{one.name} | kept' for one in soaked)} |"
    yield "| --- |" + " --- | --- |" * len(soaked)
    for row in zip(*(one.checks() for one in soaked), strict=True):
        cells = [f"{check.found} | {_verdict(check)}" for check in row]
        yield f"| {row[0].what} | {' | '.join(cells)} |"
    yield ""


def _verdict(check: Check) -> str:
    return {True: "yes", False: "**no**", None: ""}[check.holds]


def _samples(soaked: list[Soaked]) -> Iterator[str]:
    yield "## Over time"
    yield ""
    yield "| database | minute | memory (MB) | descriptors | connections | threads |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for one in soaked:
        for sample in one.samples[:: max(1, len(one.samples) // ROWS)]:
            numbers = (sample.descriptors, sample.connections, sample.threads)
            yield f"| {one.name} | {sample.at / 60:.0f} | {sample.megabytes:.0f} | {' | '.join(map(str, numbers))} |"
    yield ""


def _requests(soaked: list[Soaked]) -> Iterator[str]:
    yield "## Requests"
    yield ""
    yield "| database | requests | a second | median (ms) | p99 (ms) | longest (s) |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for one in soaked:
        seconds = one.tally.seconds
        percentiles = quantiles(seconds, n=100)
        numbers = [len(seconds), f"{len(seconds) / one.seconds:.1f}", f"{percentiles[49] * 1000:.0f}"]
        numbers += [f"{percentiles[98] * 1000:.0f}", f"{max(seconds):.1f}"]
        yield f"| {one.name} | {' | '.join(map(str, numbers))} |"
    yield ""
    yield f"| route | method | status | {' | '.join(one.name for one in soaked)} |"
    yield f"| --- | --- | --- |{' ---: |' * len(soaked)}"
    for request in sorted({request for one in soaked for request in one.tally.requests}):
        counts = [str(one.tally.requests[request]) for one in soaked]
        yield f"| {' | '.join([f'`{request[0]}`', *request[1:], *counts])} |"
