"""What the worst single requests cost the host: the CPU time of `run.py`, with all limits but those on their number.

An anonymous client's request should cost at most 50 ms, a member's at most 500 ms; files to import and exports, which
may be of any size, cost so many milliseconds a megabyte. Takes ten minutes, and writes a report. The cost of hashing a
password is not included: it is a setting (BCRYPT_ROUNDS), and has a queue of its own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
from rich.console import Console
from sqlalchemy import update

from app.database import Database
from app.models import User
from app.security.roles import ADMIN
from bench.server import benchmark_server, described
from bench.worst_requests import NEWEST_BATCH, Attack, attacks
from devtools.databases import settings_for
from devtools.serving import migrated, serving
from scripts.load_demo import load

if TYPE_CHECKING:
    from devtools.serving import Server

REPORT = Path(__file__).with_suffix(".md")
MOST = {"anonymous": 50, "member": 500, "admin": 500}
"""Milliseconds of CPU that one request may cost, by who sends it."""
LONGEST_SHOWN = 40
TICKS = os.sysconf("SC_CLK_TCK")
console = Console()


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.worst", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds of all requests (%(default)s)")
    parser.add_argument("--report", type=Path, default=REPORT, help="file for the report (bench/worst.md)")
    options = parser.parse_args(arguments)
    with benchmark_server(None) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = [
            _measured(kind, url, folder, options.rounds)
            for kind, url in (("SQLite", f"sqlite:///{folder}/books.db"), ("PostgreSQL", server))
        ]
        lines = [
            "# The worst requests",
            "",
            "What one request costs the host, as CPU time of the service in milliseconds (on PostgreSQL without the",
            f"server's own). Written by `make bench-worst`: medians of {options.rounds} rounds. The most that one may",
            "cost: " + ", ".join(f"{most} ms from {sender} clients" for sender, most in MOST.items()) + ".",
            "",
            f"- **Machine**: {described(server, own=True)}",
            *(line for table in tables for line in table),
        ]
    options.report.write_text("\n".join(lines) + "\n")
    console.print("\n".join(lines), markup=False)


def _measured(kind: str, url: str, folder: Path, rounds: int) -> list[str]:
    database = Database.of(settings_for(migrated(url)))
    load(database)
    lines = ["", f"## {kind}", "", "| request | sender | status | kB in | kB out | ms | kept |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | --- |")
    with serving(url, folder, log_level="error") as server, httpx.Client(base_url=server.base, timeout=600) as client:
        tokens = _tokens(client, database)
        costs: dict[Attack, list[float]] = {}
        sizes: dict[Attack, tuple[int, int, int]] = {}
        for _ in range(rounds):
            for attack in attacks():
                key = replace(attack, body=b"")
                headers = {"Content-Type": "application/json"} | tokens.get(attack.sender, {})
                path = attack.path
                if path == NEWEST_BATCH:
                    path = path.format(newest=client.get("/batches?limit=1").json()[0]["id"])
                before = _cpu(server)
                reply = client.request(attack.method, path, content=attack.body or None, headers=headers)
                costs.setdefault(key, []).append(_cpu(server) - before)
                sizes[key] = len(attack.body), reply.status_code, len(reply.content)
    database.engine.dispose()
    return [*lines, *(_row(attack, times, *sizes[attack]) for attack, times in costs.items())]


def _tokens(client: httpx.Client, database: Database) -> dict[str, dict[str, str]]:
    """The headers of a member and of an admin, who are new."""
    headers = {}
    for sender in ("member", "admin"):
        credentials = {"username": sender, "password": "correct horse battery"}
        user = client.post("/register", json=credentials).raise_for_status().json()
        token = client.post("/auth/login", json=credentials).raise_for_status().json()["access_token"]
        headers[sender] = {"Authorization": f"Bearer {token}"}
    with database.transaction() as db:
        db.execute(update(User).where(User.id == user["id"]).values(role=ADMIN))
    return headers


def _row(attack: Attack, times: list[float], size: int, status: int, answer: int) -> str:
    path = attack.path if len(attack.path) < LONGEST_SHOWN else attack.path[: LONGEST_SHOWN - 1] + "…"
    most, took = MOST[attack.sender], median(times)
    kept = "yes" if took <= most else "no"
    if attack.is_file:  # the same file again creates nothing, and costs less
        took = max(times)
        kept = f"{took * 1_000_000 / max(size, answer):,.0f} ms a MB"
    return (
        f"| {attack.name}: `{attack.method} {path}` | {attack.sender} | {status} | {size / 1000:.0f} "
        f"| {answer / 1000:.0f} | {took:.0f} | {kept} |"
    )


def _cpu(server: Server) -> float:
    """Milliseconds of CPU time that the processes of a server have used."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # the process has just exited
        if int(fields[2]) == server.process.pid:
            total += int(fields[11]) + int(fields[12])
    return total * 1000 / TICKS


if __name__ == "__main__":
    main()
