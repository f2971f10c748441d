"""The access report, as Markdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.measuring import p95
from bench.report import HELD

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DIFFERENCE = 0.05
"""Largest relative difference between the medians of the two kinds of logins."""
MOST_SLOWED = 3.0
"""Largest factor by which the p95 of reads may grow under a flood."""


@dataclass(frozen=True)
class Round:
    """The milliseconds of reads without and with a flood, and the statuses of its logins."""

    calm: list[float]
    flooded: list[float]
    logins: Counter[int]

    @property
    def p95_calm(self) -> float:
        """The p95 without a flood."""
        return p95(self.calm)

    @property
    def p95_flooded(self) -> float:
        """The p95 with a flood."""
        return p95(self.flooded)


@dataclass(frozen=True)
class AccessReport:
    """What was measured, and how."""

    machine: str
    books: int
    workers: int
    bcrypt_rounds: int
    clients: int
    readers: int
    rate: float
    seconds: float
    unknown: list[float]
    wrong: list[float]
    rounds: list[Round]

    def markdown(self) -> str:
        """The whole report."""
        return "\n".join([*self._introduction(), *self._timing(), *self._flood()]) + "\n"

    def _introduction(self) -> Iterator[str]:
        yield "# Access"
        yield ""
        yield ("What login times reveal, and what a flood of logins costs readers. Written by `make bench-access`.")
        yield ""
        yield f"- **Machine**: {self.machine} The clients ran on it, too."
        yield (
            f"- **Server**: `run.py` over loopback, WORKERS={self.workers}, BCRYPT_ROUNDS={self.bcrypt_rounds}, "
            f"without rate limits, {self.books:,} books."
        )
        yield ""

    def _timing(self) -> Iterator[str]:
        difference = abs(median(self.unknown) / median(self.wrong) - 1)
        yield "## The time of a login"
        yield ""
        yield (
            f"{len(self.unknown)} logins with an unknown username and {len(self.wrong)} with a wrong password, "
            "alternating, one at a time. Milliseconds."
        )
        yield ""
        yield "| login | p5 | p25 | median | p75 | p95 |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        yield _spread("unknown name", self.unknown)
        yield _spread("wrong password", self.wrong)
        yield ""
        yield (
            f"The medians differ by {difference:.2%}; promised: less than {MOST_DIFFERENCE:.0%}; "
            f"held: {HELD[difference < MOST_DIFFERENCE]}."
        )
        yield ""

    def _flood(self) -> Iterator[str]:
        slowed = median(round_.p95_flooded for round_ in self.rounds) / median(
            round_.p95_calm for round_ in self.rounds
        )
        yield "## `GET /books/<id>` under a flood of logins"
        yield ""
        yield (
            f"{self.readers} readers, {self.rate:.0f} reads a second each, {self.seconds:.0f} s without and then "
            f"{self.seconds:.0f} s with {self.clients} clients that log in repeatedly. Milliseconds from when a "
            "read was due."
        )
        yield ""
        yield "| round | median | p95 | flooded: median | p95 | p95 grew to | logins |"
        yield "| ---: | ---: | ---: | ---: | ---: | ---: | --- |"
        for number, one in enumerate(self.rounds, 1):
            numbers = [median(one.calm), one.p95_calm, median(one.flooded), one.p95_flooded]
            logins = ", ".join(f"{count} of {status}" for status, count in sorted(one.logins.items()))
            cells = [str(number), *(f"{number:.2f}" for number in numbers), _times(one.p95_flooded / one.p95_calm)]
            yield f"| {' | '.join(cells)} | {logins} |"
        yield ""
        yield (
            f"By the medians of the rounds, p95 grew to {_times(slowed)}; promised: less than {_times(MOST_SLOWED)}; "
            f"held: {HELD[slowed < MOST_SLOWED]}."
        )


def _spread(name: str, times: list[float]) -> str:
    twentieths = quantiles(times, n=20, method="inclusive")
    numbers = [twentieths[0], twentieths[4], median(times), twentieths[14], twentieths[18]]
    return f"| {name} | {' | '.join(f'{number:.1f}' for number in numbers)} |"


def _times(ratio: float) -> str:
    return f"{ratio:.2f} times"
