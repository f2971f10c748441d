"""The report on faults, as Markdown."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devtools.faults.load import CLIENTS
from devtools.faults.measuring import LONGEST, PROBE_SECONDS, ROUNDS, WELL_WITHIN
from devtools.faults.table import SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.faults.measuring import Kills, Measured

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass
class Report:
    """What was measured.

    Args:
        seconds: how long a fault lasted.
        waits: how long one lasted in which requests wait.
    """

    seconds: float
    waits: float
    measured: list[Measured] = field(default_factory=list)
    kills: dict[str, Kills] = field(default_factory=dict)

    def markdown(self) -> str:
        """The whole report."""
        return "\n".join([*self._introduction(), *self._matrix(), *self._kills()]) + "\n"

    @staticmethod
    def row(one: Measured) -> str:
        """A row of the table."""
        outcomes = one.observed.outcomes
        refused = ", ".join(
            f"{outcome} ({count})" for outcome, count in sorted(outcomes.items()) if outcome not in SUCCESS
        )
        kept = one.well_after <= WELL_WITHIN and one.observed.longest <= LONGEST and not one.lost and not one.unexpected
        cells = [
            one.fault.name,
            one.load,
            DATABASES[one.kind],
            str(sum(count for outcome, count in outcomes.items() if outcome in SUCCESS)),
            refused or "none",
            f"{one.observed.longest:.1f}",
            f"{one.well_after:.1f}",
            f"{len(one.lost)} of {len(one.observed.acknowledged)}" if one.load == "writes" else "",
            "yes" if kept else "**no**",
        ]
        return f"| {' | '.join(cells)} |"

    def _introduction(self) -> Iterator[str]:
        load = os.getloadavg()[2]
        yield from (
            "# Faults",
            "",
            "What clients see of each fault, and how soon the service is well after its cause is gone. Written by",
            "`make bench-faults`. `run.py` has two workers and its default settings; PostgreSQL has its own defaults",
            "(`fsync` on).",
            "",
            f"- **Machine**: {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; clients,",
            f"  services and both databases at the same time. The load at the end was {load:.0f}.",
            f"- **Load**: {CLIENTS} clients that read, or that write, without a pause; or none (idle).",
            f"- **Duration**: a fault lasts {self.seconds:g} s; one in which requests wait (silence, a lock),",
            f"  {self.waits:g} s. The time until the service is well counts from its end: for killed workers and",
            "  backends, a worker stopped for good, and replaced and deleted files, from when that happened; for a",
            "  service that was killed, from when it is started again; for PostgreSQL, from when that responds again.",
            f"- **Well**: reads, writes and `/readyz` succeed, {ROUNDS} times in a row on new connections, each within",
            f"  {PROBE_SECONDS:g} s. The time is that until the first of these.",
            "- **closed**: the connection was refused, or closed without a response.",
            f"- **Kept**: well within {WELL_WITHIN:g} s, no request open for more than {LONGEST:g} s, no response that",
            "  this fault should not cause (a 4xx or a 500, for example), and no acknowledged write lost. If a backup",
            "  replaces the file, the writes before that are not counted.",
            "",
        )

    def _matrix(self) -> Iterator[str]:
        yield "## Each fault"
        yield ""
        yield "| fault | load | database | succeeded | not | longest (s) | well after (s) | writes lost | kept |"
        yield "| --- | --- | --- | ---: | --- | ---: | ---: | ---: | --- |"
        yield from (self.row(one) for one in self.measured)
        yield ""

    def _kills(self) -> Iterator[str]:
        yield "## Random kills"
        yield ""
        yield "SIGKILL at random under writes, each when the service was well after the one before."
        yield ""
        yield "| database | kills | of which | writes acknowledged | lost | longest (s) | well after, at most (s) |"
        yield "| --- | ---: | --- | ---: | ---: | ---: | ---: |"
        for kind, found in self.kills.items():
            kinds = ", ".join(f"{name} ({count})" for name, count in sorted(found.by_fault.items()))
            numbers = [found.acknowledged, len(found.lost), f"{found.longest:.1f}", f"{found.slowest:.1f}"]
            cells = [DATABASES[kind], sum(found.by_fault.values()), kinds, *numbers]
            yield f"| {' | '.join(map(str, cells))} |"
        yield ""
        for kind, found in self.kills.items():
            if found.unexpected:
                yield f"Unexpected on {DATABASES[kind]}: {', '.join(sorted(found.unexpected))}."
