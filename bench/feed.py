"""Followers of the feed end with the catalogue, whatever happens meanwhile, and how far the feed lags behind commits.

Sixteen writers change books through two services on one database, beside batches, imports and transactions that stay
open for seconds after their writes. Processes are killed at random, PostgreSQL included. Three followers have only a
cursor and a copy, and are restarted at random. In the end their copies must be equal to the tables, no change may be
missing, out of order for its record or without a place. Writes a report; exits with 1 if anything failed. It starts a
PostgreSQL of its own.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic

from rich.console import Console

from bench.feed_followers import Follower, Watcher
from bench.feed_report import Outcome, markdown
from bench.feed_service import Services
from bench.feed_writers import Writers
from devtools.polling import wait_until

REPORT = Path(__file__).with_suffix(".md")
DATABASES = ("postgresql", "sqlite")
FOLLOWERS = 3
CAUGHT_UP_WITHIN = 600
DELIVERED_WITHIN = 240
"""What a deliverer was sending when it was killed is sent again after 90 seconds."""
console = Console(soft_wrap=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.feed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", nargs="*", choices=DATABASES, default=DATABASES, help="only these databases")
    parser.add_argument("--changes", type=int, default=100_000, help="changes on PostgreSQL (%(default)s)")
    parser.add_argument("--sqlite-changes", type=int, default=10_000, help="changes on SQLite (%(default)s)")
    parser.add_argument("--writers", type=int, default=16, help="clients that write (%(default)s)")
    parser.add_argument("--kills", type=int, default=20, help="kills of processes, on each database (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3_600, help="the longest that clients write (%(default)s)")
    parser.add_argument(
        "--most-lag", type=float, default=1, help="seconds until a change is published, 95th percentile (%(default)s)"
    )
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/feed.md)")
    options = parser.parse_args(arguments)
    outcomes = []
    for kind in options.databases:
        changes = options.changes if kind == "postgresql" else options.sqlite_changes
        with tempfile.TemporaryDirectory() as folder, Services(kind, Path(folder)) as services:
            outcomes.append(run(services, changes, options))
        options.report.write_text(markdown(outcomes, options.writers, FOLLOWERS))
        console.print(outcomes[-1], markup=False)
    if any(outcome.failures for outcome in outcomes):
        sys.exit(1)


def run(services: Services, changes: int, options: argparse.Namespace) -> Outcome:
    """Write until there are so many changes, follow them, and compare."""
    chance = random.Random()  # noqa: S311  (not for secrets)
    followers = [Follower(services) for _ in range(FOLLOWERS)]
    writers, watcher = Writers(services, options.writers), Watcher(services)
    began, killed = monotonic(), 0
    for thread in (*followers, watcher, *writers.threads):
        thread.start()
    try:
        while (written := services.changes()) < changes and monotonic() - began < options.seconds:
            if killed < options.kills and written >= changes * (killed + 1) / (options.kills + 1):
                services.kill_one(chance)
                killed += 1
            chance.choice(followers).restart()
            writers.stopping.wait(chance.uniform(0.2, 2))
    finally:
        writers.stop()
    seconds = monotonic() - began
    services.revive()
    end = services.changes()
    try:
        wait_until(lambda: all(follower.at_end(end) for follower in followers), within=CAUGHT_UP_WITHIN)
        with suppress(TimeoutError):  # the outcome says so
            wait_until(lambda: not services.undelivered(), within=DELIVERED_WITHIN)
    finally:
        watcher.stop()
        for follower in followers:
            follower.stop()
    outcome = Outcome.of(services, followers, seconds, killed).with_lags(
        watcher.lags, [lag for follower in followers for lag in follower.lags], options.most_lag
    )
    return outcome.with_deliveries(services.deliveries, services.undelivered())


if __name__ == "__main__":
    main()
