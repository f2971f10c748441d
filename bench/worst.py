"""What the worst single requests cost the host: the CPU time of `run.py`, with all limits but those on their number.

An anonymous client's request should cost at most 50 ms, a member's at most 500 ms. Takes half a minute, and writes a
report. The cost of hashing a password is not included: it is a setting (BCRYPT_ROUNDS), and has a queue of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
from rich.console import Console

from app.database import Database
from app.schemas.base import SmallBody
from bench.server import benchmark_server, described
from devtools.databases import settings_for
from devtools.serving import migrated, serving
from scripts.load_demo import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.serving import Server

REPORT = Path(__file__).with_suffix(".md")
MOST = {"anonymous": 50, "member": 500}
"""Milliseconds of CPU that one request may cost, by who sends it."""
MEMBER = {"username": "alice", "password": "correct horse battery"}
SMALL, WHOLE = SmallBody.at_most, 1024 * 1024
"""The most bytes that a body of credentials and any other may have."""
LONGEST_SHOWN = 40
PAIR = "\u0301\u0323"
"""Combining marks in the order that takes longest to sort (Unicode, section 3.11, canonical ordering)."""
MARKS = "a" + PAIR * 4_990
TICKS = os.sysconf("SC_CLK_TCK")
console = Console()


@dataclass(frozen=True)
class Attack:
    """One request."""

    name: str
    sender: str
    method: str
    path: str
    body: bytes = b""


def attacks() -> Iterator[Attack]:
    """The worst requests that are known."""
    for path in ("/auth/login", "/register", "/auth/refresh", "/auth/password-reset"):
        yield Attack("unknown fields", "anonymous", "POST", path, _unknown(SMALL))
        yield Attack("a body that is too large", "anonymous", "POST", path, _unknown(WHOLE))
    for path in ("/auth/login", "/register"):
        yield Attack("a name of marks", "anonymous", "POST", path, _json(username=MARKS[:4_000], password="x" * 20))
        yield Attack("a long name", "anonymous", "POST", path, _json(username="ﷺ" * 2_600, password="x" * 20))
    yield Attack("nested arrays", "anonymous", "POST", "/auth/login", b"[" * SMALL)
    for name in ("q", "genre", "publisher", "series", "language", "cursor", "fields", "sort"):
        yield Attack("a query of marks", "anonymous", "GET", f"/books?{name}=a{quote(PAIR * 2_490)}")
        yield Attack("a long query", "anonymous", "GET", f"/books?{name}={quote('ﷺ ' * 6_000)[:60_000]}")
    yield Attack("an author's name of marks", "anonymous", "GET", f"/authors?q=a{quote(PAIR * 2_490)}")
    yield Attack("many genres", "anonymous", "GET", "/books?" + "&".join(f"genre={n}" for n in range(5_000)))
    yield Attack("many parameters", "anonymous", "GET", "/books?" + "&".join(f"p{n}=1" for n in range(8_000)))
    yield Attack("a long ISBN", "anonymous", "GET", "/books/isbn/" + "9" * 60_000)
    yield Attack("unknown fields", "member", "POST", "/books", _unknown(WHOLE))
    for kind, name, wrong in (
        ("wrong genres", "genres", 1),
        ("blank genres", "genres", ""),
        ("wrong contributors", "contributors", {}),
    ):
        body = _json(title="x", author_id=1, **{name: [wrong] * ((WHOLE - 100) // len(_json(x=wrong)) * 2)})[:WHOLE]
        yield Attack(kind, "member", "POST", "/books", body.rpartition(b",")[0] + b"]}")
    for fields in (30, 60):
        wrongs = [{f"unknown {n}": 1 for n in range(fields)}] * 1_000
        yield Attack(f"{fields} wrong fields in each", "member", "POST", "/books/batch", _json(books=wrongs))
        yield Attack(
            f"{fields} wrong fields, atomic", "member", "POST", "/books/batch?atomic=true", _json(books=wrongs)
        )
    yield Attack("a title of marks", "member", "POST", "/books", _json(title=MARKS, author_id=1))
    yield Attack("a description of marks", "member", "POST", "/books", _json(title="x", author_id=1, description=MARKS))
    yield Attack("a genre of marks", "member", "POST", "/books", _json(title="x", author_id=1, genres=[MARKS]))
    shared = [f"shared {n}" for n in range(85)]
    alike = [{"title": f"Book {n}", "author_id": 1, "genres": shared} for n in range(90)]
    yield Attack("many genres in each", "member", "POST", "/books/batch", _json(books=alike))
    many = [{"title": f"The river of the garden {n}", "author_id": 1 + n % 5} for n in range(1_000)]
    yield Attack("a thousand books", "member", "POST", "/books/batch", _json(books=many))
    yield Attack("random words", "member", "POST", "/books/batch", _json(books=list(_random_books(90))))


def _random_books(number: int) -> Iterator[dict[str, object]]:
    """Books of words that no other book has."""

    def letters() -> str:
        return os.urandom(20).hex().translate(str.maketrans("0123456789", "ghijklmnop"))

    for _ in range(number):
        yield {
            "title": f"{letters()} {letters()}",
            "author_id": 1,
            "genres": [letters() + letters() for _ in range(85)],
        }


def _unknown(size: int) -> bytes:
    fields = ",".join(f'"{n}":1' for n in range(200_000))
    return ("{" + fields[: size - 2].rpartition(",")[0] + "}").encode()


def _json(**body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


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
    database.engine.dispose()
    lines = ["", f"## {kind}", "", "| request | sender | status | kB in | kB out | ms | kept |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | --- |")
    with serving(url, folder, log_level="error") as server, httpx.Client(base_url=server.base, timeout=60) as client:
        client.post("/register", json=MEMBER).raise_for_status()
        token = client.post("/auth/login", json=MEMBER).raise_for_status().json()["access_token"]
        costs: dict[Attack, list[float]] = {}
        sizes: dict[Attack, tuple[int, int, int]] = {}
        for _ in range(rounds):
            for attack in attacks():
                key = Attack(attack.name, attack.sender, attack.method, attack.path)
                headers = {"Content-Type": "application/json"}
                if attack.sender == "member":
                    headers["Authorization"] = f"Bearer {token}"
                before = _cpu(server)
                reply = client.request(attack.method, attack.path, content=attack.body or None, headers=headers)
                costs.setdefault(key, []).append(_cpu(server) - before)
                sizes[key] = len(attack.body), reply.status_code, len(reply.content)
    return [*lines, *(_row(attack, times, *sizes[attack]) for attack, times in costs.items())]


def _row(attack: Attack, times: list[float], size: int, status: int, answer: int) -> str:
    path = attack.path if len(attack.path) < LONGEST_SHOWN else attack.path[: LONGEST_SHOWN - 1] + "…"
    most, took = MOST[attack.sender], median(times)
    kept = "yes" if took <= most else "no"
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
