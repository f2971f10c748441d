"""How read times grow with the catalogue: the same reads at ten thousand books and at a million, on PostgreSQL.

Fills two databases with a synthetic catalogue, measures, and writes a report with the plans of the hot queries and the
combinations of filters, sort and search that take over 100 ms; those on SQLite, too.
Without DATABASE_URL it starts a private PostgreSQL (with fsync off, and a quarter of the memory) and removes it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.database import Database
from app.settings import Settings
from bench.catalogue import Catalogue, Size
from bench.combinations import MOST_MILLISECONDS, Findings, measured
from bench.copying import copied
from bench.filling import fill, require_as_written
from bench.http import http_reads
from bench.measuring import Times, measure, p95
from bench.plans import Plan, plans_of
from bench.reads import Read, Reads
from bench.report import HELD, PROMISES, Report, with_section
from bench.server import benchmark_server, described, prewarm
from devtools.databases import migrate, settings_for

BOOKS_TO_AUTHORS = 0.3
WARM = "Both databases had been read into PostgreSQL's memory."
NOT_WARM = "PostgreSQL has no pg_prewarm here: what is read first comes from the system's memory, or the disk."
REPORT = Path(__file__).with_suffix(".md")
console = Console()


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    sizes = [Size(count, max(int(count * BOOKS_TO_AUTHORS), 1)) for count in (options.small, options.books)]
    url = _given_server()
    if options.keep and not url:
        _parser().error("--keep needs DATABASE_URL: a server that outlives the benchmark")
    with benchmark_server(url) as server, Progress(console=console) as progress:
        databases, filled = [], []
        try:
            for size in sizes:
                databases.append(_filled(server, size, options, progress))
                filled.append(f"{size.books:,} books and {size.authors:,} authors {_note(server, size, options.seed)}")
            findings = _combinations(server, databases[-1], sizes[-1], options, progress)
            if options.combinations_only:
                options.report.write_text(with_section(options.report.read_text(), findings))
                _print_slow(findings)
                return
            report = _measured(databases, sizes, options, "; ".join(filled), described(server, own=not url), progress)
        finally:
            for database in databases:
                database.engine.dispose()
            if not options.keep:
                _drop(server, [_name(size, options.seed) for size in sizes])
    options.report.write_text(replace(report, findings=findings).markdown())
    _print(report)
    _print_slow(findings)


def _given_server() -> str | None:
    """The server that the environment names: not `.env`, since databases are created on it and dropped."""
    settings = Settings(_env_file=None)
    return settings.database_url if "database_url" in settings.model_fields_set else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--books", type=int, default=1_000_000, help="books in the large catalogue (%(default)s)")
    parser.add_argument("--small", type=int, default=10_000, help="books in the small one (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of measuring (%(default)s)")
    parser.add_argument("--calls", type=int, default=40, help="calls of each kind in a round (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the catalogue (%(default)s)")
    parser.add_argument(
        "--processes",
        type=int,
        default=2,
        help="processes that fill the databases and measure combinations (%(default)s)",
    )
    parser.add_argument("--every", type=int, default=1, help="measure one in N combinations of filters (%(default)s)")
    parser.add_argument(
        "--combinations-only", action="store_true", help="measure only these, and keep the rest of the report"
    )
    parser.add_argument("--sqlite", type=Path, help="file that keeps the SQLite catalogue for later runs")
    parser.add_argument("--keep", action="store_true", help="keep the databases for later runs")
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/growth.md)")
    return parser


def _filled(server: str, size: Size, options: argparse.Namespace, progress: Progress) -> Database:
    """A database with that many books; a kept one is reused."""
    name = _name(size, options.seed)
    url = server.rpartition("/")[0] + f"/{name}"
    database = Database.of(settings_for(url, db_statement_timeout=0))  # slow statements are measured, not cancelled
    with psycopg.connect(server, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return database
        _drop(server, [name])  # left by an interrupted run
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"{name}_unfinished")))
    unfinished = Database.of(settings_for(f"{url}_unfinished"))
    migrate(unfinished.engine)
    unfinished.engine.dispose()
    started = monotonic()
    fill(f"{url}_unfinished", size, options.seed, progress, options.processes)
    with psycopg.connect(server, autocommit=True) as connection:
        note = sql.SQL("COMMENT ON DATABASE {} IS {}")
        seconds = f"in {monotonic() - started:.0f} s, with {options.processes} processes"
        connection.execute(note.format(sql.Identifier(f"{name}_unfinished"), sql.Literal(seconds)))
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(f"{name}_unfinished"), sql.Identifier(name)))
    require_as_written(database, list(range(1, size.books, max(size.books // 100, 1))))
    return database


def _combinations(
    server: str, database: Database, size: Size, options: argparse.Namespace, progress: Progress
) -> list[Findings]:
    """The slow combinations, on PostgreSQL and on SQLite."""
    with TemporaryDirectory() as folder:
        path = options.sqlite or Path(folder) / "books.db"
        on_sqlite = copied(f"{server.rpartition('/')[0]}/{_name(size, options.seed)}", path, progress)
        try:
            return [measured(one, options.every, options.processes, progress) for one in (database, on_sqlite)]
        finally:
            on_sqlite.engine.dispose()


def _note(server: str, size: Size, seed: int) -> str:
    """How long it took to fill a database; stored in it."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with psycopg.connect(server) as connection:
        found = connection.execute(query, (_name(size, seed),)).fetchone()
    return str(found[0]) if found else ""


def _name(size: Size, seed: int) -> str:
    return f"books_growth_{size.books}_{seed}"


def _drop(server: str, names: list[str]) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            for name_or_part in (name, f"{name}_unfinished"):
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name_or_part))
                )


def _measured(  # noqa: PLR0913, PLR0917  (what a report is made of)
    databases: list[Database],
    sizes: list[Size],
    options: argparse.Namespace,
    filled: str,
    machine: str,
    progress: Progress,
) -> Report:
    """Measure everything, and examine the plans."""
    small, large = databases
    warm = [prewarm(database) for database in databases]
    machine = f"{machine} {WARM if all(warm) else NOT_WARM}"
    pairs = [(database, Catalogue(size, options.seed)) for database, size in zip(databases, sizes, strict=True)]
    reads = [Reads(*pair).all() for pair in pairs]
    times = measure((small, large), (reads[0], reads[1]), options.rounds, options.calls, progress)
    web = [http_reads(*pair) for pair in pairs]
    over_http = measure((small, large), (web[0], web[1]), options.rounds, options.calls, progress)
    return Report(
        sizes[0], sizes[1], "make bench-growth", machine, filled, options.rounds, options.calls, times, over_http,
        _plans(large, reads[1], progress), [],
    )  # fmt: skip


def _plans(database: Database, reads: list[Read], progress: Progress) -> dict[str, list[Plan]]:
    hot = [read for read in reads if read.promise != "other" and read.calls]
    return {read.name: plans_of(database, read.calls[0]) for read in progress.track(hot, description="plans")}


def _print(report: Report) -> None:
    table = Table("read", "p50", "p95", "p50", "p95", "growth", "promised", "held", title="milliseconds")
    for times in (*report.times, *report.over_http):
        table.add_row(*_cells(times))
    console.print(table)


def _print_slow(findings: list[Findings]) -> None:
    for one in findings:
        console.print(f"{one.name}: {len(one.slow)} of {len(one.milliseconds)} over {MOST_MILLISECONDS} ms")
        for milliseconds, query in one.slow:
            console.print(f"  {milliseconds:.0f} ms {query}")


def _cells(times: Times) -> list[str]:
    numbers = [median(times.small), p95(times.small), median(times.large), p95(times.large), times.growth]
    return [times.read.name, *(f"{number:.2f}" for number in numbers), PROMISES[times.read.promise], HELD[times.kept]]


if __name__ == "__main__":
    main()
