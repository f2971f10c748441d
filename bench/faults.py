"""What clients see of faults, and how soon the service is well again: each fault, with each load, on both databases.

Then processes are killed at random while clients write, and the acknowledged writes that are not there are counted.
Writes a report. It starts a PostgreSQL of its own, which it stops and kills.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bench.faults_report import Report
from devtools.faults.load import LOADS
from devtools.faults.measuring import Kills, Measured, kill_repeatedly, measure
from devtools.faults.table import BOTH, FAULTS, faults_on
from devtools.faults.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT = Path(__file__).with_suffix(".md")
console = Console(soft_wrap=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [fault.name for fault in FAULTS]
    parser.add_argument("--faults", nargs="*", choices=names, default=names, metavar="NAME", help="only these faults")
    parser.add_argument("--loads", nargs="*", choices=LOADS, default=LOADS, help="only these loads")
    parser.add_argument("--databases", nargs="*", choices=BOTH, default=BOTH, help="only these databases")
    parser.add_argument("--seconds", type=float, default=3, help="how long a fault lasts (%(default)s)")
    parser.add_argument(
        "--waits", type=float, default=32, help="how long one lasts in which requests wait (%(default)s)"
    )
    parser.add_argument("--kills", type=int, default=1_000, help="random kills, on both databases (%(default)s)")
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/faults.md)")
    options = parser.parse_args(arguments)
    report = Report(options.seconds, options.waits)
    for kind in options.databases:
        for of_fault in _matrix(kind, options):
            report.measured.append(of_fault)
            console.print(Report.row(of_fault), markup=False)
    for kind in options.databases:
        for so_far in _kills(kind, options.kills // len(options.databases)):
            report.kills[kind] = so_far
            console.print(kind, so_far.by_fault, f"{len(so_far.lost)} lost", markup=False)
    options.report.write_text(report.markdown())


def _matrix(kind: str, options: argparse.Namespace) -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder, Target(kind, Path(folder)) as target:
        for fault in faults_on(kind):
            if fault.name in options.faults:
                for load in options.loads:
                    yield measure(target, fault, load, options.waits if fault.waits else options.seconds)


def _kills(kind: str, number: int) -> Iterator[Kills]:
    if number:
        with tempfile.TemporaryDirectory() as folder, Target(kind, Path(folder)) as target:
            yield from kill_repeatedly(target, number, random.Random())  # noqa: S311  (not for secrets)


if __name__ == "__main__":
    main()
