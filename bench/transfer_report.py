"""The report of imports and exports, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from bench.report import HELD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.transfer_work import Run

EMPTY, FULL, OUT = "jsonl into an empty catalogue", "jsonl into a full catalogue", "jsonl out of a large catalogue"
COPIED = "COPY of the same rows"
LEAST_OF_COPY = 1 / 3
"""Speed of an import relative to COPY."""
LEAST_OF_EMPTY = 0.5
"""Speed of an import into a full catalogue relative to an empty one."""
LEAST_OUT = 30_000
"""Books a second."""
MOST_OF_JSONL = 1.5
"""Time of an import as CSV relative to JSON Lines."""
MOST_MEMORY = 250
"""MB."""


@dataclass
class TransferReport:
    """What was measured, and how.

    Attributes:
        runs: by their names.
    """

    machine: str
    books: int
    others: int
    rounds: int
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def markdown(self) -> str:
        """The whole report."""
        return "\n".join([*self._introduction(), *self._goals(), *self._formats()]) + "\n"

    def rate(self, name: str) -> float:
        """The median of the rates of a kind of run, in books a second."""
        return median(run.rate for run in self.runs[name])

    def _introduction(self) -> Iterator[str]:
        yield "# Imports and exports"
        yield ""
        yield "How fast books come in and go out, on PostgreSQL. Written by `make bench-transfer`."
        yield ""
        yield f"- **Machine**: {self.machine}"
        yield (
            f"- **Imported**: {self.books:,} seeded books, by the importer of `scripts.import_books`, with all checks, "
            "the search index, the documents and the change log. A full catalogue has as many other books already. "
            "The imports into an empty and into a full catalogue alternate part by part; another into an empty one "
            "comes before them."
        )
        yield (
            f"- **{COPIED}**: all rows that the import wrote, in all tables, by one COPY for each table, into a fresh "
            "database with the same constraints and indexes, right after the imports into an empty catalogue."
        )
        yield "- **Rates** are medians, in books a second."
        yield (
            "- **Memory**: the most that was resident in any importing or exporting process (`VmHWM`), apart from "
            "PostgreSQL."
        )
        yield ""

    def _goals(self) -> Iterator[str]:
        yield "| what | books a second | ratio | goal | held |"
        yield "| --- | ---: | ---: | --- | --- |"
        copied, empty = self.rate(COPIED), self.rate(EMPTY)
        yield _row(COPIED, copied)
        beside = zip(self.runs[EMPTY], self.runs[COPIED], strict=True)
        of_copy = median(run.rate / copy.rate for run, copy in beside)
        of_empty = self.runs[FULL][-1].rate / self.runs[EMPTY][-1].rate  # those that alternated
        yield _row(EMPTY, empty, f"{of_copy:.2f} of COPY", "at least a third", of_copy >= LEAST_OF_COPY)
        goal = "at least half"
        yield _row(FULL, self.rate(FULL), f"{of_empty:.2f} of an empty one", goal, of_empty >= LEAST_OF_EMPTY)
        yield _row(OUT, self.rate(OUT), "", f"at least {LEAST_OUT:,}", self.rate(OUT) >= LEAST_OUT)
        if "csv in" in self.runs:
            times = self.rate("jsonl in") / self.rate("csv in")
            goal = f"at most {MOST_OF_JSONL} times"
            yield _row(
                "csv in", self.rate("csv in"), f"{times:.2f} times as long as jsonl", goal, times <= MOST_OF_JSONL
            )
        most = max(run.memory for runs in self.runs.values() for run in runs)
        yield f"| memory | | {most:.0f} MB | below {MOST_MEMORY} MB | {HELD[most < MOST_MEMORY]} |"
        yield ""

    def _formats(self) -> Iterator[str]:
        yield f"## Formats, at {self.others:,} books"
        yield ""
        yield f"Into an empty catalogue, and out of one with as many books; {self.rounds} rounds."
        yield ""
        yield "| format | in | out | memory in, MB | memory out, MB |"
        yield "| --- | ---: | ---: | ---: | ---: |"
        for form in dict.fromkeys(name.split()[0] for name in self.runs if name.endswith((" in", " out"))):
            names = (f"{form} in", f"{form} out")
            rates = [f"{self.rate(name):,.0f}" for name in names]
            memory = [f"{max(run.memory for run in self.runs[name]):.0f}" for name in names]
            yield f"| {' | '.join([form, *rates, *memory])} |"


def _row(what: str, rate: float, ratio: str = "", goal: str = "", held: bool | None = None) -> str:  # noqa: FBT001
    return f"| {what} | {rate:,.0f} | {ratio} | {goal} | {HELD[held]} |"
