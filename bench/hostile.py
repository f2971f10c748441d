"""How long other clients wait while hostile connections are held, straight and behind nginx.

1,000 connections of each kind are opened and held from one address, kind by kind and all together, while a client of
another address requests `/healthz` and a book: in the first two seconds, and later. Takes ten minutes, and writes a
report. Needs nginx.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import sleep
from typing import TYPE_CHECKING

import httpx
from rich.console import Console

from app.database import Database
from bench.server import benchmark_server, described
from devtools.databases import settings_for
from devtools.hostile import KINDS, held, times_elsewhere, times_within
from devtools.nginx import proxying
from devtools.serving import migrated, serving
from scripts.load_demo import load

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT = Path(__file__).with_suffix(".md")
WORKERS = 2
PATHS = ("/healthz", "/books/1")
MEMBER = {"username": "mallory", "password": "correct horse battery"}
FIRST = 2.0
"""Seconds from the first hostile connection on."""
PATIENCE = 30.0
"""Seconds after which a client gives up."""
MOST = 1_000
"""Milliseconds: 95 of 100 responses must come sooner."""
console = Console()


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.hostile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=1_000, help="hostile connections of each kind (%(default)s)")
    parser.add_argument("--requests", type=int, default=40, help="requests to each path meanwhile (%(default)s)")
    parser.add_argument(
        "--settles", type=float, default=2, help="seconds between opening connections and measuring (%(default)s)"
    )
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/hostile.md)")
    options = parser.parse_args(arguments)
    with benchmark_server(None) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [
            row
            for kind, url in (("SQLite", f"sqlite:///{folder}/books.db"), ("PostgreSQL", server))
            for row in _measured(kind, url, folder, options)
        ]
        lines = [
            "# Hostile connections",
            "",
            f"Milliseconds that a client of another address waits for {' and '.join(f'`{path}`' for path in PATHS)},",
            f"on a new connection each time, while {options.connections:,} connections of a kind are held from one",
            f"address: the median and the 95th percentile of {options.requests} requests, {options.settles:g} s after",
            f"they were opened, and the 95th percentile of all in the first {FIRST:g} s, while they are opened.",
            f"Written by `make bench-hostile`. At most {MOST:,} ms at the 95th percentile are wanted.",
            "",
            f"- **Machine**: {described(server, own=True)} {WORKERS} workers.",
            "",
            "| database | reached | held | " + " | ".join(f"{path} | p95 | first" for path in PATHS) + " | kept |",
            "| --- | --- | --- |" + " ---: | ---: | ---: |" * len(PATHS) + " --- |",
            *rows,
        ]
    options.report.write_text("\n".join(lines) + "\n")
    console.print("\n".join(lines), markup=False)


def _measured(database: str, url: str, folder: Path, options: argparse.Namespace) -> Iterator[str]:
    loaded = Database.of(settings_for(migrated(url)))
    load(loaded)
    loaded.engine.dispose()
    number: int = options.connections
    trials: dict[str, dict[str, int]] = {
        "nothing": {},
        **{kind: {kind: number} for kind in KINDS},
        "all of these": dict.fromkeys(KINDS, number),
    }
    with (
        serving(url, folder, workers=WORKERS, threads=None, trusted_proxies="127.0.0.1", log_level="error") as server,
        tempfile.TemporaryDirectory() as files,
        proxying(server.base, Path(files)) as proxy,
    ):
        token = _token(server.base)
        for reached, base in (("straight", server.base), ("by nginx", proxy)):
            for name, kinds in trials.items():
                with held(base, kinds, token, opens_meanwhile=True):
                    first = times_within(base, PATHS, min(FIRST, options.settles), PATIENCE)
                    sleep(options.settles)
                    times = [times_elsewhere(base, path, options.requests, PATIENCE) for path in PATHS]
                yield _row([database, reached, name], times, first)


def _token(base: str) -> str:
    """The access token of a new member."""
    with httpx.Client(base_url=base, trust_env=False) as client:
        client.post("/register", json=MEMBER).raise_for_status()
        return str(client.post("/auth/login", json=MEMBER).raise_for_status().json()["access_token"])


def _row(names: list[str], times: list[list[float]], first: list[list[float]]) -> str:
    cells, kept = [*names], True
    for later, at_first in zip(times, first, strict=True):
        late, early = (quantiles(some, n=20, method="inclusive")[-1] * 1000 for some in (later, at_first))
        kept = kept and max(late, early) < MOST
        cells += [f"{median(later) * 1000:.0f}", f"{late:.0f}", f"{early:.0f}"]
    return f"| {' | '.join(cells)} | {'yes' if kept else 'no'} |"


if __name__ == "__main__":
    main()
