"""What login times reveal, and what logins cost readers: run.py with two workers, on PostgreSQL, over loopback.

First the time of logins with an unknown username and with a wrong password, alternating; then the time of
`GET /books/<id>` without and with a flood of logins, alternating. Takes some five minutes, and writes a report.
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import sleep
from typing import TYPE_CHECKING

import httpx
from rich.console import Console
from rich.progress import Progress

from app.settings import Settings
from bench.access_report import AccessReport, Round
from bench.catalogue import Size
from bench.clients import flood, read_steadily, time_logins
from bench.filling import fill
from bench.server import benchmark_server, described
from devtools.serving import migrated, serving

if TYPE_CHECKING:
    from collections import Counter

AUTHORS_OF = 0.3
"""Authors per book."""
MEMBER = {"username": "alice", "password": "correct horse battery"}
WORKERS = 2
SETTLES_WITHIN = 2.0
"""Seconds until each client of a flood has a login in the queue."""
REPORT = Path(__file__).with_suffix(".md")
console = Console()


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    with benchmark_server(None) as server, tempfile.TemporaryDirectory() as folder:
        with Progress(console=console) as progress:
            fill(migrated(server), Size(options.books, int(options.books * AUTHORS_OF) or 1), 1, progress, 1)
        with serving(
            server, Path(folder), workers=WORKERS, threads=None, bcrypt_rounds=None, log_level="error",
            rate_limit_enabled="false",
        ) as served:  # fmt: skip
            machine = described(server, own=True)
            httpx.post(f"{served.base}/register", json=MEMBER, trust_env=False, timeout=60).raise_for_status()
            unknown, wrong = time_logins(served.base, MEMBER["username"], options.logins)
            console.print(
                f"logins: {median(unknown):.1f} ms for an unknown user, {median(wrong):.1f} ms for a known one"
            )
            rounds = [_round(served.base, options) for _ in range(options.rounds)]
    rounds_of_hashes = Settings.model_fields["bcrypt_rounds"].default
    report = AccessReport(
        machine, options.books, WORKERS, rounds_of_hashes, options.clients, options.readers, options.rate,
        options.seconds, unknown, wrong, rounds,
    )  # fmt: skip
    options.report.write_text(report.markdown())
    console.print(report.markdown(), markup=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.access", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--books", type=int, default=5_000, help="books in the catalogue (%(default)s)")
    parser.add_argument("--logins", type=int, default=200, help="logins of each kind (%(default)s)")
    parser.add_argument("--rounds", type=int, default=6, help="rounds of reading (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=10, help="duration of reading, twice in each round (%(default)s)"
    )
    parser.add_argument("--clients", type=int, default=100, help="clients that log in at once (%(default)s)")
    parser.add_argument("--readers", type=int, default=8, help="clients that read meanwhile (%(default)s)")
    parser.add_argument("--rate", type=float, default=10, help="reads per second of each of them (%(default)s)")
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/access.md)")
    return parser


def _round(base: str, options: argparse.Namespace) -> Round:
    """Read for some time without a flood, and then with one. The round ends with the response to the last login."""

    def read() -> list[float]:
        return read_steadily(base, options.readers, options.rate, options.seconds, options.books)

    calm = read()
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        lasts = SETTLES_WITHIN + options.seconds
        logins = elsewhere.submit(flood, base, MEMBER["username"], options.clients, lasts)
        sleep(SETTLES_WITHIN)
        flooded = read()
        answers: Counter[int] = logins.result()
    done = Round(calm, flooded, answers)
    console.print(f"reads: p95 {done.p95_calm:.2f} ms, flooded {done.p95_flooded:.2f} ms; {dict(answers)}")
    return done


if __name__ == "__main__":
    main()
