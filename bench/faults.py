"""What clients see of faults, and how soon the service is well again: each fault, with each load, on both databases.

Then processes are killed at random while clients write, and the acknowledged writes that are not there are counted.
Both databases are measured at the same time. Writes a report. It starts a PostgreSQL of its own, which it stops and
kills.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from math import isfinite
from pathlib import Path

from rich.console import Console

from bench.faults_report import Report
from devtools.faults.load import LOADS
from devtools.faults.measuring import Kills, Measured, kill_repeatedly, measure
from devtools.faults.table import BOTH, FAULTS, faults_on
from devtools.faults.target import Target

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
    with ThreadPoolExecutor() as pool:
        for rows in pool.map(lambda kind: _matrix(kind, options), options.databases):
            report.measured += rows
        options.report.write_text(report.markdown())
        kills = pool.map(lambda kind: _kills(kind, options.kills // len(options.databases)), options.databases)
        report.kills = dict(zip(options.databases, kills, strict=True))
    options.report.write_text(report.markdown())


def _matrix(kind: str, options: argparse.Namespace) -> list[Measured]:
    rows = []
    with tempfile.TemporaryDirectory() as folder, Target(kind, Path(folder)) as target:
        for fault in faults_on(kind):
            for load in options.loads if fault.name in options.faults else ():
                rows.append(measure(target, fault, load, options.waits if fault.waits else options.seconds))
                console.print(Report.row(rows[-1]), markup=False)
                if not isfinite(rows[-1].well_after):
                    target.kill()
                    target.start()
    return rows


def _kills(kind: str, number: int) -> Kills:
    so_far = Kills()
    if number:
        with tempfile.TemporaryDirectory() as folder, Target(kind, Path(folder)) as target:
            for so_far in kill_repeatedly(target, number, random.Random()):  # noqa: S311  (not for secrets)
                console.print(kind, so_far.by_fault, f"{len(so_far.lost)} lost", markup=False)
    return so_far


if __name__ == "__main__":
    main()
