"""The report of the comparison, as Markdown: what must hold, a table like a scoreboard, and all that was measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from bench.compare_rows import AUTHOR, BY_ID, CREATE, FILTER, HELLO, NESTED, PAGE, READS, ROWS, SEARCH, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.compare_measuring import Measured

OURS, PGBENCH = "ours", "pgbench"
PYTHON_PEERS = ("fastapi-orm", "fastapi-tuned", "django", "flask")
LEAST: dict[str, dict[str, float]] = {
    BY_ID.key: {"fastapi-orm": 5, "fastapi-tuned": 1.1, "fastify": 0.4, PGBENCH: 0.1},
    PAGE.key: {"fastapi-orm": 8, "fastapi-tuned": 1.2, "fastify": 1.3, PGBENCH: 0.15},
    FILTER.key: {"fastapi-orm": 5, "fastapi-tuned": 1.1, "fastify": 0.5},
    NESTED.key: {"fastapi-orm": 5, "fastapi-tuned": 1.1, "fastify": 0.5},
    AUTHOR.key: {},
    SEARCH.key: dict.fromkeys(("fastapi-orm", "fastapi-tuned", "fastify"), 10),
    CREATE.key: {"fastapi-orm": 1.5, "fastify": 0.6, PGBENCH: 0.2},
}
"""How many times the rate of another ours must have, at least."""
SEARCH_BOOKS = 1_000_000
"""At how many books searches are compared: a peer reads every row, so its times grow with the catalogue."""
MOST_P99 = 100.0
"""Milliseconds of our reads at 64 connections; and below those of every peer in Python."""
P99_CONNECTIONS = 64
MOST_MEMORY = 0.75
"""Of the memory of FastAPI with the ORM."""
HOLDS = {True: "yes", False: "**no**"}


@dataclass
class Report:
    """What was measured, and how.

    Attributes:
        names: of the services, by key, in the order of the tables.
        left_out: peers that could not be installed, and why.
        rounds: the rounds of each row on each service, by their keys.
        memory: of each service, at the end of each round, in megabytes.
    """

    machine: str
    versions: str
    books: int
    connections: int
    seconds: float
    names: dict[str, str]
    left_out: dict[str, str]
    rounds: dict[tuple[str, str], list[Measured]] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)

    def add(self, row: str, service: str, measured: Measured) -> None:
        """Keep a round."""
        self.rounds.setdefault((row, service), []).append(measured)

    def rate(self, row: str, service: str) -> float | None:
        """The median of the rates; None if it was not measured."""
        found = self.rounds.get((row, service))
        return median(one.rate for one in found) if found else None

    def p99(self, row: str, service: str) -> float | None:
        """The median of the 99th percentiles, in milliseconds; None if it was not measured."""
        found = [one.p99 for one in self.rounds.get((row, service), []) if one.p99 is not None]
        return median(found) if found else None

    def markdown(self) -> str:
        """The whole report."""
        parts = (self._introduction(), self._scores(), self._targets(), self._details())
        return "\n".join(line for part in parts for line in part) + "\n"

    def _introduction(self) -> Iterator[str]:
        count = max((len(rounds) for rounds in self.rounds.values()), default=0)
        yield "# Speed"
        yield ""
        yield "The service beside others with the same answers from the same tables. Written by `make bench`."
        yield ""
        yield f"- **Machine**: {self.machine} All of it, wrk included, ran there."
        yield f"- **Versions**: {self.versions}"
        yield (
            f"- **Measured**: {self.books:,} books, {self.connections} connections, random records. Medians of {count} "
            f"rounds of {self.seconds:g} s for each row, with all services in turn in each round, each after a warm-up"
            f"{', and each on a new copy of the catalogue' if CREATE.key in {row for row, _ in self.rounds} else ''}."
        )
        yield (
            "- **Our service**: `run.py` with two workers, with everything it does by default, and metrics; a limit is "
            "checked for each request, and never reached. Creates are authorized, and write search, stored document and"
            " change log."
        )
        yield (
            "- **Peers**: `bench/peers/`, two workers each; without authentication, limits, log of requests, "
            "validators (`ETag`) or metrics. Their creates write books, contributors, genres and identifiers only; "
            "searches are `ILIKE`. Before measuring, all answers were compared with ours."
        )
        yield (
            "- **Limits**: pgbench sends our statements, prepared, from 16 clients. The `hello` services answer five "
            "bytes. Processor time: of the service's processes, + that of PostgreSQL, in microseconds a request."
        )
        yield from (f"- **Left out**: {name}: {why}" for name, why in self.left_out.items())
        yield ""

    def _scores(self) -> Iterator[str]:
        yield "## Requests per second, and how many times that of others ours is"
        yield ""
        yield f"|  | {' | '.join(self.names.values())} |"
        yield f"| --- |{' ---: |' * len(self.names)}"
        for row in self._measured_rows():
            ours = self.rate(row.key, OURS)
            cells = (self._score(row, service, ours) for service in self.names)
            yield f"| {row.name} | {' | '.join(cells)} |"
        cells = (f"{median(self.memory[one]):.0f}" if self.memory.get(one) else "" for one in self.names)
        yield f"| memory (PSS), MB | {' | '.join(cells)} |"
        yield ""

    def _score(self, row: Row, service: str, ours: float | None) -> str:
        found = self.rate(row.key, service)
        if found is None:
            return ""
        ratio = f" ({ours / found:.2g}x)" if ours is not None and found and service != OURS else ""
        return f"{'**' if service == OURS else ''}{shown(found)}{'**' if service == OURS else ''}{ratio}"

    def _measured_rows(self) -> list[Row]:
        found = {row for row, _ in self.rounds}
        return [row for row in [*ROWS, Row(HELLO, "five bytes")] if row.key in found]

    def _targets(self) -> Iterator[str]:
        yield "## What must hold"
        yield ""
        yield "| row | of | at least | measured | holds |"
        yield "| --- | --- | ---: | ---: | --- |"
        for row in ROWS:
            for service, least in LEAST[row.key].items():
                ours, theirs = self.rate(row.key, OURS), self.rate(row.key, service)
                if ours is None or not theirs:
                    continue
                place = f"at {SEARCH_BOOKS:,} books" if row == SEARCH and self.books < SEARCH_BOOKS else ""
                holds = place or HOLDS[ours / theirs >= least]
                yield f"| {row.name} | {self.names[service]} | {least:g}x | {ours / theirs:.2g}x | {holds} |"
        yield ""
        yield "| row | what | at most | measured | holds |"
        yield "| --- | --- | ---: | ---: | --- |"
        yield from (f"| {' | '.join(cells)} |" for cells in self._bounds())
        yield ""

    def _bounds(self) -> Iterator[tuple[str, ...]]:
        for row in READS:
            ours = self.p99(row.key, OURS)
            if ours is None:
                continue
            if self.connections == P99_CONNECTIONS:
                yield row.name, "p99, ms", f"{MOST_P99:g}", f"{ours:.0f}", HOLDS[ours < MOST_P99]
            theirs = [found for one in PYTHON_PEERS if (found := self.p99(row.key, one)) is not None]
            if theirs:
                least = min(theirs)
                yield row.name, "p99, ms: the best of a Python peer", f"{least:.0f}", f"{ours:.0f}", HOLDS[ours < least]
        errors = self._errors(OURS)
        yield "all", "our errors", "0", str(errors), HOLDS[errors == 0]
        if self.memory.get(OURS) and self.memory.get("fastapi-orm"):
            ours, theirs_least = median(self.memory[OURS]), MOST_MEMORY * median(self.memory["fastapi-orm"])
            what = f"memory (PSS), MB: {MOST_MEMORY:g} of {self.names['fastapi-orm']}"
            yield "all", what, f"{theirs_least:.0f}", f"{ours:.0f}", HOLDS[ours <= theirs_least]

    def _errors(self, service: str) -> int:
        return sum(one.errors for (_, key), found in self.rounds.items() if key == service for one in found)

    def _details(self) -> Iterator[str]:
        yield "## All that was measured"
        yield ""
        yield "| row | service | requests/s (least to most) | ours is | p50, ms | p99, ms | processor, µs | errors |"
        yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        for row in self._measured_rows():
            for service, name in self.names.items():
                if found := self.rounds.get((row.key, service)):
                    yield f"| {row.name} | {name} | {' | '.join(self._detail(row.key, service, found))} |"

    def _detail(self, row: str, service: str, found: list[Measured]) -> Iterator[str]:
        rates = [one.rate for one in found]
        yield f"{shown(median(rates))} ({shown(min(rates))} to {shown(max(rates))})"
        ours = self.rate(row, OURS)
        yield f"{ours / median(rates):.2g}x" if ours is not None and median(rates) and service != OURS else ""
        for times in ([one.p50 for one in found], [one.p99 for one in found]):
            numbers = [time for time in times if time is not None]
            yield f"{median(numbers):.1f}" if numbers else ""
        own = f"{median(one.own for one in found):,.0f}" if service != PGBENCH else "0"
        database = [one.database for one in found if one.database is not None]
        yield f"{own} + {median(database):,.0f}" if database and row != HELLO else own
        yield str(sum(one.errors for one in found))


def shown(rate: float) -> str:
    """A rate, with as many digits as it needs."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"  # noqa: PLR2004  (a matter of looks)
