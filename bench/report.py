"""The growth report, as Markdown: the table, then the plans."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.measuring import MOST_GROWTH, MOST_MILLISECONDS, Times, p95

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.catalogue import Size
    from bench.combinations import Findings
    from bench.plans import Plan

HELD = {True: "yes", False: "**no**", None: ""}
PROMISES = {"flat": f"{MOST_GROWTH} times", "search": f"p95 {MOST_MILLISECONDS:.0f} ms", "other": ""}


COMBINATIONS = "Combinations of filters, sort and search"


@dataclass(frozen=True)
class Report:
    """What was measured, and how."""

    small: Size
    large: Size
    command: str
    machine: str
    filled: str
    rounds: int
    calls: int
    times: list[Times]
    over_http: list[Times]
    plans: dict[str, list[Plan]]
    findings: list[Findings]

    def markdown(self) -> str:
        """The whole report."""
        return "\n".join([*self._introduction(), *self._tables(), *section(self.findings), *self._plans()]) + "\n"

    def _introduction(self) -> Iterator[str]:
        yield "# Growth"
        yield ""
        yield (
            f"How long each kind of read takes with {self.small.books:,} books and with {self.large.books:,}. Written "
            f"by `{self.command}`; the catalogue is synthetic, and the same for the same seed."
        )
        yield ""
        yield f"- **Machine**: {self.machine}"
        yield f"- **Filled**: {self.filled}"
        yield (
            f"- **Measured**: {self.rounds} rounds of up to {self.calls} calls of each kind and size, alternating "
            "between the sizes, after 20 calls to warm the caches. Milliseconds, including SQLAlchemy, the "
            "driver and the server. Pages have 50 books unless noted otherwise."
        )
        yield (
            "- **Deep** pages lie in the middle of their list: behind "
            f"{self.large.books // 2:,} books ({self.large.books // 100:,} pages of 50), or {self.small.books // 2:,}."
        )
        yield (
            f"- **Promised**: `{MOST_GROWTH} times`: the median grows at most by that; "
            f"`p95 {MOST_MILLISECONDS:.0f} ms`: that, at the larger size."
        )
        yield ""

    def _tables(self) -> Iterator[str]:
        yield from self._table("Through the service's readers", self.times)
        yield from self._table("Over HTTP, in the same process", self.over_http)

    def _table(self, title: str, rows: list[Times]) -> Iterator[str]:
        small, large = f"{self.small.books:,}", f"{self.large.books:,}"
        yield f"## {title}"
        yield ""
        yield f"| read | p50 at {small} | p95 | p50 at {large} | p95 | growth | promised | held |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |"
        for of_read in rows:
            numbers = [median(of_read.small), p95(of_read.small), median(of_read.large), p95(of_read.large)]
            cells = [of_read.read.name, *(f"{number:.2f}" for number in numbers), f"{of_read.growth:.2f}"]
            yield f"| {' | '.join([*cells, PROMISES[of_read.read.promise], HELD[of_read.kept]])} |"
        yield ""

    def _plans(self) -> Iterator[str]:
        yield f"## Plans, at {self.large.books:,} books"
        yield ""
        yield (
            "As `EXPLAIN` shows them for the first call of each kind. A prepared statement may also get a generic "
            "plan: the line below each plan covers both."
        )
        yield ""
        for name, plans in self.plans.items():
            yield f"### {name}"
            yield ""
            for plan in plans:
                yield from ("```", *plan.lines, "```", "", _verdict(plan), "")


def section(findings: list[Findings]) -> Iterator[str]:
    """The times of combinations of filters, a sort and a search."""
    yield f"## {COMBINATIONS}"
    yield ""
    yield (
        "Pairs of filters, each with values that many books have and that few have, with every sort and none, several "
        "searches and none, with `count=exact` and without. Once each; the median of three where that took over 50 ms."
    )
    yield ""
    for one in findings:
        yield from one.markdown()
    yield ""


def with_section(report: str, findings: list[Findings]) -> str:
    """The report with new findings of combinations, otherwise unchanged."""
    before, _, after = report.partition("\n## Plans")
    before = before.partition(f"\n## {COMBINATIONS}")[0].rstrip("\n")
    return "\n".join([before, "", *section(findings)]) + (f"\n## Plans{after}" if after else "")


def _verdict(plan: Plan) -> str:
    if not plan.scanned and not plan.scanned_when_generic:
        return "No sequential scan of a large table, neither with these values nor with any."
    parts = (("with these values", plan.scanned), ("with any values", plan.scanned_when_generic))
    return "**Sequential scan**: " + "; ".join(f"{', '.join(names)} {when}" for when, names in parts if names) + "."
