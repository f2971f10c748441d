"""Many concurrent readers, by the size of the pool, and the cost of queueing: run.py, over loopback.

Measures throughput and latency. First 64 clients on PostgreSQL and on SQLite, alternating between the configurations;
`--before` adds another checkout of the service. Then other numbers of clients; then a few readers of single books,
without and with many slow searches. Takes some ten minutes, and writes a report.
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import psycopg
from rich.console import Console
from rich.progress import Progress

from app.database import Database
from bench.catalogue import Size
from bench.clients import read_steadily
from bench.crowd import crowd
from bench.filling import fill
from bench.pool_report import Beside, Crowd, PoolReport, Trial
from bench.server import benchmark_server, described
from devtools.databases import ROOT, settings_for
from devtools.serving import migrated, serving
from scripts.load_demo import load

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bench.crowd import Answers
    from devtools.serving import Server

AUTHORS_OF = 0.3
"""Authors per book."""
WORKERS = 2
CROWDS = [1, 8, 64, 200]
DEMO = 390
"""Books that exist in both databases: the smaller has the demo catalogue."""
BY_ID = "a book by id"
READS = {
    BY_ID: [f"/books/{number}" for number in range(1, DEMO)],
    "a page of 50": ["/books"],
    "an author's books": ["/authors/2/books"],
}
SLOW = ["/books?q=t&limit=200&count=exact&sort=title", "/books?q=a&language=en&limit=200&count=exact&sort=title"]
SETTLES_WITHIN = 1.0
"""Seconds until all slow searches are running."""
REPORT = Path(__file__).with_suffix(".md")
console = Console()


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    now = Trial("now", ROOT)
    trials = [now, *(Trial(f"now, DB_POOL_SIZE={size}", ROOT, size) for size in options.sizes)]
    before = [Trial("before", options.before.resolve())] if options.before else []
    with benchmark_server(None) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        urls = {"PostgreSQL": server, "SQLite": migrated(f"sqlite:///{folder}/books.db")}
        with Progress(console=console) as progress:
            fill(migrated(server), Size(options.books, int(options.books * AUTHORS_OF) or 1), 1, progress, 1)
        database = Database.of(settings_for(urls["SQLite"]))
        load(database)
        database.engine.dispose()
        report = PoolReport(
            described(server, own=True), options.books, WORKERS, options.clients, options.searchers, options.seconds
        )
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            bench = Bench(options, folder, elsewhere)
            for _ in range(options.rounds):
                for kind, url in urls.items():
                    for trial in [*before, *trials]:
                        report.crowds += bench.reads(kind, url, trial)
                report.lines += bench.lines(server, now)
                report.beside += [bench.beside(server, trial) for trial in [*before, now]]
                options.report.write_text(report.markdown())  # the results so far
    console.print(report.markdown(), markup=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.pool", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--books", type=int, default=20_000, help="books on PostgreSQL (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of all measurements (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3, help="duration of each measurement (%(default)s)")
    parser.add_argument("--clients", type=int, default=64, help="concurrent readers (%(default)s)")
    parser.add_argument("--searchers", type=int, default=60, help="concurrent slow searches (%(default)s)")
    parser.add_argument("--sizes", type=int, nargs="*", default=[8, 60], help="other sizes of the pool (%(default)s)")
    parser.add_argument("--before", type=Path, help="folder of another version with the same migrations")
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/pool.md)")
    return parser


@dataclass(frozen=True)
class Bench:
    """The measurements, each on its own server; the clients run in another process."""

    options: argparse.Namespace
    folder: Path
    elsewhere: ProcessPoolExecutor

    def reads(self, kind: str, url: str, trial: Trial) -> list[Crowd]:
        """The three kinds of reads, and the number of connections that they opened together."""
        before = _sessions(url)
        with self._serving(url, trial) as server:
            crowds = [
                Crowd(kind, trial.name, what, self._crowd(server, paths, self.options.clients))
                for what, paths in READS.items()
            ]
        crowds[0].opened = _sessions(url) - before
        return crowds

    def lines(self, url: str, trial: Trial) -> list[Crowd]:
        """Several numbers of concurrent clients."""
        with self._serving(url, trial) as server:
            return [
                Crowd("PostgreSQL", str(clients), BY_ID, self._crowd(server, READS[BY_ID], clients))
                for clients in CROWDS
            ]

    def beside(self, url: str, trial: Trial) -> Beside:
        """A few readers of single books, without and with many searches."""
        with self._serving(url, trial) as server:

            def read() -> list[float]:
                return read_steadily(server.base, 4, 10, self.options.seconds, min(self.options.books, DEMO))

            calm = read()
            lasts = SETTLES_WITHIN + self.options.seconds
            searches = self.elsewhere.submit(crowd, server.base, SLOW, self.options.searchers, lasts)
            sleep(SETTLES_WITHIN)
            return Beside(trial.name, calm, read(), searches.result())

    def _serving(self, url: str, trial: Trial) -> AbstractContextManager[Server]:
        return serving(
            url, self.folder, workers=WORKERS, threads=None, bcrypt_rounds=None, log_level="error",
            db_pool_size=trial.pool_size, pythonpath=trial.root,
        )  # fmt: skip

    def _crowd(self, server: Server, paths: list[str], clients: int) -> Answers:
        seconds = self.options.seconds
        self.elsewhere.submit(crowd, server.base, paths, clients, seconds / 4).result()  # warm
        return self.elsewhere.submit(crowd, server.base, paths, clients, seconds).result()


def _sessions(url: str) -> int:
    """The number of sessions that PostgreSQL has seen; those of a server are counted once it has stopped."""
    if url.startswith("sqlite"):
        return 0
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
