"""Whether a service that runs for long stays as it is: memory, open files, connections, and its own counts.

Clients read, write, search and log in at a steady rate, on both databases at the same time, each with a `run.py` of two
workers and default settings. Writes a report, and fails if anything grew, was lost, or was counted wrongly. It starts
a PostgreSQL of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event, Timer

from app.database import Database
from bench.soak_load import Visitor, visit
from bench.soak_metrics import BUSY, scraped, total
from bench.soak_report import Soaked, markdown
from bench.soak_samples import sampling, unfinished
from bench.soak_tally import Tally
from devtools.databases import settings_for
from devtools.faults.table import BOTH
from devtools.faults.target import Target
from devtools.polling import wait_until
from devtools.postgres import free_port
from scripts.import_books import import_file
from scripts.load_demo import DEMO

REPORT = Path(__file__).with_suffix(".md")
VISITORS = 8
QUIET_WITHIN = 10
"""Seconds after the last response within which the gauges, which are published every second, show that nothing runs."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30, help="how long (%(default)s)")
    parser.add_argument("--rate", type=float, default=20, help="actions a second on each database (%(default)s)")
    parser.add_argument("--every", type=float, default=10, help="seconds between samples (%(default)s)")
    parser.add_argument("--databases", nargs="*", choices=BOTH, default=BOTH, help="only these databases")
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/soak.md)")
    options = parser.parse_args(arguments)
    with ThreadPoolExecutor() as pool:
        soaked = list(pool.map(partial(_soak, options), options.databases))
    options.report.write_text(markdown(soaked, options.rate))
    if failed := [
        f"{one.name}: {check.what}: {check.found}" for one in soaked for check in one.checks() if check.fails
    ]:
        sys.exit("\n".join(failed))


def _soak(options: argparse.Namespace, kind: str) -> Soaked:
    metrics, tally, seconds = free_port(), Tally(), options.minutes * 60
    defaults = dict.fromkeys(("threads", "bcrypt_rounds", "rate_limit_enabled"))
    with (
        tempfile.TemporaryDirectory() as folder,
        Target(kind, Path(folder), metrics_port=metrics, **defaults) as target,
    ):
        address = f"http://127.0.0.1:{metrics}/metrics"
        loaded = Database.of(settings_for(target.url))
        import_file(loaded, DEMO)
        loaded.engine.dispose()
        visitors = [Visitor(target, number) for number in range(VISITORS)]
        before, until = scraped(address), Event()
        timer = Timer(seconds, until.set)
        with sampling(target, options.every) as samples:
            timer.start()
            visit(tally, options.rate, visitors, until)
        for visitor in visitors:
            visitor.close()
        wait_until_quiet(address)
        return Soaked(
            kind=kind,
            seconds=seconds,
            tally=tally,
            samples=samples,
            before=before,
            after=scraped(address),
            unfinished=unfinished(target),
            errors=logged_errors(target.log),
        )


def wait_until_quiet(address: str) -> None:
    """Wait until no request is under way and no connection in use, as far as there is a time when that is so."""
    with suppress(TimeoutError):  # what is left is reported
        wait_until(lambda: not any(total(scraped(address), name) for name in BUSY), within=QUIET_WITHIN)


def logged_errors(log: Path) -> int:
    """How many lines of the log report errors, or are none of the log's own, such as tracebacks."""
    with log.open() as lines:
        return sum(not line.startswith("{") or json.loads(line)["level"] in {"error", "critical"} for line in lines)


if __name__ == "__main__":
    main()
