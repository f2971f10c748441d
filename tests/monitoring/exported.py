"""The metrics that the service exports."""

from __future__ import annotations

import os
from dataclasses import dataclass

from prometheus_client import Histogram

from app.metrics.exporter import Processes
from app.metrics.instruments import instruments


@dataclass(frozen=True)
class Exported:
    """A metric, as the manual describes it."""

    name: str
    labels: tuple[str, ...]
    description: str
    is_histogram: bool = False

    @property
    def row(self) -> str:
        """Its row in the table of the manual."""
        labels = ", ".join(f"`{label}`" for label in self.labels)
        return f"| `{self.name}` | {labels} | {self.description} |"

    @property
    def series(self) -> set[str]:
        """The names of its series."""
        return {f"{self.name}_{part}" for part in ("bucket", "sum", "count")} if self.is_histogram else {self.name}


class OneWorker:
    """A run of one worker, which is the process of the tests."""

    configured = 1

    def processes(self) -> dict[str, int]:
        return {"supervisor": os.getpid(), "worker-1": os.getpid()}

    def deaths(self) -> dict[str, int]:
        return {"worker-1": 3}


def _of_processes() -> list[Exported]:
    found = []
    for metric in Processes(OneWorker()).collect():
        sample = metric.samples[0]
        found.append(Exported(sample.name, tuple(sample.labels), metric.documentation))
    return found


EXPORTED = [
    *(Exported(one.exported, one.labels, one.description, one.kind is Histogram) for one in instruments()),
    *_of_processes(),
]
NAMES = {series for metric in EXPORTED for series in metric.series}
