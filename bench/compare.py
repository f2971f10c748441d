"""The service beside its peers and beside the limits: requests per second, latency, processor time and memory.

Fills PostgreSQL with a synthetic catalogue, checks that all services give the same answers, and then measures them in
turn, in several rounds. Writes a table to bench/results/, and a chart beside it. With 100,000 books it takes an hour.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from app.database import Database
from bench import compare_install as installing
from bench.catalogue import Catalogue, Size
from bench.compare_answers import DifferentAnswersError, answers_of, require_same
from bench.compare_chart import chart
from bench.compare_machine import described_machine, versions
from bench.compare_measuring import DatabaseClock, Wrk, copied, count_books
from bench.compare_options import parser_of
from bench.compare_pgbench import Pgbench, Scripts
from bench.compare_report import OURS, PGBENCH, Report
from bench.compare_rows import CREATE, CREATES_A_SECOND, HELLO, READS, Requests, walk
from bench.compare_services import PEERS, Service, running
from bench.filling import fill
from bench.server import benchmark_server, prewarm
from devtools.databases import settings_for
from devtools.serving import migrated

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from bench.compare_answers import Answers
    from bench.compare_rows import Place
    from bench.compare_services import Running

AUTHORS_OF = 0.3
"""Authors per book."""
COPIED_UP_TO = 1_000_000
"""Books up to which each service gets a new copy in each round, for its creates. Beyond, only reads are measured."""
WARM_UP = 0.2
"""Of the duration of a measurement; one second at least."""
RESULTS = Path(__file__).with_name("results")
console = Console(stderr=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    options = parser_of(__doc__).parse_args(arguments)
    try:
        tools = installing.wrk(), installing.pgbench()
        peers, left_out = installed(options.peers)
    except installing.MissingToolError as error:
        sys.exit(f"bench.compare: {error}")
    path = options.report or RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{options.books}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    with benchmark_server(None) as server, tempfile.TemporaryDirectory() as name:
        catalogue = f"{server.rpartition('/')[0]}/catalogue"
        size = Size(options.books, max(2, int(options.books * AUTHORS_OF)))
        with Progress(console=console) as progress:
            fill(migrated(catalogue), size, options.seed, progress, options.processes)
        report = Report(
            described_machine(server),
            versions(),
            *(options.books, options.connections, options.seconds),
            {OURS: "**ours**"} | {peer.key: peer.name for peer in peers} | {PGBENCH: "pgbench, our SQL"},
            left_out,
        )
        clock = DatabaseClock(server)
        wrk = Wrk(tools[0], options.connections, clock)
        pgbench = Pgbench(tools[1], Scripts.of(catalogue, size), clock)
        places = _places(catalogue, Path(name))
        requests = Requests(Catalogue(size, options.seed), places)
        comparison = Comparison(options, catalogue, Path(name), wrk, pgbench, requests, report, peers)
        try:
            comparison.require_same_answers()
        except DifferentAnswersError as error:
            sys.exit(f"bench.compare: {error}")
        for turn in range(options.rounds):
            comparison.round(turn)
            path.write_text(report.markdown())  # the results so far
            path.with_suffix(".svg").write_text(chart(report))
    print(report.markdown())  # noqa: T201  (the report, apart from the progress)


def installed(wanted: list[str]) -> tuple[list[Service], dict[str, str]]:
    """The peers, installed; and by name those that are not wanted.

    Raises:
        MissingToolError: one cannot be installed.
    """
    peers, left_out = [], {}
    for peer in PEERS:
        if wanted and peer.key not in wanted:
            left_out[peer.name] = "PEERS does not name it."
            continue
        try:
            peer.install()
        except installing.MissingToolError as error:
            others = ",".join(other.key for other in PEERS if other.install is not peer.install)
            msg = f"{peer.name} cannot be installed: {error}\nTo run without it: make bench PEERS={others}"
            raise installing.MissingToolError(msg) from None
        peers.append(peer)
    return peers, left_out


@dataclass(frozen=True)
class Comparison:
    """The services, the requests that they get, and what was measured."""

    options: argparse.Namespace
    catalogue: str
    folder: Path
    wrk: Wrk
    pgbench: Pgbench
    requests: Requests
    report: Report
    peers: list[Service]

    @property
    def creates(self) -> bool:
        """Whether creates are measured."""
        return bool(self.options.books <= COPIED_UP_TO)

    def require_same_answers(self) -> None:
        """Check that all peers answer as our service does, before anything is measured.

        Raises:
            DifferentAnswersError: one does not.
        """
        ours = self._answers(None)
        for peer in self.peers:
            if not peer.says_hello:
                require_same(peer.name, self._answers(peer), ours)

    def round(self, turn: int) -> None:
        """Measure all services in turn. Each round begins with another one, so that none always follows the same."""
        everyone: list[Service | str | None] = [None, *self.peers, PGBENCH]
        for one in everyone[turn % len(everyone) :] + everyone[: turn % len(everyone)]:
            if isinstance(one, str):
                self._limit()
            elif one is not None and one.says_hello:
                self._hello(one)
            else:
                self._service(one, f"round {turn}")

    @contextmanager
    def _database(self, *, is_peer: bool) -> Iterator[str]:
        """The URL of a copy of the catalogue; of the catalogue itself if only reads are measured."""
        if not self.creates:
            yield self.catalogue
            return
        with copied(self.catalogue, is_peer=is_peer) as url:
            database = Database.of(settings_for(url))
            prewarm(database)
            database.engine.dispose()
            yield url

    def _answers(self, peer: Service | None) -> Answers:
        console.print(f"answers of {peer.name if peer else 'our service'}")
        with self._database(is_peer=peer is not None) as url, running(peer, url, self.folder) as service:
            return answers_of(service, self.requests, is_peer=peer is not None, creates=self.creates)

    def _service(self, peer: Service | None, seed: str) -> None:
        """All rows on a service, on its own copy of the database."""
        key = peer.key if peer else OURS
        console.print(f"{seed}: {key}")
        seconds, file = self.options.seconds, self.folder / "requests"
        with self._database(is_peer=peer is not None) as url, running(peer, url, self.folder) as service:
            for row in READS:
                file.write_text("\n".join(self.requests.of(row, seed, is_peer=peer is not None)))
                self.wrk.measure(service, file, seconds * WARM_UP)
                self.report.add(row.key, key, self.wrk.measure(service, file, seconds))
            if self.creates:
                self._create(key, service, url, seed)
            self.report.memory.setdefault(key, []).append(service.megabytes())

    def _create(self, key: str, service: Running, url: str, seed: str) -> None:
        """Create books, and check that they exist.

        Raises:
            RuntimeError: there are fewer new books than responses.
        """
        file, start = self.folder / "requests", 0
        for part, seconds in (("warm", self.options.seconds * WARM_UP), ("measured", self.options.seconds)):
            count = int(max(1.0, seconds) * CREATES_A_SECOND)
            file.write_text("\n".join(self.requests.creates(f"{seed} {part}", count, start)))
            start += count
            before = count_books(url)
            measured = self.wrk.measure(service, file, seconds, "/books")
            created = count_books(url) - before
            acknowledged = int(measured.rate * max(1, round(seconds))) - measured.errors
            if created < 0.9 * acknowledged:
                msg = f"{key}: {acknowledged} creates were acknowledged, and {created} books were added"
                raise RuntimeError(msg)
        self.report.add(CREATE.key, key, measured)

    def _hello(self, peer: Service) -> None:
        console.print(peer.key)
        file = self.folder / "requests"
        file.write_text("/\n")
        with running(peer, self.catalogue, self.folder) as service:
            self.wrk.measure(service, file, self.options.seconds * WARM_UP)
            self.report.add(HELLO, peer.key, self.wrk.measure(service, file, self.options.seconds))
            self.report.memory.setdefault(peer.key, []).append(service.megabytes())

    def _limit(self) -> None:
        console.print(PGBENCH)
        with self._database(is_peer=False) as url:
            for row in self.pgbench.scripts.by_row:
                if row != CREATE.key or self.creates:
                    measured = self.pgbench.measure(row, url, self.folder, self.options.seconds)
                    self.report.add(row, PGBENCH, measured)


def _places(catalogue: str, folder: Path) -> list[Place]:
    """Where pages begin, with the cursors of our service."""
    with running(None, catalogue, folder) as service:
        return walk(service.base)


if __name__ == "__main__":
    main()
